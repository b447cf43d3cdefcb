/** AbortSignals given to operations: the promise rejects as Node's own does. */

/** What Node's promise timers reject with. */
export function abortError(signal: { readonly reason: unknown }): Error {
  const error = new Error("The operation was aborted", { cause: signal.reason });
  error.name = "AbortError";
  return Object.assign(error, { code: "ABORT_ERR" });
}

/** What Node throws for a signal that is none. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (typeof signal === "object" && signal !== null && "aborted" in signal) return signal as AbortSignal;
  const refused = new TypeError('The "options.signal" property must be an instance of AbortSignal.');
  throw Object.assign(refused, { code: "ERR_INVALID_ARG_TYPE" });
}
