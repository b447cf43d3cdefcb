/**
 * Durable closures in ordinary hands. A guard behaves as its closure does (a proxy: name, length, properties, construction), but only
 * while a job of the closure's run is on the stack: entered at any other time it would change the run outside a turn.
 */
import type { SourcePlace } from "../contract.ts";
import { currentRun } from "../current-run.ts";
import { printPlace, type Run } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { BOUND, closureOf, isDurable } from "../stamp.ts";
import { callError as error } from "./messages.ts";

const CODE = "guard";

/** A code of the runtime, so that a guard that ordinary code gives back to the run is saved as its closure. */
const makeGuard = runtimeFunction(CODE, 1, (closure: Function, place: SourcePlace): Function => {
  // Undefined when a segment is decoded: then ordinary code has no hold on it.
  const owner = currentRun();
  const enter = (): boolean => {
    const run = currentRun();
    if (run !== undefined && (owner === undefined || run === owner)) return true;
    // Its run has been stopped, and says why. What is thrown into an emitter would end the process, and every other run with it.
    if (owner?.poison !== undefined) return false;
    throw outside(closure, place, owner);
  };
  const proxy: Function = new Proxy(closure, {
    apply(target, self, args) {
      return enter() ? Reflect.apply(target, self, args) : undefined;
    },
    construct(target, args, newTarget) {
      if (!enter()) throw outside(closure, place, owner);
      return Reflect.construct(target, args, newTarget === proxy ? target : newTarget);
    },
  });
  return proxy;
});

function outside(closure: Function, place: SourcePlace, owner: Run | undefined): Error {
  const refused = error("PD2202", {
    closure: closure.name || "(anonymous)",
    run: owner?.id ?? "(gone)",
    place: printPlace(place),
  });
  owner?.breakOutside(refused);
  return refused;
}

/** One guard for each closure, so that `emitter.off(name, closure)` finds what `emitter.on` was given. */
const guards = new WeakMap<Function, Function>();

const isGuard = (value: unknown): value is Function => closureOf(value)?.code.id === `perdure#${CODE}`;

/** The closure behind a guard; every other value is itself. */
export const unguarded = (value: unknown): unknown => (isGuard(value) ? closureOf(value)!.captured[0] : value);

/**
 * What ordinary code is given for `value`: the guard of a closure that shares variables with its run; everything else as it is. A
 * function that captured nothing belongs to no run, and the runtime's own functions look for themselves.
 */
export function guard(value: unknown, place: SourcePlace): unknown {
  const closure = closureOf(value);
  if (closure === undefined || closure.code.kind === "class" || closure.captured.length === 0) return value;
  // A bound function holds its receiver and arguments, whatever its target captured.
  if (closure.code.module.name === "perdure" && !(closure.code.id === BOUND && isDurable(value))) return value;
  const fn = value as Function;
  let made = guards.get(fn);
  if (made === undefined) guards.set(fn, (made = makeGuard(fn, place)));
  return made;
}
