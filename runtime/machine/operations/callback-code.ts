/** The function that a built-in is given in place of an ordinary one. It may wait in a promise's reaction, so it is savable. */
import type { SourcePlace } from "../contract.ts";
import { currentRun } from "../current-run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { lookThrough } from "./callee.ts";
import { isAsync } from "./in-turn.ts";
import { observableArguments } from "./parameters.ts";
import { resultNow } from "./result.ts";

/**
 * Each call of it is a call of `fn` at the site that gave it away: a step when its promise is wanted or it is async, else at once. Outside the run, and inside
 * a step, it is `fn`.
 */
export const makeCallback = runtimeFunction(
  "callback",
  1,
  (fn: Function, promised: boolean, place: SourcePlace, text: string) =>
    function (this: unknown, ...args: unknown[]): unknown {
      const run = currentRun();
      if (run === undefined) return Reflect.apply(fn, this, args);
      if (promised || isAsync(fn)) {
        const callee = lookThrough({ fn, self: this, args }, (argument) => argument);
        // `items.map(charge)` gives each call the whole array, which would be saved for each, though few functions can see it.
        const seen = callee.args.slice(0, observableArguments(callee.fn));
        return run.makeStep({ place, text }, { type: "call", callee: { ...callee, args: seen } });
      }
      return resultNow(run, { place, text }, Reflect.apply(fn, this, args));
    },
);
