/** Messages that were sent to the run and wait for a `receive` of their name. */
import type { Run } from "../run.ts";

/** The first message that some receive waits for, and the first of these receives. */
function firstTaken(run: Run): { readonly index: number; readonly receive: number } | undefined {
  if (run.mail.length === 0) return undefined;
  const receives = new Map<string, number>();
  for (const { operation } of run.pending.values())
    if (operation.type === "receive" && !receives.has(operation.name)) receives.set(operation.name, operation.number);
  if (receives.size === 0) return undefined;
  const index = run.mail.findIndex(([name]) => receives.has(name));
  return index < 0 ? undefined : { index, receive: receives.get(run.mail[index]![0])! };
}

export const canHandOver = (run: Run): boolean => firstTaken(run) !== undefined;

/** Settles one receive with its message. False: no message that waits is asked for. The run is at rest: every receive that is pending is one that can be observed. */
export function handOver(run: Run): boolean {
  const taken = firstTaken(run);
  if (taken === undefined) return false;
  const [[, value]] = run.mail.splice(taken.index, 1) as [(typeof run.mail)[number]];
  run.settle(taken.receive, { status: "fulfilled", value });
  return true;
}
