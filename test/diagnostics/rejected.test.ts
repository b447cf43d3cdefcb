/** Each diagnostic as it is printed, in `fixtures/rejected/<code>-<slug>`. `UPDATE=1` writes what is printed now. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@perdure/transformer/internal/1-parse/parse";
import { loadTypeScript } from "@perdure/transformer/internal/1-parse/typescript";
import { classifyCalls } from "@perdure/transformer/internal/2-analyze/calls/classify";
import { checkLegality } from "@perdure/transformer/internal/2-analyze/legality";
import { analyzeScopes } from "@perdure/transformer/internal/2-analyze/scopes";
import type { Diagnostic } from "@perdure/transformer/internal/diagnostics/diagnostic";
import { messages } from "@perdure/transformer/internal/diagnostics/messages";
import { report } from "@perdure/transformer/internal/diagnostics/report";
import { syntaxDiagnostics } from "@perdure/transformer/internal/diagnostics/syntax";
import { createTypeSource } from "@perdure/transformer/internal/types/service";
import { expect, test } from "vitest";

loadTypeScript();
const folder = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/rejected");
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const source = createTypeSource();

function diagnose(fileName: string, text: string): readonly Diagnostic[] {
  const parsed = parse(fileName, text);
  if (parsed.problems.length > 0) return syntaxDiagnostics(parsed);
  const scopes = analyzeScopes(parsed.sourceFile);
  const types = source.open(fileName, text);
  const calls = classifyCalls(parsed.sourceFile, scopes, [parsed.sourceFile], types);
  return [
    ...calls.diagnostics,
    ...checkLegality(parsed.sourceFile, scopes, [parsed.sourceFile], calls.volatile, types),
  ];
}

test.each(names)("%s", (name) => {
  const fileName = join(folder, name, "input.ts");
  const text = readFileSync(fileName, "utf8");
  const found = diagnose(fileName, text);
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

test("every code of the compiler has a fixture, but for those that only the lowering finds", () => {
  const isLowering = (code: string) => code > "PD1100" && code < "PD1120";
  const missing = Object.keys(messages).filter(
    (code) => !isLowering(code) && !names.some((name) => name.startsWith(code)),
  );
  expect(missing).toEqual([]);
});
