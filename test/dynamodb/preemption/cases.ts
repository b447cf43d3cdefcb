import { describe, expect, test } from "vitest";
import { CALLS, type Call, type Situation } from "./calls.ts";
import { type Finding, findings } from "./preempted.ts";

/** A test for each of `calls` in each situation: preempted between any two of its requests by every call there is. */
export function preempting(situations: readonly Situation[], calls: readonly Call[]): void {
  for (const situation of situations) {
    describe(situation.name, () => {
      test.each(calls)("$name", async (first) => {
        const found: Finding[] = [];
        let tried = 0;
        for (const second of CALLS) {
          if (first.driving === "commit" && second.driving === "commit") continue;
          for await (const finding of findings(situation, first, second)) {
            tried++;
            if (finding !== null) found.push(finding);
          }
        }
        expect(found).toEqual([]);
        expect(tried).toBeGreaterThan(0);
      });
    });
  }
}
