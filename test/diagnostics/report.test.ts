import type { Diagnostic } from "@perdure/transformer/internal/diagnostics/diagnostic";
import { report } from "@perdure/transformer/internal/diagnostics/report";
import { expect, test } from "vitest";

const at = (text: string, start: number, end: number, more: Partial<Diagnostic> = {}): Diagnostic => {
  const lines = text.slice(0, start).split(/\r\n|\n/);
  const place = { start, end, line: lines.length, column: lines.at(-1)!.length + 1 };
  return {
    code: "PD1002",
    severity: "error",
    message: "m",
    fix: "f",
    fileName: "/app/src/a.ts",
    notes: [],
    ...place,
    ...more,
  };
};

test("prints place, code frame, notes, fix and page", () => {
  const text = "const a = 1;\n\twith (a) b;\n";
  const notes = [{ message: "declared here", line: 1, column: 7 }];
  expect(report(at(text, 14, 24, { notes }), text, { root: "/app" })).toBe(
    [
      "src/a.ts:2:2 error PD1002: m",
      "    1 | const a = 1;",
      "  > 2 | \twith (a) b;",
      "      | \t^^^^^^^^^^",
      "  note: declared here (src/a.ts:1:7)",
      "  fix: f",
      "  see: node_modules/perdure/docs/errors/PD1002.md",
    ].join("\n"),
  );
});

test("underlines the first line of a place on several, at least one column, and lines up two-digit numbers", () => {
  const text = `${"\r\n".repeat(9)}f(\r\n  1)`;
  expect(
    report(at(text, 18, 26), text)
      .split("\n")
      .slice(1, 4),
  ).toEqual(["     9 |", "  > 10 | f(", "       | ^^"]);
  expect(
    report(at("", 0, 0), "", { pages: "https://example.org" })
      .split("\n")
      .slice(1),
  ).toEqual(["  > 1 |", "      | ^", "  fix: f", "  see: https://example.org/PD1002.md"]);
});
