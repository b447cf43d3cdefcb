/** What every table must satisfy, whatever the source: checked over the sources of this repository, taken as durable. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operand } from "@perdure/transformer/internal/2-analyze/calls/classes";
import { expect, test } from "vitest";
import { classify } from "./classified.ts";

const root = join(import.meta.dirname, "../..");

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (entry.name !== "dist" && entry.name !== "node_modules" && entry.name !== "rejected")
        yield* sources(join(folder, entry.name));
    } else if (/\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts")) yield join(folder, entry.name);
  }
}

const leaves = (operands: readonly Operand[]): Operand[] =>
  operands.flatMap((operand) => (operand.kind === "leaf" ? [operand] : leaves(operand.operands)));

test("operands are disjoint, in order and inside; nothing is classified in a text that was kept", () => {
  let calls = 0;
  for (const folder of ["runtime", "transformer", "fixtures/calls"]) {
    for (const file of sources(join(root, folder))) {
      const { table } = classify(readFileSync(file, "utf8"), undefined, file);
      const nested = (outer: { pos: number; end: number }, operands: readonly Operand[]): void => {
        let at = outer.pos;
        for (const operand of operands) {
          expect(operand.node.pos, `${file}: ${operand.node.getText()}`).toBeGreaterThanOrEqual(at);
          expect(operand.node.end).toBeLessThanOrEqual(outer.end);
          at = operand.node.end;
          if (operand.kind !== "leaf") nested(operand.node, operand.operands);
        }
      };
      for (const { node } of table.explained()) {
        calls++;
        const found = table.classOf(node);
        if (found?.type === "call")
          for (const operand of [...found.args, ...(found.receiver ? [found.receiver] : [])]) nested(node, [operand]);
        if (!found || !("operands" in found)) continue;
        nested(node, found.operands);
        const own = leaves(found.operands).map((leaf) => leaf.node);
        for (const { node: inside } of table.explained()) {
          if (inside === node || inside.pos < node.pos || inside.end > node.end) continue;
          expect(
            own.some((leaf) => leaf.pos <= inside.pos && inside.end <= leaf.end),
            `${file}: ${inside.getText()}`,
          ).toBe(true);
        }
      }
    }
  }
  expect(calls).toBeGreaterThan(2_000);
});
