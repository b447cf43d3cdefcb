/** `receive`: a promise of the next message of a name that is sent to the run. */
import { checkArgument, name as nameText } from "../../options/check.ts";
import type { ReceiveOperation } from "../contract.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { blocking } from "./blocking.ts";
import { notInSteps } from "./not-in-steps.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";

/**
 * The next message that is sent to this run under `name`: `engine.run(id).send(name, value)`, from any process. The value is plain JSON. Messages of a name come in the
 * order in which they were sent, each to one `receive`: to the first that waits, and what nobody waits for yet is kept for those to come.
 *
 * One that has lost a race and that nothing can observe takes no message: race `receive(…)` itself, not a function that awaits it. A run whose function has
 * settled ends although a loop beside it receives.
 *
 * Outside a run it is a plain promise, resolved through `perdure/testing`; in a step it throws PD2222. Throws PD2516 (in a run: blocks it) for a bad name.
 *
 * @example
 * for (;;) {
 *   const change = await Promise.race([receive<Change>("plan"), sleep("30 days")]);
 *   plan = change?.plan ?? plan;
 *   await bill(customer, plan);
 * }
 */
export const receive = runtimeEntry("receive", function receive<T = unknown>(name: string): Promise<T> {
  const run = currentRun();
  blocking(run, () => checkArgument("receive", "the name of the messages", name, nameText));
  if (run === undefined) {
    notInSteps("receive");
    return new NativePromise<T>((resolve) => void waiting.push([name, resolve as (value: unknown) => void]));
  }
  const { place } = here(run, "receive");
  const promise = run.newPromise();
  run.makeOperation<ReceiveOperation>((number) => ({ type: "receive", number, where: place, name }), {
    type: "promise",
    promise,
  });
  return promise as Promise<T>;
});

/** Receives outside runs: what `perdure/testing` resolves. */
const waiting: [name: string, resolve: (value: unknown) => void][] = [];

/**
 * Resolves the `receive` of this name, outside a run, that was made last: earlier ones may have lost a race, which nobody can tell there. False: none waits.
 *
 * @example
 * const done = subscription(customer);        // it awaits receive("plan")
 * expect(sendMessage("plan", { plan: "gold" })).toBe(true);
 */
export function sendVolatile(name: string, value: unknown = null): boolean {
  const index = waiting.findLastIndex(([one]) => one === name);
  if (index < 0) return false;
  const [[, resolve]] = waiting.splice(index, 1) as [(typeof waiting)[number]];
  resolve(value);
  return true;
}
