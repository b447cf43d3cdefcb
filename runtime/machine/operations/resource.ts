/** `resource`: a value of this process in a run: a client, a pool, a socket. */
import { currentRun } from "../current-run.ts";
import { printPlace, type Run } from "../run.ts";
import { blocking } from "./blocking.ts";
import { error } from "./messages.ts";
import { isResource, made, whatIs } from "./resource-value.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";
import { meetingResources } from "./step-kinds.ts";

/**
 * A value that belongs to a process, not to the run: a client, a pool, a parser of native code. The run keeps how it is made, never the value: where the
 * run is loaded again (after a crash, a restart, a long wait) and still holds it, `make` is called again. Steps use it as it is, not a copy.
 *
 * `make` is synchronous and gives an object or a function; what takes time belongs into the first use (a pool connects when it is asked) or into a
 * step. It runs outside the run, as a step does, and must not change the run's variables. What it throws is thrown here; on a later load it blocks the run (PD2217).
 *
 * `dispose` is called once for each value that was made: when nothing in the run reaches it any more, when the run ends or is given back to the
 * store, when the lease is lost, and when the engine stops, which waits for it. A process that dies disposes of nothing. What `dispose` throws is told to
 * the engine's observer (`dispose-failed`).
 *
 * Outside a run, and inside a step, it is `make()`: whoever calls it disposes.
 *
 * @throws PD2207 when an argument is no function; PD2216 when `make` gives a promise or a primitive; PD2218 when it gives something that has a name.
 * @example
 * const db = resource(() => new Pool({ connectionString: url }), (pool) => pool.end());
 * const { rows } = await db.query("SELECT …");       // a step, on the pool itself
 */
export const resource = runtimeEntry("resource", function resource<
  T extends object,
>(make: () => T, dispose: (value: T) => unknown): T {
  const run = currentRun();
  blocking(run, () => check(make, dispose));
  return run === undefined ? make() : inRun(run, make, dispose);
});

function check(make: unknown, dispose: unknown): void {
  for (const fn of [make, dispose])
    if (typeof fn !== "function") throw error("PD2207", { what: "resource()", value: String(fn) });
}

function inRun<T extends object>(run: Run, make: () => T, dispose: (value: T) => unknown): T {
  const value = made(make);
  return blocking(run, () => {
    if (!isResource(value)) throw error("PD2216", { what: whatIs(value) });
    const held = run.resources.hold(make, dispose, value);
    // What has a name is saved by it, and somebody else's: to dispose of it would take it from them.
    if (!meetingResources(run, value)) {
      run.resources.forget(held);
      const { place } = here(run, "resource()");
      throw error("PD2218", { function: place.function, place: printPlace(place) });
    }
    return value as T;
  });
}
