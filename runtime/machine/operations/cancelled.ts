/** Failures of operations that durable code sees: they are ordinary errors, not coded ones. */

/**
 * Thrown in durable code by everything that a cancelled run waits for, and by a child run that was cancelled. `finally` blocks run, and
 * operations begun there work.
 */
export class CancelledError extends Error {
  static {
    Object.defineProperty(CancelledError.prototype, "name", {
      value: "CancelledError",
      configurable: true,
      writable: true,
    });
  }
  constructor(reason?: string | null) {
    super(reason == null ? "The run was cancelled" : `The run was cancelled: ${reason}`);
  }
}

/** Thrown by `step(…, { timeout })` and by `timeout` and `pollUntil` of `perdure/patterns` when something took longer. Its code is `ETIMEDOUT`. */
export class TimeoutError extends Error {
  declare readonly code: "ETIMEDOUT";
  static {
    Object.defineProperty(TimeoutError.prototype, "code", { value: "ETIMEDOUT", configurable: true, writable: true });
    Object.defineProperty(TimeoutError.prototype, "name", {
      value: "TimeoutError",
      configurable: true,
      writable: true,
    });
  }
  constructor(ms: number, what: string) {
    super(`${what} did not settle within ${ms} ms`);
  }
}
