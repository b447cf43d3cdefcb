/**
 * Async generators (ECMA-262 27.6): the queue of requests and the states, over the run's promises, or the platform's outside a run. In a run the driver is
 * the reaction of whatever it awaits, as an async function's activation is, so it can be saved wherever it stands.
 */
import { AWAIT, DELEGATE, type Frame, RETURN } from "../../abi/index.ts";
import { Activation } from "../activation.ts";
import { NativePromise } from "../current-run.ts";
import { privateField } from "../private-field.ts";
import { refuseForeign } from "../promise/capability.ts";
import { DurablePromise, promiseResolve } from "../promise/durable-promise.ts";
import { passCoded, rejectPromise, resolvePromise, subscribe } from "../promise/settle.ts";
import { makePromiseFrom, stateOf } from "../promise/state.ts";
import type { MachineCode } from "../registry.ts";
import type { Run } from "../run.ts";
import { type AsyncDelegate, abruptOf, nextOf, openAsync } from "./async-iteration.ts";
import { checkedResult, finished, withoutThrow } from "./delegation.ts";
import { checkOwner, OVER, type Resumption, resume, START, type Suspended, taken } from "./suspended.ts";

/** AsyncGeneratorRequest, 27.6.3.1. */
export interface Request extends Resumption {
  readonly promise: Promise<unknown>;
  /** Of a promise of the platform. */
  readonly settle?: readonly [resolve: (value: unknown) => void, reject: (reason: unknown) => void];
}

/**
 * What the generator waits for while it is executing:
 * - `body`: an `await` of its own; `yield`: the operand of a `yield`; `return`: the operand of a `return()` at a `yield`, before it takes effect;
 * - `inner`, `inner-return`: a result of the inner iterator of a `yield*`; `inner-leave`: the operand of a `return()` that it has no method for;
 *   `inner-close`: its `return()`, because it has no `throw`;
 * - `end`: the operand of a `return()` that found the generator completed (AsyncGeneratorAwaitReturn).
 */
export type Waiting = (typeof WAITING)[number];
export const WAITING = [
  "body",
  "yield",
  "return",
  "inner",
  "inner-return",
  "inner-leave",
  "inner-close",
  "end",
] as const;

export class AsyncGeneratorDriver extends Activation implements Suspended {
  run: Run | undefined;
  readonly queue: Request[] = [];
  /** Undefined: it is not executing. */
  waiting: Waiting | undefined = undefined;
  delegate: AsyncDelegate | undefined = undefined;
  #isRunning = false;

  constructor(code: MachineCode, frame: Frame, run: Run | undefined) {
    super(code, frame, undefined as never);
    this.run = run;
  }

  get isOver(): boolean {
    return this.frame === OVER;
  }

  /** The methods `next`, `throw` and `return`, 27.6.1.2 to 27.6.1.4: each call is a request, answered in its turn. */
  request(given: Resumption): Promise<unknown> {
    checkOwner(this);
    const request = this.#newRequest(given);
    const { type, value } = given;
    const isIdle = this.waiting === undefined && !this.#isRunning;
    if (isIdle && this.frame.pc === START && type !== "next") this.frame = OVER;
    if (isIdle && this.isOver && type !== "return") {
      if (type === "next") this.#answer(request, true, undefined);
      else this.#refuse(request, value);
      return request.promise;
    }
    this.queue.push(request);
    this.promise = this.queue[0]!.promise;
    if (isIdle) this.#run(() => this.#begun(request));
    return request.promise;
  }

  /** Takes over the requests of a saved generator. */
  adopt(requests: readonly Request[]): void {
    this.queue.splice(0, this.queue.length, ...requests);
    this.promise = this.queue[0]?.promise as Promise<unknown>;
  }

  /** What it awaited has settled. */
  resumed(status: "fulfilled" | "rejected", value: unknown): void {
    const waiting = this.waiting!;
    this.waiting = undefined;
    this.awaiting = undefined;
    this.#run(() => this.#understood(waiting, status === "rejected", value));
  }

  /** Runs until it awaits again, or stands at a `yield` with nobody asking, or is over. */
  #run(first: () => Resumption | undefined): void {
    this.#isRunning = true;
    try {
      for (let next = first(); next !== undefined; ) next = this.#advance(next);
    } catch (thrown) {
      if (this.run !== undefined) passCoded(this.run, thrown);
      this.#end(() => this.#refuse(this.#shift(), thrown));
    } finally {
      this.#isRunning = false;
    }
  }

  /** AsyncGeneratorResume for the request at the head, or AsyncGeneratorAwaitReturn. */
  #begun(request: Resumption): Resumption | undefined {
    if (this.isOver) return this.#await(request.value, "end");
    if (request.type === "return") return this.#await(request.value, "return");
    // Nobody can send a value to the start of the body.
    return this.frame.pc === START ? { type: "next", value: undefined } : request;
  }

  /** One completion delivered; what it leads to is the next, or undefined. */
  #advance(resumption: Resumption): Resumption | undefined {
    if (this.delegate !== undefined) return this.#ask(this.delegate, resumption);
    const transfer = resume(this, resumption);
    const value = taken(this.frame);
    if (transfer === AWAIT) return this.#await(value, "body");
    if (transfer === DELEGATE) return this.#open(value);
    if (transfer !== RETURN) return this.#await(value, "yield");
    return this.#end(() => this.#answer(this.#shift(), true, value));
  }

  /** The body has come to its end: `tell` answers who asked last (27.6.3.2 step 4). */
  #end(tell: () => void): undefined {
    this.frame = OVER;
    this.delegate = undefined;
    tell();
    this.#drain();
  }

  /** What a settled wait means to the body; undefined: a value has been yielded, and nobody asks for more. */
  #understood(waiting: Waiting, failed: boolean, value: unknown): Resumption | undefined {
    if (waiting === "end") {
      const request = this.#shift();
      if (failed) this.#refuse(request, value);
      else this.#answer(request, true, value);
      return this.#drain();
    }
    if (waiting === "inner-leave" || waiting === "inner-close") this.delegate = undefined;
    if (failed) {
      // The operand of a `return()` at a `yield*` is the inner iterator's to hear of; its own results are not.
      if (waiting !== "return") this.delegate = undefined;
      return { type: "throw", value };
    }
    switch (waiting) {
      case "body":
        return { type: "next", value };
      case "yield":
        return this.#yielded(value);
      case "return":
      case "inner-leave":
        return { type: "return", value };
      case "inner":
      case "inner-return":
        return this.#received(waiting, value);
      case "inner-close":
        return this.#attempt(() => {
          checkedResult(value);
          throw withoutThrow();
        });
    }
  }

  /** AsyncGeneratorYield, 27.6.3.8, with the value awaited: answers, and goes on at once when somebody asks for more. */
  #yielded(value: unknown): Resumption | undefined {
    this.#answer(this.#shift(), false, value);
    const next = this.queue[0];
    if (next === undefined) return undefined;
    return next.type === "return" ? this.#await(next.value, "return") : next;
  }

  /** GetIterator at a `yield*`: the first call of `next` follows. */
  #open(value: unknown): Resumption | undefined {
    return this.#attempt(() => {
      this.delegate = openAsync(value);
      return { type: "next", value: undefined };
    });
  }

  /** One round of `yield*` (15.5.5): calls a method of the inner iterator, whose result is awaited. */
  #ask(delegate: AsyncDelegate, given: Resumption): Resumption | undefined {
    return this.#attempt(() => {
      if (given.type === "next") return this.#await(nextOf(delegate, given.value), "inner");
      const called = abruptOf(delegate, given.type, [given.value]);
      if (called !== undefined) return this.#await(called.awaited, given.type === "return" ? "inner-return" : "inner");
      if (given.type === "return") return this.#await(given.value, "inner-leave");
      const closing = abruptOf(delegate, "return", []);
      if (closing === undefined) throw withoutThrow();
      return this.#await(closing.awaited, "inner-close");
    });
  }

  /** The inner iterator has answered: its value is yielded as it is, or the delegation is over. */
  #received(waiting: "inner" | "inner-return", answer: unknown): Resumption | undefined {
    return this.#attempt(() => {
      const result = checkedResult(answer);
      if (!result.done) return this.#yielded(result.value);
      const end = finished(waiting === "inner" ? "next" : "return", result);
      this.delegate = undefined;
      return end;
    });
  }

  /** An error at a `yield*` ends the delegation and is thrown there; one about the contract ends the turn. */
  #attempt(body: () => Resumption | undefined): Resumption | undefined {
    try {
      return body();
    } catch (thrown) {
      if (this.run !== undefined) passCoded(this.run, thrown);
      this.delegate = undefined;
      return { type: "throw", value: thrown };
    }
  }

  /** AsyncGeneratorDrainQueue, 27.6.3.10: the generator is over, and answers those who asked meanwhile. */
  #drain(): undefined {
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      if (next.type === "return") return this.#await(next.value, "end");
      const request = this.#shift();
      if (request.type === "next") this.#answer(request, true, undefined);
      else this.#refuse(request, request.value);
    }
  }

  /** Await, 27.7.5.3. PromiseResolve may throw: that counts as a rejection, at once. */
  #await(value: unknown, waiting: Waiting): undefined {
    this.waiting = waiting;
    const { run } = this;
    if (run === undefined) {
      void awaitNatively(this, value);
      return;
    }
    let promise: Promise<unknown>;
    try {
      promise = promiseResolve(DurablePromise, value) as Promise<unknown>;
    } catch (thrown) {
      passCoded(run, thrown);
      this.resumed("rejected", thrown);
      return;
    }
    const state = stateOf(promise)!;
    if (state.run !== run) refuseForeign(run, state.run);
    this.awaiting = promise;
    subscribe(promise, state, this);
  }

  #newRequest({ type, value }: Resumption): Request {
    const { run } = this;
    if (run !== undefined) {
      const promise = makePromiseFrom(run, DurablePromise);
      stateOf(promise)!.origin = this;
      return { type, value, promise };
    }
    let settle!: Required<Request>["settle"];
    const promise = new NativePromise<unknown>((resolve, reject) => {
      settle = [resolve, reject];
    });
    return { type, value, promise, settle };
  }

  #shift(): Request {
    const request = this.queue.shift()!;
    this.promise = this.queue[0]?.promise as Promise<unknown>;
    return request;
  }

  /** AsyncGeneratorCompleteStep, 27.6.3.5. */
  #answer({ promise, settle }: Request, done: boolean, value: unknown): void {
    if (settle !== undefined) return settle[0]({ value, done });
    stateOf(promise)!.origin = undefined;
    resolvePromise(promise, { value, done });
  }

  #refuse({ promise, settle }: Request, reason: unknown): void {
    if (settle !== undefined) settle[1](reason);
    else rejectPromise(promise, reason);
  }
}

/** The platform's own `await`, with its one job. */
async function awaitNatively(driver: AsyncGeneratorDriver, value: unknown): Promise<void> {
  let settled: unknown;
  try {
    settled = await value;
  } catch (thrown) {
    driver.resumed("rejected", thrown);
    return;
  }
  driver.resumed("fulfilled", settled);
}

const drivers = privateField<AsyncGeneratorDriver>();

/** The driver behind an async generator object of durable code; undefined: it is something else. */
export const asyncDriverOf = drivers.of;

/** The object that a call gives. */
export function asyncGeneratorObject(driver: AsyncGeneratorDriver, prototype: object): object {
  const generator = Object.create(prototype) as object;
  drivers.put(generator, driver);
  return generator;
}
