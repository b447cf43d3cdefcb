/** Each row of the support table has its fixture. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REFUSED, SUPPORTED } from "@perdure/transformer/internal/2-analyze/support";
import { messages } from "@perdure/transformer/internal/diagnostics/messages";
import { expect, test } from "vitest";

const fixtures = join(import.meta.dirname, "../../fixtures");

test.each(SUPPORTED)("$construct", ({ fixture: [file, program] }) => {
  const text = readFileSync(join(fixtures, file), "utf8");
  if (program !== undefined) expect(text).toMatch(new RegExp(`^export async function ${program}\\(`, "m"));
});

test.each(REFUSED)("$code: $construct", ({ code, fixture }) => {
  expect(existsSync(join(fixtures, "rejected", fixture, "input.ts"))).toBe(true);
  expect(readFileSync(join(fixtures, "rejected", fixture, "expected.txt"), "utf8")).toContain(`error ${code}`);
});

test("every error of the compiler is in the table", () => {
  const warnings = Object.keys(messages).filter((code) => code.startsWith("PD12"));
  expect(new Set([...REFUSED.map(({ code }) => code), ...warnings])).toEqual(new Set(Object.keys(messages)));
});
