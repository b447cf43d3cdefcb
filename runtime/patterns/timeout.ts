"use durable";
import { type Duration, TimeoutError } from "perdure";
import { duration, optionNames } from "perdure/internal/machine/operations/options";
import { abortable } from "./abortable.ts";

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** What is waited for, for the message: `"the approval" did not settle within …`. Default: the name of the function, or "the operation". */
  readonly what?: string;
  /** Aborting it aborts the signal that the work got, and rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * The result of `work`, a promise or a function that makes one, if it comes within `limit`; else it rejects with a {@link TimeoutError}. A function gets a
 * signal that aborts at that moment (with the same error as reason): passed on to steps, it ends them. Work that takes no signal goes on unobserved, and a token
 * or timer that nothing else waits for is dropped.
 *
 * In a run the limit is a durable timer: `"30 days"` is fine.
 *
 * @example
 * const answer = await timeout(approval, "3 days");
 * const page = await timeout((signal) => download(url, { signal }), "30s");
 */
export async function timeout<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>),
  limit: Duration,
  options: TimeoutOptions = {},
): Promise<T> {
  optionNames("timeout", options, "what", "signal");
  const ms = duration(limit);
  const { signal } = options;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let fail!: (reason: unknown) => void;
  const expired = new Promise<never>((_, reject) => (fail = reject));
  const watch = async () => {
    try {
      await new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    } catch (cancelled) {
      fail(cancelled);
      return;
    }
    const error = new TimeoutError(ms, options.what ?? nameOf(work));
    fail(error); // before the work can fail for being aborted
    controller.abort(error);
  };
  const given = work as Promise<T> | ((signal: AbortSignal) => T | PromiseLike<T>);
  const begin = async (): Promise<T> => (typeof given === "function" ? await given(controller.signal) : await given);
  void watch();
  try {
    return await abortable(signal, () => Promise.race([begin(), expired]));
  } catch (error) {
    if (signal?.aborted) controller.abort(signal.reason);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const nameOf = (work: unknown): string =>
  typeof work === "function" && work.name !== "" ? work.name : "the operation";
