/** Where the directive is one, and where what looks like it is told. */
import { durableFiles } from "@perdure/plugins/internal/core/files";
import { transform } from "@perdure/transformer";
import { expect, test } from "vitest";

const of = (text: string) => transform(text, { fileName: "/app/flow.ts", root: "/app" });
const main = 'export async function main() { await f(); }\nimport { f } from "./f";\n';

test.each([
  `"use durable";\n${main}`,
  `'use durable'\n${main}`,
  `#!/usr/bin/env node\n"use durable";\n${main}`,
  `"use client"; "use durable";\n${main}`,
  `// of the shop\n/* this file */ "use durable";\n${main}`,
  'import { f } from "./f";\nexport async function main() { "use strict"; "use durable"; await f(); }',
])("%j is durable", (text) => {
  const { code, diagnostics } = of(text);
  expect(diagnostics).toEqual([]);
  expect(code).toContain("$m.machine");
});

test.each([
  [`import { f } from "./f";\n"use durable";\n`, "a statement stands before it"],
  [`"use durable;"\n`.replace(";", " "), "it is written in another way"],
  [`"use-durable";\n${main}`, "it is written in another way"],
  [`"Use Durable";\n${main}`, "it is written in another way"],
  [`\`use durable\`;\n${main}`, "it is written in another way"],
  [`export async function main() { await f(); "use durable"; }`, "a statement stands before it"],
  [`if (true) { "use durable"; }`, "a statement stands before it"],
])("%j makes nothing durable, and that is told", (text, why) => {
  const { code, diagnostics } = of(text);
  expect(code).toBe(null);
  expect(diagnostics).toMatchObject([{ code: "PD1013", severity: "error", message: expect.stringContaining(why) }]);
});

test.each([
  'export const hint = `put "use durable" at the top`;',
  "// use durable functions here\nexport {};",
  'f("use durable");\nimport { f } from "./f";',
  `"use durable, please";\n${main}`,
])("%j says nothing of the kind", (text) => {
  expect(of(text)).toMatchObject({ code: null, diagnostics: [] });
});

test("builds look at files that misspell it, and pass on those that only speak of it", () => {
  const { concerns } = durableFiles(undefined, "/app");
  for (const text of ['"use durable";', "'use-durable'", "`use durable`;", '" Use  Durable ";'])
    expect(concerns("/app/flow.ts", text), text).toBe(true);
  for (const text of ["// use durable functions", '"to use durable code"', "", "useDurable();"])
    expect(concerns("/app/flow.ts", text), text).toBe(false);
});
