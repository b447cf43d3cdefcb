/** Bad arguments of the runtime's own functions. */
import { isPerdureError } from "../../errors.ts";
import type { Run } from "../run.ts";

/**
 * Runs `body`; a coded error from it blocks the run, whatever `catch` of durable code stands around the call. Outside a run it is
 * thrown as it is.
 */
export function blocking<T>(run: Run | undefined, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (run !== undefined && isPerdureError(thrown)) return run.fail(thrown);
    throw thrown;
  }
}
