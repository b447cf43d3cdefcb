/** Each diagnostic as it is printed, in `fixtures/rejected/<code>-<slug>`. `UPDATE=1` writes what is printed now. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "@perdure/transformer";
import { messages } from "@perdure/transformer/internal/diagnostics/messages";
import { report } from "@perdure/transformer/internal/diagnostics/report";
import { createTypeSource } from "@perdure/transformer/internal/types/service";
import { expect, test } from "vitest";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/rejected");
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const source = createTypeSource();

test.each(names)("%s", (name) => {
  const fileName = join(folder, name, "input.ts");
  const text = readFileSync(fileName, "utf8");
  const { code: output, diagnostics } = transform(text, { fileName, root: folder, types: source });
  const found = [...diagnostics].sort((a, b) => a.start - b.start);
  // An error leaves nothing half compiled; a warning stops nothing.
  expect(output === null).toBe(found.some((it) => it.severity === "error"));
  const printed = found.map((it) => report(it, text, { root: join(folder, name) })).join("\n\n") + "\n";
  const expected = join(folder, name, "expected.txt");
  if (process.env["UPDATE"] || !existsSync(expected)) writeFileSync(expected, printed);
  expect(printed).toBe(readFileSync(expected, "utf8"));
  const code = name.slice(0, 6);
  expect(new Set(found.map((it) => it.code)), "nothing else is wrong with it").toEqual(new Set([code]));
  expect(name).toBe(`${code}-${messages[code as keyof typeof messages].slug}`);
  // A place is inside the file, and its text is what the position says.
  for (const { start, end, line, column } of found) {
    expect(end).toBeGreaterThanOrEqual(start);
    const lines = text.slice(0, start).split("\n");
    expect([line, column]).toEqual([lines.length, lines.at(-1)!.length + 1]);
  }
});

test("every code of the compiler has a fixture", () => {
  const missing = Object.keys(messages).filter((code) => !names.some((name) => name.startsWith(code)));
  expect(missing).toEqual([]);
});
