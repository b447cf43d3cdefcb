/** Calls of the store that must get through. Every method of the store recognizes its own repetition. */
import { isPerdureError } from "../errors.ts";
import type { StoreFailure } from "../store/store.ts";
import { chance, type Host } from "./host.ts";
import { engineError } from "./messages.ts";
import { describe } from "./reason.ts";

const FIRST = 10;
const LONGEST = 1_000;

/** Wait before attempt `n + 1`: exponential with full jitter, so that those who collided do not meet again. */
export const backoff = (host: Host, n: number): number => chance(host) * Math.min(LONGEST, FIRST * 2 ** n);

export const pause = (host: Host, ms: number): Promise<void> => new Promise((resolve) => host.setTimeout(resolve, ms));

const mayPass = (error: unknown): boolean => {
  const { outcome, lasting } = (error ?? {}) as Partial<StoreFailure>;
  return lasting !== true && (outcome === "unknown" || outcome === "refused");
};

/**
 * For workers: until it answers, or `wanted` says that nobody needs the answer any more; then undefined. Throws when it would
 * say for ever that one run cannot be read.
 */
export async function persist<T>(
  host: Host,
  wanted: () => boolean,
  failed: (error: unknown) => void,
  call: () => Promise<T>,
): Promise<T | undefined> {
  for (let n = 0; wanted(); n++) {
    try {
      return await call();
    } catch (error) {
      failed(error);
      if ((error as Partial<StoreFailure>).unreadable === true) throw error;
      await pause(host, backoff(host, n));
    }
  }
  return undefined;
}

const CLIENT_ATTEMPTS = 12;

/**
 * For clients: some seconds, then PD2510 with the last error as its cause. Coded errors of the store are thrown as they are, lasting ones at once; but a
 * refusal says nothing of an earlier attempt that was not answered, so after one it is PD2510 too.
 */
export async function insist<T>(host: Host, store: string, name: string, call: () => Promise<T>): Promise<T> {
  let unanswered = false;
  for (let n = 1; ; n++) {
    try {
      return await call();
    } catch (error) {
      const { outcome } = (error ?? {}) as Partial<StoreFailure>;
      if (!mayPass(error) || n >= CLIENT_ATTEMPTS) {
        const isWhole = !(unanswered && outcome === "refused");
        if (isWhole && (isPerdureError(error) || !mayPass(error))) throw error;
        throw engineError("PD2510", { store, call: name, attempts: String(n), error: describe(error) }, error);
      }
      unanswered ||= outcome === "unknown";
      await pause(host, backoff(host, n));
    }
  }
}
