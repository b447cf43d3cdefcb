"use durable";
import { CancelledError, type Duration, sleep } from "perdure";
import { duration, number, optionNames } from "perdure/internal/machine/operations/options";

/** Options of {@link limiter}. */
export interface LimiterOptions {
  /** How many operations are under way at a time. Default: any number. */
  readonly concurrency?: number;
  /** How many operations begin within any period of the length `per`. Default: any number. */
  readonly rate?: number;
  /** The period of `rate`. Default one second. */
  readonly per?: Duration;
}

/** Calls `operation` when the limits allow, in the order of the calls, and gives its result. */
export type Limiter = <T>(operation: () => T | PromiseLike<T>) => Promise<T>;

/**
 * A limiter: however many operations are given to it, at most `concurrency` are under way, and at most `rate` begin within any period `per`. It is fair: first
 * come, first served. A number is short for `{ concurrency }`.
 *
 * In a run it is part of the run's state and limits the operations of that run: make it in a durable function, not at module level, where runs would share it.
 *
 * @example
 * const limit = limiter({ concurrency: 5, rate: 100, per: "1 min" });
 * await Promise.all(customers.map((customer) => limit(() => sendMail(customer))));
 */
export function limiter(options: number | LimiterOptions): Limiter {
  const given: LimiterOptions = typeof options === "number" ? { concurrency: options } : options;
  optionNames("limiter", given, "concurrency", "rate", "per");
  const concurrency = number(given.concurrency ?? Infinity, "concurrency", 1, Infinity, true);
  const rate = number(given.rate ?? Infinity, "rate", 1, Infinity, true);
  const per = duration(given.per ?? "1s");
  const waiting: Waiting[] = [];
  /** When operations of the last period began. */
  let begun: number[] = [];
  let active = 0;
  let closed = false;

  /** Lets in those whom the limits allow. */
  const admit = (): void => {
    while (waiting.length > 0 && active < concurrency && !closed) {
      if (rate !== Infinity) {
        const now = Date.now();
        begun = begun.filter((at) => at > now - per);
        if (begun.length >= rate) return void reopen(begun[0]! + per - now);
        begun.push(now);
      }
      active++;
      waiting.shift()!.enter();
    }
  };

  /** Lets nobody in for some time; when the run is cancelled meanwhile, nobody at all. */
  const reopen = async (ms: number): Promise<void> => {
    closed = true;
    try {
      await sleep(ms);
    } catch (cancelled) {
      for (const { leave } of waiting.splice(0)) leave(cancelled);
    }
    closed = false;
    admit();
  };

  return async (operation) => {
    await new Promise<void>((enter, leave) => {
      waiting.push({ enter, leave });
      admit();
    });
    try {
      return await operation();
    } catch (error) {
      // A cancelled run begins nothing more of its own accord.
      if (error instanceof CancelledError) for (const { leave } of waiting.splice(0)) leave(error);
      throw error;
    } finally {
      active--;
      admit();
    }
  };
}

interface Waiting {
  enter(): void;
  leave(reason: unknown): void;
}
