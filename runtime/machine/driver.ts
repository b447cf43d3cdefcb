/**
 * Runs machines: the loop over blocks, and unwinding by the static handler table. Outside a run a native async function goes on from the first suspension, so
 * ticks, unhandled rejections and async contexts are the platform's own; inside, a suspension is a reaction on a durable promise.
 */
import { AWAIT, type Frame, JUMP, type Transfer } from "../abi/index.ts";
import { Activation } from "./activation.ts";
import { traceThrown, traceThrownNatively, traceWaiting } from "./callers.ts";
import { currentRun, NativePromise } from "./current-run.ts";
import { refuseForeign } from "./promise/capability.ts";
import { DurablePromise, promiseResolve } from "./promise/durable-promise.ts";
import { passCoded, rejectPromise, resolvePromise, subscribe } from "./promise/settle.ts";
import { makePromiseFrom, stateOf } from "./promise/state.ts";
import type { MachineCode } from "./registry.ts";
import type { Run } from "./run.ts";

/** Slots of a call: `pc` and `$` are added by {@link enter}. */
export type Slots = { [slot: string]: unknown };

/** A call of an async function: runs to the first suspension and gives the promise. */
export function enter(code: MachineCode, slots: Slots): Promise<unknown> {
  const frame = slots as Frame;
  frame.pc = 0;
  frame.$ = undefined;
  const run = currentRun();
  if (run === undefined) return driveNatively(code, frame);
  if (run.making !== undefined) run.noteWhileMade(`the async function ${code.name || "(anonymous)"} was called`);
  const promise = makePromiseFrom(run, DurablePromise);
  const activation = new Activation(code, frame, promise);
  stateOf(promise)!.origin = activation;
  drive(run, activation, undefined);
  return promise;
}

/** Runs blocks outside a run until one suspends or returns; an error unwinds by the handler table, and is thrown where that has no landing. */
function advance(code: MachineCode, frame: Frame, first: unknown): Transfer {
  const { step, handlers } = code;
  let sent = first;
  for (;;) {
    // Kept text may set the next label and then throw from a `finally` of its own: errors unwind from the block that ran.
    let at = frame.pc;
    try {
      let transfer = step(frame, sent);
      while (transfer === JUMP) {
        at = frame.pc;
        transfer = step(frame, undefined);
      }
      return transfer;
    } catch (thrown) {
      const landing = handlers[at];
      if (landing === undefined) {
        traceThrownNatively(code, thrown, advance);
        throw thrown;
      }
      frame.pc = landing;
      sent = thrown;
    }
  }
}

/**
 * Outside a run: blocks run on the caller's stack up to the first `await`, as ECMA-262 27.7.5.1 has it. A call that ends before it needs no async
 * function of the platform's behind it, only a promise.
 */
function driveNatively(code: MachineCode, frame: Frame): Promise<unknown> {
  let transfer: Transfer;
  try {
    transfer = advance(code, frame, undefined);
  } catch (thrown) {
    return rejected(thrown);
  }
  return transfer === AWAIT ? continueNatively(code, frame) : resolved(frame.$);
}

/** The platform's own, whatever becomes of them. */
const fulfilled = NativePromise.resolve.bind(NativePromise) as (primitive: unknown) => Promise<unknown>;
const rejected = NativePromise.reject.bind(NativePromise) as (reason: unknown) => Promise<never>;

/** What an async function returns (ECMA-262 27.7.5.2): a new promise, resolved; `Promise.resolve` would give back one that it gets. */
function resolved(value: unknown): Promise<unknown> {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return fulfilled(value);
  return new NativePromise((resolve) => resolve(value));
}

/** From the first `await` on. */
async function continueNatively(code: MachineCode, frame: Frame): Promise<unknown> {
  for (;;) {
    let sent: unknown;
    try {
      sent = await frame.$;
    } catch (thrown) {
      traceWaiting({ code, frame }, thrown, continueNatively);
      const landing = code.handlers[frame.pc];
      if (landing === undefined) throw thrown;
      frame.pc = landing;
      sent = thrown;
    }
    if (advance(code, frame, sent) !== AWAIT) return frame.$;
  }
}

/** Continues a suspended call with what it awaited; a rejection unwinds from the resume label. */
export function resume(run: Run, activation: Activation, status: "fulfilled" | "rejected", value: unknown): void {
  activation.awaiting = undefined;
  activation.point = activation.frame.pc as string;
  if (status === "rejected" && !unwind(activation)) {
    run.executing = activation;
    rejectPromise(activation.promise, value);
    return;
  }
  drive(run, activation, value);
}

/** To the landing block of where the frame stands; false: there is none, the call is over. */
function unwind({ code, frame }: Activation): boolean {
  const landing = code.handlers[frame.pc];
  if (landing === undefined) return false;
  frame.pc = landing;
  return true;
}

function drive(run: Run, activation: Activation, first: unknown): void {
  const { code, frame, promise } = activation;
  const { step } = code;
  const outer = run.executing;
  if (outer instanceof Activation) activation.caller = outer;
  run.executing = activation;
  let sent = first;
  for (;;) {
    let at = frame.pc;
    try {
      let transfer = step(frame, sent);
      while (transfer === JUMP) {
        at = frame.pc;
        transfer = step(frame, undefined);
      }
      at = frame.pc;
      const value = frame.$;
      frame.$ = undefined;
      if (transfer === AWAIT) suspend(run, activation, value);
      else {
        if (promise === run.result) run.entry = code;
        // The call is over: what it returned may settle the promise later, its frame never will.
        stateOf(promise)!.origin = undefined;
        resolvePromise(promise, value);
      }
      break;
    } catch (thrown) {
      passCoded(run, thrown);
      frame.pc = at;
      if (!unwind(activation)) {
        traceThrown(run, activation, thrown, drive);
        rejectPromise(promise, thrown);
        break;
      }
      sent = thrown;
    }
  }
  run.executing = outer;
  activation.caller = undefined;
}

/** Await, ECMA-262 27.7.5.3: PromiseResolve may throw, at the `await`. */
function suspend(run: Run, activation: Activation, value: unknown): void {
  const promise = promiseResolve(DurablePromise, value) as Promise<unknown>;
  const state = stateOf(promise)!;
  if (state.run !== run) refuseForeign(run, state.run);
  activation.awaiting = promise;
  subscribe(promise, state, activation);
}
