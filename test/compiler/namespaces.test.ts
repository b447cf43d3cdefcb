/** Which modules a durable file names as a whole, so that their classes are known. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { transform } from "@perdure/transformer";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.ts";

function linesOf(imports: string, fileName = "/app/src/orders/pay.ts"): readonly string[] {
  const names = [...imports.matchAll(/\b[a-z]\w*(?=[ ,}])/gi)].map(([name]) => name);
  const used = names.filter((name) => !["import", "type", "from", "as", "with"].includes(name));
  const source = `"use durable";\n${imports}\nexport async function main() { await 1; return [${used.join(", ")}]; }`;
  const { code, diagnostics } = transform(source, { fileName, root: "/app" });
  expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  return code!.split("\n").filter((line) => /^import \* as (?!\$)|\$m\.exports/.test(line));
}

describe("own modules", () => {
  it("are imported as a whole beside what the file imports, after its imports", () => {
    expect(linesOf('import first from "./a.ts";\nimport { second } from "../cards/index.js";')).toEqual([
      'import * as a$ from "./a.ts";',
      'import * as cards$ from "../cards/index.js";',
      '$m.exports({ "src/orders/a.ts": () => a$, "src/cards/index.js": () => cards$ });',
    ]);
    const { code } = transform(
      '"use durable";\nimport "./first.ts";\nimport { b } from "./second.ts";\nexport async function f() { await b(); }',
      { fileName: "/app/x.ts", root: "/app" },
    );
    expect(code!.indexOf("first.ts")).toBeLessThan(code!.indexOf("* as second$"));
  });

  it("by an alias that no package can have, once each, under names that are free", () => {
    expect(
      linesOf('import { a } from "@/card-service";\nimport { b } from "@/card-service";\nimport { c } from "#db";'),
    ).toEqual([
      'import * as card_service$ from "@/card-service";',
      'import * as db$ from "#db";',
      '$m.exports({ "@/card-service": () => card_service$, "#db": () => db$ });',
    ]);
    expect(linesOf('import { a, a$ } from "./a.ts";')[0]).toBe('import * as a$$2 from "./a.ts";');
  });

  it("the file's own import of the whole is taken", () => {
    expect(linesOf('import * as cards from "./cards.ts";')).toEqual([
      'import * as cards from "./cards.ts";',
      '$m.exports({ "src/orders/cards.ts": () => cards });',
    ]);
  });

  it.each([
    ["packages", 'import { a } from "cards";\nimport b from "@scope/cards";'],
    ["types alone", 'import type { A } from "./a.ts";\nimport { type B } from "./b.ts";'],
    ["data", 'import data from "./data.json";\nimport more from "./more.data" with { type: "json" };'],
    ["effects alone", 'import "./a.ts";'],
  ])("not %s", (_, imports) => expect(linesOf(imports)).toEqual([]));

  it("not what the file imports and uses as a type only: a host removes that import", () => {
    const source =
      '"use durable";\nimport { Order } from "./order.ts";\nexport async function f(o: Order) { await 1; return o; }';
    expect(transform(source, { fileName: "/app/x.ts", root: "/app" }).code).not.toContain("order$");
  });
});

it("what it costs in a bundle: all that these modules export, and nothing more of packages", async () => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp", "namespaces-"));
  try {
    const files = {
      "node_modules/cards/package.json":
        '{ "name": "cards", "type": "module", "sideEffects": false, "exports": "./index.js" }',
      "node_modules/cards/index.js":
        'export const used = () => "used of the package"; export const unused = () => "unused of the package";',
      "services.ts":
        'export { used } from "cards"; export const charge = async () => "charged"; export const unused = () => "unused of the module";',
      "main.ts":
        '"use durable";\nimport { charge, used } from "./services.ts";\nexport async function main() { await charge(); return used(); }',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [join(folder, "main.ts")],
      bundle: true,
      format: "esm",
      platform: "node",
      write: false,
      external: ["perdure"],
      plugins: [perdure({ types: false })],
    });
    const text = outputFiles[0]!.text;
    for (const kept of ["charged", "used of the package", "unused of the module"]) expect(text).toContain(kept);
    expect(text).not.toContain("unused of the package");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
