import { expect } from "vitest";
import { type Product, product } from "../../product.ts";
import { Preempted, type Subject } from "./preempted.ts";

export type Programs = typeof import("../../../fixtures/preemption/programs.ts");
type Name = Exclude<keyof Programs, "leg" | "money">;
export const NAMES: readonly Name[] = [
  ...(["steps", "timers", "approval", "parallel"] as const),
  ...(["race", "cleanup", "family", "connected"] as const),
];

/** The programs, compiled; the runtime is the test's own. */
export const compiled = (): Promise<Product<Programs>> =>
  product<Programs>("preemption", "programs", ["perdure", "perdure/*"]);

/** Of all cases of the subject, or of those with that interruption, every `every`th: the first `most` findings. Of one cause there may be hundreds. */
export async function findings(subject: Subject, every: number, most = 3, only?: string): Promise<string[]> {
  // Its token and its timer may both be first.
  const races = subject.program.name === "race";
  const preempted = await Preempted.of({ ...subject, races });
  const found: string[] = [];
  let tried = 0;
  let n = 0;
  for (const one of preempted.cases()) {
    if ((only !== undefined && one.interruption.name !== only) || n++ % every !== 0) continue;
    const finding = await preempted.finding(one);
    if (finding !== undefined) tried++;
    if (finding) found.push(finding);
    if (found.length >= most) break;
  }
  expect(tried).toBeGreaterThan(0);
  return found;
}
