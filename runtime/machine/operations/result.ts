/** Results of calls that are made in the turn: they must not be promises of the platform. */

import { NativePromise } from "../current-run.ts";
import { isNativePromise } from "../promise/settle.ts";
import { printPlace, type Run } from "../run.ts";
import { callError as error } from "./messages.ts";
import type { Written } from "./step-call.ts";

const nativeThen = NativePromise.prototype.then;
const ignore = () => {};

/**
 * Gives the result back. What a native promise stands for has begun before the save that should hold its arguments, and nobody could settle
 * it after a crash: the run is blocked.
 */
export function resultNow<T>(run: Run, at: Written, value: T): T {
  if (!isNativePromise(value)) return value;
  try {
    // Nobody else may see its rejection: an unhandled one would end the process, and with it every other run.
    nativeThen.call(value, ignore, ignore);
  } catch {
    // Only its prototype is a promise's: nothing can be rejected.
  }
  const { place, text } = at;
  return run.fail(error("PD2201", { function: place.function, place: printPlace(place), text, mend: mendOf(at) }));
}

/** A part of a longer expression cannot be awaited by itself. */
const mendOf = ({ text, part, whole }: Written): string =>
  part && whole !== undefined
    ? `make the whole expression one step: await step(() => ${whole.endsWith("…") ? "…" : whole}); where a tsconfig covers the file, its types say so by themselves`
    : `await it where it is written, or return it from an async function; to go on without it, or to keep its promise and await that later, wrap it: step(() => ${text}), or the call that it is an argument of`;
