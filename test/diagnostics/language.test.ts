/** Each row of the support table has its fixture. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fixture, REFUSED, SUPPORTED } from "@perdure/transformer/internal/2-analyze/support";
import { messages } from "@perdure/transformer/internal/diagnostics/messages";
import { expect, test } from "vitest";

const fixtures = join(import.meta.dirname, "../../fixtures");

/** The text of a program, from its head to the brace that ends it. */
function textOf([file, program]: Fixture): string {
  const text = readFileSync(join(fixtures, file), "utf8");
  if (program === undefined) return text;
  const found = new RegExp(`^export async function ${program}\\([\\s\\S]*?^}$`, "m").exec(text);
  expect(found, `${program} in ${file}`).not.toBeNull();
  return found![0];
}

/** How what stands in code in a row looks in a program, where that is not its own text. */
const looks: Readonly<Record<string, RegExp>> = {
  "?:": /\?[^.?][^:]*:/,
  "for of": /\bfor \(.* of /,
  "for in": /\bfor \(.* in /,
  "super(…)": /\bsuper\(/,
  "import()": /\bimport\(/,
  BigInt: /\b\d+n\b/,
};

test.each(SUPPORTED)("$construct", ({ construct, fixture, also = [] }) => {
  const text = [fixture, ...also].map(textOf).join("\n");
  for (const [, span] of construct.matchAll(/`([^`]+)`/g))
    if (looks[span!]) expect(text).toMatch(looks[span!]!);
    else expect(text).toContain(span);
});

test.each(REFUSED)("$code: $construct", ({ code, fixture }) => {
  expect(existsSync(join(fixtures, "rejected", fixture, "input.ts"))).toBe(true);
  expect(readFileSync(join(fixtures, "rejected", fixture, "expected.txt"), "utf8")).toContain(`error ${code}`);
});

test("every error of the compiler is in the table", () => {
  const warnings = Object.keys(messages).filter((code) => code.startsWith("PD12"));
  expect(new Set([...REFUSED.map(({ code }) => code), ...warnings])).toEqual(new Set(Object.keys(messages)));
});
