"use durable";
import { CancelledError } from "perdure";
import { callable, number, optionNames } from "perdure/internal/machine/operations/options";

/** Options of {@link map}. */
export interface MapOptions {
  /** How many calls are under way at a time; `Infinity` for all. Default 10. */
  readonly concurrency?: number;
  /** After an error: begin no further calls (default), or do all of them and reject with an `AggregateError` of all errors. */
  readonly stopOnError?: boolean;
  /** Aborting it begins no further calls; `map` rejects with the signal's reason once those under way have settled. */
  readonly signal?: AbortSignal;
}

/**
 * `Promise.all(items.map(fn))` with at most `concurrency` calls under way. Results are in the order of the items. `fn` gets the item and its index. The items
 * are listed before the first call.
 *
 * After an error no further calls are begun, those under way are waited for, and the first error is thrown: nothing goes on behind the back of the
 * caller, who may now undo what was done. A cancel ends it in any case.
 *
 * @example
 * const receipts = await map(orders, (order) => charge(order), { concurrency: 5 });
 */
export async function map<T, R>(
  items: Iterable<T>,
  fn: (item: T, index: number) => R | PromiseLike<R>,
  options: MapOptions = {},
): Promise<R[]> {
  callable("map()", fn);
  optionNames("map", options, "concurrency", "stopOnError", "signal");
  const { stopOnError = true, signal } = options;
  const concurrency = number(options.concurrency ?? 10, "concurrency", 1, Infinity, true);
  const list = Array.from(items);
  // A box for each, so that a save after one result writes one box and not the whole list.
  const results = list.map(() => ({}) as { value: R });
  const errors: unknown[] = [];
  let next = 0;
  let stopped = false;

  const worker = async () => {
    while (next < list.length && !stopped && !signal?.aborted) {
      const index = next++;
      try {
        const value = await fn(list[index]!, index);
        results[index]!.value = value;
      } catch (error) {
        errors.push(error);
        if (stopOnError || error instanceof CancelledError) stopped = true;
      }
    }
  };
  const workers: Promise<void>[] = [];
  for (let count = Math.min(concurrency, list.length); count > 0; count--) workers.push(worker());
  await Promise.all(workers);

  const cancelled = errors.find((error) => error instanceof CancelledError);
  if (cancelled !== undefined) throw cancelled;
  if (signal?.aborted && next < list.length) throw signal.reason;
  if (errors.length > 0 && stopOnError) throw errors[0];
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${list.length} calls failed`);
  return results.map(({ value }) => value);
}
