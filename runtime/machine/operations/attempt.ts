/** Attempts at a step: the ordinary code, called over its own copy of the operands. */
import type { Copy } from "../../codec/copy.ts";
import { isPerdureError } from "../../errors.ts";
import type { Attempt, Settlement, StepOperation } from "../contract.ts";
import { importMissing, nameImported } from "../imports.ts";
import { capture } from "../platform/bodies/capture.ts";
import { withKey, withKeys } from "../platform/fetch.ts";
import { printPlace, type Run } from "../run.ts";
import { Abortion } from "./abortion.ts";
import { TimeoutError } from "./cancelled.ts";
import { error } from "./messages.ts";
import { evaluate, type OperandPlan } from "./operand.ts";
import { waitAfter } from "./retry.ts";
import { type Ended, refused, settlementOf } from "./settlement.ts";
import type { StepDetail } from "./step.ts";
import { AttemptedStep, steps } from "./step-context.ts";
import { stepKinds } from "./step-kinds.ts";

/** What the attempts of one step have in common. */
interface Trial {
  readonly run: Run;
  /** `incarnation/number`. */
  readonly key: string;
  readonly operation: StepOperation;
  readonly detail: StepDetail;
  /** Of the store's database, for a transaction. */
  readonly client: unknown;
  /** Aborted when the result is not wanted any more: cancelled, or the run has left this worker. */
  readonly unwanted: Abortion;
}

/**
 * Opens the step and calls its ordinary code; on a rejection, again as its policy says. The caller makes sure that the save that holds it has
 * committed (output commit: Strom & Yemini 1985), and that no run is current. The first attempt has begun when this returns.
 */
export function attempt(run: Run, operation: StepOperation, detail: StepDetail, client?: unknown): Attempt {
  const unwanted = new Abortion();
  const key = `${run.incarnation}/${operation.number}`;
  const settled = tryUntilSettled({ run, key, operation, detail, client, unwanted });
  return { key, settled, abort: (reason) => unwanted.abort(reason) };
}

async function tryUntilSettled(trial: Trial): Promise<Settlement> {
  const { operation, unwanted } = trial;
  const tried = new Set<string>();
  for (let number = 1; ; number++) {
    try {
      // Each attempt has its own copy: what a failed one changed is not seen by the next.
      let copy = open(trial, tried);
      for (; copy instanceof Promise; copy = open(trial, tried)) await copy;
      const ended = await tryOnce(trial, number, copy.values);
      const wait = ended.status === "rejected" && !unwanted.aborted ? waitAfter(operation.retry, number) : null;
      if (wait === null) return settlementOf(copy, ended);
      await pause(trial, wait);
    } catch (thrown) {
      return refused(thrown);
    }
  }
}

/** The attempt's own copy. What it refers to may be missing here: modules are loaded first, and without anything else the step is not called. */
function open({ run, detail, operation }: Trial, tried: Set<string>): Copy | Promise<void> {
  try {
    return detail.snapshot.open(stepKinds(run));
  } catch (thrown) {
    if (!isPerdureError(thrown)) throw thrown;
    const importing = importMissing(thrown, tried);
    if (importing !== undefined) return importing;
    const { where, text } = operation;
    const why = thrown.message.split("\n")[0]!;
    throw error("PD2302", { function: where.function, place: printPlace(where), text, why }, thrown);
  }
}

/** Resolves after `ms`; never once the result is unwanted, when nobody waits for the settlement. */
const pause = ({ run, unwanted }: Trial, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const cancel = run.host.after(ms, () => {
      forget();
      resolve();
    });
    const forget = unwanted.onAbort(cancel);
  });

async function tryOnce(
  { run, key, operation, detail, client, unwanted }: Trial,
  number: number,
  roots: readonly unknown[],
): Promise<Ended> {
  const abortion = new Abortion();
  const forget = unwanted.onAbort((reason) => abortion.abort(reason));
  const step = new AttemptedStep(key, number, abortion);
  const begin = () => call(detail, roots, operation.transaction === undefined ? [] : [client]);
  // `await` inside the carrier: the `then` of a lazy thenable is part of the step, and so are the bodies of what it yields.
  const work = steps.run(step, () =>
    withBodies(run.host.fetch?.bodyLimit, async () => {
      const called = run.host.fetch?.idempotencyKey ? withKeys(step, begin) : begin();
      return await called;
    }),
  );
  let disarm = () => {};
  try {
    if (operation.timeout === undefined) return { status: "fulfilled", value: await work };
    const { timeout, text } = operation;
    const late = new Promise<never>((_, reject) => {
      disarm = run.host.after(timeout, () => {
        const reason = new TimeoutError(timeout, text);
        reject(reason);
        abortion.abort(reason);
      });
    });
    return { status: "fulfilled", value: await Promise.race([work, late]) };
  } catch (thrown) {
    return { status: "rejected", value: thrown };
  } finally {
    disarm();
    forget();
  }
}

/** What the ordinary code yields or throws, once the bodies in it have been read. */
async function withBodies(limit: number | undefined, body: () => Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await body();
  } catch (thrown) {
    // What cannot be read is left out of the error, which is what must be told.
    await capture(thrown, limit).catch(() => {});
    throw thrown;
  }
  await capture(value, limit);
  return value;
}

/** The call as the step holds it, over one copy. Everything here is volatile: no run is current. */
function call({ plan }: StepDetail, roots: readonly unknown[], added: readonly unknown[]): unknown {
  switch (plan.type) {
    case "expression":
      return expression(roots[plan.code] as Function, evaluateAll(plan.operands, roots));
    case "function": {
      const self = evaluate(plan.self, roots);
      return Reflect.apply(withKey(roots[plan.fn] as Function), self, [...evaluateAll(plan.args, roots), ...added]);
    }
    case "method": {
      const self = evaluate(plan.self, roots) as Record<PropertyKey, unknown>;
      const key = roots[plan.key] as PropertyKey;
      const fn = self[key];
      if (typeof fn !== "function") throw new TypeError(`${String(key)} is not a function`);
      return Reflect.apply(fn, self, evaluateAll(plan.args, roots));
    }
  }
}

/** Of `import()`, the module that was loaded has a name from now on. */
async function expression(code: Function, operands: readonly unknown[]): Promise<unknown> {
  const value: unknown = await code(...operands);
  nameImported(code, operands, value);
  return value;
}

const evaluateAll = (plans: readonly OperandPlan[], roots: readonly unknown[]): unknown[] =>
  plans.map((plan) => evaluate(plan, roots));
