/** Resolving functions and capabilities: ECMA-262 27.2.1.3, 27.2.1.5, 27.2.4.7.1. */
import { Activation } from "../activation.ts";
import { Cell, isInitialized } from "../cells.ts";
import { currentRun } from "../current-run.ts";
import type { Capability } from "../jobs.ts";
import { error } from "../messages.ts";
import { printCode, printPlace } from "../places.ts";
import type { Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { closureOf } from "../stamp.ts";
import { rejectPromise, resolvePromise } from "./settle.ts";
import { makePromiseFrom, stateOf } from "./state.ts";

/** Shared by the two resolving functions of one pair. */
interface Already {
  resolved: boolean;
}

/** May this promise be used now? Ordinary code outside a turn may not settle it, and no other run may touch it. */
function mayResolve(promise: Promise<unknown>): boolean {
  const { run } = stateOf(promise)!;
  const current = currentRun();
  if (current === run) return true;
  if (current !== undefined) refuseForeign(current, run);
  const waiter = waiterOf(promise);
  const place = waiter === undefined ? "nowhere yet" : `by ${printCode(waiter.code, waiter.position)}`;
  run.breakOutside(error("PD2103", { run: run.id, place }));
  return false;
}

/** The first function that awaits a promise, or what is derived from it. For messages. */
function waiterOf(promise: Promise<unknown>): Activation | undefined {
  const worklist: unknown[] = [promise];
  const seen = new Set<unknown>();
  for (let at = worklist.shift(); at !== undefined; at = worklist.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const reactions = stateOf(at)?.reactions ?? [];
    for (let i = 0; i < reactions.length; i++) {
      const reaction = reactions[i]!;
      if (reaction instanceof Activation) return reaction;
      worklist.push(reaction.group ?? reaction.derived);
    }
  }
  return undefined;
}

export function refuseForeign(current: Run, owner: Run): never {
  const place = current.place();
  return current.fail(error("PD2102", { function: place.function, place: printPlace(place), owner: owner.id }));
}

const resolveFunction = runtimeFunction(
  "Promise/resolve",
  1,
  (promise: Promise<unknown>, already: Already) => (value: unknown) => {
    if (already.resolved || !mayResolve(promise)) return;
    already.resolved = true;
    resolvePromise(promise, value);
  },
);

const rejectFunction = runtimeFunction(
  "Promise/reject",
  1,
  (promise: Promise<unknown>, already: Already) => (reason: unknown) => {
    if (already.resolved || !mayResolve(promise)) return;
    already.resolved = true;
    rejectPromise(promise, reason);
  },
);

const RESOLVING: ReadonlySet<string> = new Set(["perdure#Promise/resolve", "perdure#Promise/reject"]);

/** The promise that a function settles: one of its resolving functions, or a closure that captured one. */
export function settledBy(value: unknown): Promise<unknown> | undefined {
  const closure = closureOf(value);
  if (closure === undefined) return undefined;
  if (RESOLVING.has(closure.code.id)) return closure.captured[0] as Promise<unknown>;
  for (let i = 0; i < closure.captured.length; i++) {
    const captured = closure.captured[i];
    const inner = closureOf(captured instanceof Cell && isInitialized(captured) ? captured.v : captured);
    if (inner !== undefined && RESOLVING.has(inner.code.id)) return inner.captured[0] as Promise<unknown>;
  }
  return undefined;
}

export function resolvingFunctions(promise: Promise<unknown>): {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
} {
  const already: Already = { resolved: false };
  return { resolve: resolveFunction(promise, already), reject: rejectFunction(promise, already) };
}

const collector = { construct: () => ({}) };

/** IsConstructor, 7.2.4, without running or reading anything of the value. */
function isConstructor(value: unknown): value is new (executor: (resolve: unknown, reject: unknown) => void) => object {
  if (typeof value !== "function") return false;
  try {
    new (new Proxy(value, collector) as unknown as new () => object)();
    return true;
  } catch {
    return false;
  }
}

/** GetCapabilitiesExecutor functions, 27.2.1.5.1: a subclass may keep what its constructor was given. */
const EXECUTOR = "perdure#Promise/executor";
const executorFunction = runtimeFunction(
  EXECUTOR.slice("perdure#".length),
  1,
  (found: { resolve?: unknown; reject?: unknown }) => (resolve: unknown, reject: unknown) => {
    if (found.resolve !== undefined || found.reject !== undefined)
      throw new TypeError("Promise executor has already been invoked with non-undefined arguments");
    Object.assign(found, { resolve, reject });
  },
);

/** Is it what a combinator gave a constructor of the program, and waits to be called back by in this turn? */
export const isExecutor = (value: unknown): boolean => closureOf(value)?.code.id === EXECUTOR;

/** NewPromiseCapability, 27.2.1.5. `own` is the run's own constructor: its promises need no executor. */
export function newCapability(C: unknown, own: Function): Capability {
  const run = currentRun();
  if (C === own && run !== undefined) {
    const promise = makePromiseFrom(run, own);
    return { promise, ...resolvingFunctions(promise) };
  }
  if (!isConstructor(C)) throw new TypeError(`${describe(C)} is not a constructor`);
  const found: Partial<Omit<Capability, "promise">> = {};
  const promise = new C(executorFunction(found) as (resolve: unknown, reject: unknown) => void);
  const { resolve, reject } = found;
  if (typeof resolve !== "function" || typeof reject !== "function")
    throw new TypeError("Promise resolve or reject function is not callable");
  return { promise, resolve, reject };
}

/** SpeciesConstructor, 7.3.22. */
export function speciesOf(promise: object, own: Function): unknown {
  const C = promise.constructor as unknown;
  if (C === undefined) return own;
  if ((typeof C !== "object" || C === null) && typeof C !== "function")
    throw new TypeError("The .constructor property is not an object");
  const species = (C as { [Symbol.species]?: unknown })[Symbol.species];
  if (species === undefined || species === null) return own;
  if (species === own) return own;
  if (isConstructor(species)) return species;
  throw new TypeError("object.constructor[Symbol.species] is not a constructor");
}

export const describe = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object" && value !== null
      ? Object.prototype.toString.call(value)
      : String(value);
