"use durable";
import { callable, optionNames } from "perdure/internal/machine/operations/options";
import { type RetryOptions, retry } from "./retry.ts";

/** Registers what undoes the work done so far. Compensations run in the reverse order of their registration. */
export type Compensate = (compensation: () => unknown) => void;

/** Options of {@link saga}. */
export interface SagaOptions {
  /** Retries each compensation. Default: one attempt each. */
  readonly retry?: RetryOptions;
}

/**
 * A sequence of steps that is undone when it fails (Garcia-Molina and Salem, "Sagas", 1987): `body` registers a compensation beside each step that
 * must not stand alone. When it throws, or the run is cancelled, the compensations run, the latest first, one after the other, and the error
 * is thrown again. A compensation that fails does not keep the others from running: then an `AggregateError` is thrown, whose `cause` is the
 * error of the body and whose `errors` are those of the compensations.
 *
 * A step that failed may still have had its effect (the answer was lost): register its compensation before it, where that is harmless.
 *
 * @example
 * const trip = await saga(async (compensate) => {
 *   const flight = await bookFlight(request);
 *   compensate(() => cancelFlight(flight));
 *   const hotel = await bookHotel(request);
 *   compensate(() => cancelHotel(hotel));
 *   await charge(request.customer, flight.price + hotel.price);
 *   return { flight, hotel };
 * });
 */
export async function saga<T>(
  body: (compensate: Compensate) => T | PromiseLike<T>,
  options: SagaOptions = {},
): Promise<T> {
  callable("saga()", body);
  optionNames("saga", options, "retry");
  const compensations: (() => unknown)[] = [];
  try {
    return await body((compensation) => void compensations.push(compensation));
  } catch (error) {
    const failures: unknown[] = [];
    while (compensations.length > 0) {
      const compensation = compensations.pop()!;
      try {
        await retry(async () => await compensation(), options.retry ?? { attempts: 1 });
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length === 0) throw error;
    const count = failures.length === 1 ? "a compensation" : `${failures.length} compensations`;
    throw new AggregateError(failures, `the saga failed, and so did ${count}: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
