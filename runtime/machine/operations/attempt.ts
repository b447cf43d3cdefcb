/** Attempts at a step: the ordinary code, called over its own copy of the operands. */
import type { Copy } from "../../codec/copy.ts";
import { isPerdureError, type PerdureError } from "../../errors.ts";
import { traceCalled } from "../callers.ts";
import type { Attempt, Settlement, StepOperation } from "../contract.ts";
import { NativePromise } from "../current-run.ts";
import { importMissing, nameImported } from "../imports.ts";
import { capture } from "../platform/bodies/capture.ts";
import { withKey, withKeys } from "../platform/fetch.ts";
import { printPlace, type Run } from "../run.ts";
import { Abortion } from "./abortion.ts";
import { TimeoutError } from "./cancelled.ts";
import { stepError as error } from "./messages.ts";
import { evaluate, type OperandPlan } from "./operand.ts";
import { waitAfter } from "./retry.ts";
import { type Ended, refused, settlementOf, whyNotTakenIn } from "./settlement.ts";
import { type StepDetail, whyNotSaved } from "./step.ts";
import { AttemptedStep, steps } from "./step-context.ts";
import { stepKinds } from "./step-kinds.ts";
import { Watching } from "./watched.ts";

/**
 * Opens the step and calls its ordinary code; on a rejection, again as its policy says. The caller makes sure that the save that holds it has
 * committed (output commit: Strom & Yemini 1985), and that no run is current. The first attempt has begun when this returns.
 */
export const attempt = (run: Run, operation: StepOperation, detail: StepDetail, client?: unknown): Attempt =>
  new Trial(run, operation, detail, client);

/** The platform's own, whatever becomes of them. */
const resolved = NativePromise.resolve.bind(NativePromise) as <T>(value: T) => Promise<Awaited<T>>;
const rejected = NativePromise.reject.bind(NativePromise) as (reason: unknown) => Promise<never>;
const then = NativePromise.prototype.then;
const NOTHING: readonly unknown[] = [];
/** Of most steps: it is never told of anything. */
const NOTHING_WATCHED = new Watching(() => undefined);

/** This file, as stacks name it: with the names of its functions they tell what of a stack is the runtime's, in a bundle too. */
const FILE = /([^\s()]+):\d+:\d+\)?$/.exec(String(new Error().stack).split("\n")[1] ?? "")?.[1];
const isCaller = (frame: string): boolean =>
  frame.includes(`at ${call.name} (${FILE}:`) || frame.includes(`at ${expression.name} (${FILE}:`);

/** One attempt under way. */
interface Begun {
  readonly number: number;
  readonly step: AttemptedStep;
  readonly copy: Copy;
  /** What other steps make anew. */
  readonly watching: Watching;
}

/**
 * All attempts at one step. Written with callbacks: once an `AsyncLocalStorage` is in use, each promise and each `await` costs Node a microsecond of
 * hooks. The usual attempt has two: the ordinary code's, and the settlement that follows from it.
 */
class Trial implements Attempt {
  readonly key: string;
  readonly settled: Promise<Settlement>;
  readonly #run: Run;
  readonly #operation: StepOperation;
  readonly #detail: StepDetail;
  /** Of the store's database, for a transaction. */
  readonly #client: unknown;
  /** Set when the result is not wanted any more: cancelled, or the run has left this worker. */
  #unwanted: { readonly reason: unknown } | undefined = undefined;
  /** The attempt that the settlement is of. */
  #last: Begun | undefined = undefined;
  #underWay: Begun | undefined = undefined;
  /** Of the attempt under way. */
  #abortion: Abortion | undefined = undefined;
  /** Modules whose import has been tried. */
  #imported: Set<string> | undefined = undefined;
  /** Of the pause under way: there will be no next attempt. */
  #cancelPause: (() => void) | undefined = undefined;

  constructor(run: Run, operation: StepOperation, detail: StepDetail, client: unknown) {
    this.key = `${run.incarnation}/${operation.number}`;
    this.#run = run;
    this.#operation = operation;
    this.#detail = detail;
    this.#client = client;
    this.settled = this.#try(1);
  }

  /** Only the first call counts. */
  abort(reason: unknown): void {
    if (this.#unwanted !== undefined) return;
    this.#unwanted = { reason };
    this.#abortion?.abort(reason);
    this.#cancelPause?.();
  }

  refused(reason: unknown): Settlement {
    const { copy, watching } = this.#last!;
    return settlementOf(copy, { status: "rejected", value: reason }, watching);
  }

  warning(): PerdureError | undefined {
    const why = this.#underWay && whyNotTakenIn(this.#underWay.copy);
    if (why === undefined) return undefined;
    const { where, text } = this.#operation;
    return error(
      "PD2304",
      { function: where.function, place: printPlace(where), text, why: whyNotSaved(why, text) },
      why,
    );
  }

  #try(number: number): Promise<Settlement> {
    let copy: Copy;
    try {
      // Each attempt has its own copy: what a failed one changed is not seen by the next.
      const opened = this.#open();
      if (opened instanceof NativePromise) return opened.then(() => this.#try(number), refused);
      copy = opened;
    } catch (thrown) {
      return resolved(refused(thrown));
    }
    const abortion = new Abortion();
    this.#abortion = abortion;
    if (this.#unwanted !== undefined) abortion.abort(this.#unwanted.reason);
    const begun: Begun = {
      number,
      step: new AttemptedStep(this.#run.id, this.key, number, abortion),
      copy,
      watching: this.#watching(),
    };
    this.#underWay = begun;
    // Inside the carrier: the `then` of a lazy thenable is part of the step.
    const called = steps.run(begun.step, () => this.#call(begun));
    if (this.#operation.timeout !== undefined) return this.#inTime(begun, called, abortion, this.#operation.timeout);
    // What follows is not part of the step: its context is the one that this is called in.
    return then.call(
      called,
      (value) => this.#finish(begun, "fulfilled", value),
      (thrown) => this.#finish(begun, "rejected", thrown),
    ) as Promise<Settlement>;
  }

  #watching(): Watching {
    if (this.#detail.watched.length === 0) return NOTHING_WATCHED;
    return new Watching((record) => this.#detail.watched[record]!.value, this.#run.host.isProxy);
  }

  /** The attempt's own copy. What it refers to may be missing here: modules are loaded first, and without anything else the step is not called. */
  #open(): Copy | Promise<void> {
    try {
      return this.#detail.snapshot.open(stepKinds(this.#run));
    } catch (thrown) {
      if (!isPerdureError(thrown)) throw thrown;
      this.#imported ??= new Set();
      const importing = importMissing(thrown, this.#imported);
      if (importing !== undefined) return importing;
      const { where, text } = this.#operation;
      const why = thrown.message.split("\n")[0]!;
      throw error("PD2302", { function: where.function, place: printPlace(where), text, why }, thrown);
    }
  }

  /** What `await` would wait for (ECMA-262 27.7.5.3). */
  #call({ step, copy, watching }: Begun): Promise<unknown> {
    const added = this.#operation.transaction === undefined ? NOTHING : [this.#client];
    const { fetch } = this.#run.host;
    try {
      if (!fetch?.idempotencyKey) return resolved(call(this.#detail, copy.values, added, watching));
      return resolved(withKeys(step, () => call(this.#detail, copy.values, added, watching)));
    } catch (thrown) {
      return rejected(thrown);
    }
  }

  #finish(begun: Begun, status: Ended["status"], value: unknown): Settlement | Promise<Settlement> {
    const ended = this.#read(begun, status, value);
    if (!(ended instanceof NativePromise)) return this.#ended(begun, ended);
    return ended.then((read) => this.#ended(begun, read));
  }

  /** What the ordinary code yields or throws, once the bodies in it have been read, which is part of the step. */
  #read({ step }: Begun, status: Ended["status"], value: unknown): Ended | Promise<Ended> {
    const ended: Ended = { status, value };
    if (status === "rejected") traceCalled(value, isCaller);
    if (typeof value !== "object" || value === null) return ended;
    // What cannot be read is left out of an error, which is what must be told.
    const unread = (why: unknown): Ended => (status === "rejected" ? ended : { status: "rejected", value: why });
    try {
      const reading = steps.run(step, () => capture(value, this.#run.host.fetch?.bodyLimit));
      return reading === undefined ? ended : reading.then(() => ended, unread);
    } catch (why) {
      return unread(why);
    }
  }

  async #inTime(begun: Begun, called: Promise<unknown>, abortion: Abortion, timeout: number): Promise<Settlement> {
    let disarm = () => {};
    const late = new NativePromise<Ended>((resolve) => {
      disarm = this.#run.host.after(timeout, () => {
        const reason = new TimeoutError(timeout, this.#operation.text);
        resolve({ status: "rejected", value: reason });
        abortion.abort(reason);
      });
    });
    const inTime = then.call(
      called,
      (value) => this.#read(begun, "fulfilled", value),
      (thrown) => this.#read(begun, "rejected", thrown),
    ) as Promise<Ended>;
    const ended = await NativePromise.race([inTime, late]);
    disarm();
    return this.#ended(begun, ended);
  }

  #ended(begun: Begun, ended: Ended): Settlement | Promise<Settlement> {
    const { number, copy, watching } = begun;
    this.#abortion = undefined;
    this.#underWay = undefined;
    this.#last = begun;
    try {
      const wanted = ended.status === "rejected" && this.#unwanted === undefined;
      const wait = wanted ? waitAfter(this.#operation.retry, number) : null;
      return wait === null ? settlementOf(copy, ended, watching) : this.#pause(wait).then(() => this.#try(number + 1));
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** Resolves after `ms`; never once the result is unwanted, when nobody waits for the settlement. */
  #pause(ms: number): Promise<void> {
    return new NativePromise((resolve) => {
      this.#cancelPause = this.#run.host.after(ms, () => {
        this.#cancelPause = undefined;
        resolve();
      });
    });
  }
}

/** The call as the step holds it, over one copy. Everything here is volatile: no run is current. */
function call({ plan }: StepDetail, roots: readonly unknown[], added: readonly unknown[], watching: Watching): unknown {
  switch (plan.type) {
    case "expression":
      return expression(roots[plan.code] as Function, evaluateAll(plan.operands, roots, watching));
    case "function": {
      const self = evaluate(plan.self, roots, watching);
      const args = evaluateAll(plan.args, roots, watching);
      return Reflect.apply(withKey(roots[plan.fn] as Function), self, added.length === 0 ? args : [...args, ...added]);
    }
    case "method": {
      const self = evaluate(plan.self, roots, watching) as Record<PropertyKey, unknown>;
      const key = roots[plan.key] as PropertyKey;
      const fn = self[key];
      if (typeof fn !== "function") throw new TypeError(`${String(key)} is not a function`);
      if (typeof plan.self !== "number" && plan.self.watched !== undefined) watching.called(plan.self.watched, fn);
      return Reflect.apply(fn, self, evaluateAll(plan.args, roots, watching));
    }
  }
}

/** Of `import()`, the module that was loaded has a name from now on. */
async function expression(code: Function, operands: readonly unknown[]): Promise<unknown> {
  const value: unknown = await code(...operands);
  nameImported(code, operands, value);
  return value;
}

const evaluateAll = (plans: readonly OperandPlan[], roots: readonly unknown[], watching: Watching): unknown[] =>
  plans.map((plan) => evaluate(plan, roots, watching));
