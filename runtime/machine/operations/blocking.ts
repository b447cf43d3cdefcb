/** Bad arguments of the runtime's own functions. */
import { isPerdureError, PerdureError } from "../../errors.ts";
import { printPlace } from "../places.ts";
import type { Run } from "../run.ts";
import { theirs } from "./site.ts";

/**
 * Runs `body`; a coded error from it blocks the run and names the line, whatever `catch` of durable code stands around the call. Outside a run it is
 * thrown as it is.
 */
export function blocking<T>(run: Run | undefined, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (run === undefined || !isPerdureError(thrown)) throw thrown;
    const { code, text, fix, details, cause } = thrown;
    const { place } = theirs(run);
    const where = { function: place.function, place: printPlace(place) };
    return run.fail(
      new PerdureError(code, `${where.function} (${where.place}): ${text}`, fix, { ...details, ...where }, cause),
    );
  }
}
