/** `start`: a child run. */

import type { CodeId } from "../../abi/index.ts";
import { anything, checkArgument, checkOptions, list } from "../../options/check.ts";
import type { ChildOperation } from "../contract.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { childRunId, whyNoRunId } from "../run-id.ts";
import { closureOf } from "../stamp.ts";
import { blocking } from "./blocking.ts";
import { hex } from "./hex.ts";
import { error } from "./messages.ts";
import { notInSteps } from "./not-in-steps.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";

export interface StartOptions {
  /** Id of the child run. Makes the start idempotent in the store; default: made of this run's id. */
  readonly id?: string;
}

/** The promise of a child run's result. */
export interface ChildRun<T> extends Promise<T> {
  /** The child's run id. */
  readonly id: string;
}

const INCARNATION_BYTES = 16;

/**
 * Starts another run and gives the promise of its result. The child is created if and only if the turn that calls this commits, exactly once; it has its own
 * heap (arguments and result are copied), its own history of failures, and can be found by its id. Cancelling this run cancels it; it
 * then rejects with {@link CancelledError} once it has ended, also where it had succeeded before it heard of that.
 *
 * Outside a run it just calls the function; in a step it throws PD2222. Throws PD2205 (in a run: blocks it) for what is no durable function of a module, PD2209 for a bad id, PD2516 for arguments that are no list.
 *
 * @example
 * const reports = await Promise.all(regions.map(region => start(buildReport, [region])));
 */
export const start = runtimeEntry("start", function start<
  A extends unknown[],
  R,
>(fn: (...args: A) => R, args: NoInfer<A>, options: StartOptions = {}): ChildRun<Awaited<R>> {
  const run = currentRun();
  blocking(run, () => check(args, options));
  const { id } = options;
  if (run === undefined) {
    notInSteps("start");
    const result = new NativePromise((resolve) => resolve(Reflect.apply(fn, undefined, args)));
    return withId(result, id ?? "") as ChildRun<Awaited<R>>;
  }
  const { fn: code, encoded } = blocking(run, () => ({ fn: codeIdOf(fn), encoded: run.encode(args) }));
  const { place } = here(run, "start");
  const incarnation = hex(run.host.random(INCARNATION_BYTES));
  const child = id ?? childRunId(run.id, run.nextOperation, incarnation);
  const promise = run.newPromise();
  run.makeOperation<ChildOperation>(
    (number) => ({ type: "child", number, where: place, run: child, incarnation, fn: code, args: encoded }),
    { type: "promise", promise },
  );
  return withId(promise, child) as ChildRun<Awaited<R>>;
});

const ARGUMENTS = list("a list of them: `start(buildReport, [region])`");

const OPTIONS = { id: anything };

function check(args: unknown, options: StartOptions): void {
  checkArgument("start", "the arguments of the run", args, ARGUMENTS);
  checkOptions("start", options, OPTIONS);
  checkId(options.id);
}

function checkId(id: unknown): void {
  const why = id === undefined ? undefined : whyNoRunId(id);
  if (why !== undefined)
    throw error("PD2209", { value: typeof id === "string" ? JSON.stringify(id.slice(0, 80)) : String(id), why });
}

/** The name by which another process finds the function. */
function codeIdOf(fn: unknown): CodeId {
  const code = closureOf(fn)?.code;
  if (code === undefined || code.kind === "class" || code.instance !== fn)
    throw error("PD2205", { value: describe(fn) });
  return code.id;
}

const describe = (value: unknown): string =>
  typeof value === "function" ? `the function ${value.name || "(anonymous)"}` : String(value);

const withId = (promise: Promise<unknown>, id: string): Promise<unknown> =>
  Object.defineProperty(promise, "id", { value: id, enumerable: false, writable: false, configurable: true });
