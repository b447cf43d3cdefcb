/** Functions of the runtime that durable code calls by name: `sleep`, `token`, the timers. */
import { runtimeFunction } from "../runtime-code.ts";
import { closureOf } from "../stamp.ts";

/** Marks `fn` as durable: its calls stay in the turn. It is one object for the process, saved by name. */
export function runtimeEntry<F extends Function>(path: string, fn: F): F {
  const entry = runtimeFunction(path, 1, () => fn)();
  closureOf(entry)!.code.instance = entry;
  return entry;
}
