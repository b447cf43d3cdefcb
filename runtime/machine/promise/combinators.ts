/**
 * `Promise.all`, `allSettled`, `any` and `race`: ECMA-262 27.2.4.1 to 27.2.4.5. Their element functions capture records that are plain data, so a
 * combinator that waits is saved like anything else.
 */
import { currentRun } from "../current-run.ts";
import type { Capability } from "../jobs.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { passCoded, serve } from "./settle.ts";

/** What the element functions of one call share. */
interface Gathering {
  readonly values: unknown[];
  remaining: number;
  /** What is called with the values when none remains. */
  readonly done: Function;
}

const ORDINARY = { value: undefined, writable: true, enumerable: true, configurable: true };

/** One element's own record: each of its functions does something once. */
interface Element {
  called: boolean;
}

function put(gathering: Gathering, element: Element, index: number, value: unknown): void {
  if (element.called) return;
  element.called = true;
  gathering.values[index] = value;
  arrived(gathering);
}

function arrived(gathering: Gathering): unknown {
  gathering.remaining--;
  return gathering.remaining === 0 ? gathering.done(gathering.values) : undefined;
}

const allResolve = runtimeFunction(
  "Promise/all",
  1,
  (gathering: Gathering, element: Element, index: number) => (value: unknown) => {
    put(gathering, element, index, value);
  },
);
const settledResolve = runtimeFunction(
  "Promise/allSettled",
  1,
  (gathering: Gathering, element: Element, index: number) => (value: unknown) => {
    put(gathering, element, index, { status: "fulfilled", value });
  },
);
const settledReject = runtimeFunction(
  "Promise/allSettled/reject",
  1,
  (gathering: Gathering, element: Element, index: number) => (reason: unknown) => {
    put(gathering, element, index, { status: "rejected", reason });
  },
);
const anyReject = runtimeFunction(
  "Promise/any/reject",
  1,
  (gathering: Gathering, element: Element, index: number) => (reason: unknown) => {
    put(gathering, element, index, reason);
  },
);
/** Rejects `any` with its AggregateError, whose `errors` is an own property as 20.5.7.1.1 makes it. */
const anyFailed = runtimeFunction("Promise/any", 1, (reject: Function) => (errors: unknown[]) => {
  reject(new AggregateError(errors, "All promises were rejected"));
});

type Handlers = (index: number) => readonly [onFulfilled: unknown, onRejected: unknown];

type MakeCapability = (C: unknown) => Capability;

/** The part that all four share; `gather` gives the handlers of each element. */
function combine(
  C: unknown,
  iterable: Iterable<unknown>,
  makeCapability: MakeCapability,
  gather: (capability: Capability) => { handlers: Handlers; gathering?: Gathering },
): unknown {
  const capability = makeCapability(C);
  const run = currentRun();
  try {
    const resolve = (C as { resolve?: unknown }).resolve;
    if (typeof resolve !== "function") throw new TypeError("Promise resolve or reject function is not callable");
    const { handlers, gathering } = gather(capability);
    let index = 0;
    // for-of closes the iterator on an abrupt completion of the body, and not when the iterator itself threw, as the clauses say.
    for (const next of iterable) {
      const member = Reflect.apply(resolve, C, [next]) as Promise<unknown>;
      if (gathering !== undefined) {
        // CreateDataProperty: a setter on Array.prototype has no say.
        Reflect.defineProperty(gathering.values, index, { ...ORDINARY });
        gathering.remaining++;
      }
      const pair = handlers(index++);
      const onFulfilled = pair[0];
      const onRejected = pair[1];
      member.then(onFulfilled as never, onRejected as never);
      serve(capability.promise as Promise<unknown>, member, onFulfilled as Function);
    }
    if (gathering !== undefined) arrived(gathering);
  } catch (thrown) {
    if (run !== undefined) passCoded(run, thrown);
    Reflect.apply(capability.reject, undefined, [thrown]);
  }
  return capability.promise;
}

export const combinators = (makeCapability: MakeCapability) => ({
  all(this: unknown, iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, makeCapability, ({ resolve, reject }) => {
      const gathering: Gathering = { values: [], remaining: 1, done: resolve };
      return { gathering, handlers: (index) => [allResolve(gathering, { called: false }, index), reject] };
    });
  },
  allSettled(this: unknown, iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, makeCapability, ({ resolve }) => {
      const gathering: Gathering = { values: [], remaining: 1, done: resolve };
      return {
        gathering,
        handlers: (index) => {
          const element: Element = { called: false };
          return [settledResolve(gathering, element, index), settledReject(gathering, element, index)];
        },
      };
    });
  },
  any(this: unknown, iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, makeCapability, ({ resolve, reject }) => {
      const gathering: Gathering = { values: [], remaining: 1, done: anyFailed(reject) };
      return { gathering, handlers: (index) => [resolve, anyReject(gathering, { called: false }, index)] };
    });
  },
  race(this: unknown, iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, makeCapability, ({ resolve, reject }) => ({ handlers: () => [resolve, reject] }));
  },
});
