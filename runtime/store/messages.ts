/** Errors of the stores: PD3xxx. `outcome` says whether the call happened; see {@link StoreFailure}. */
import { coded, type MessageTable, type PerdureError } from "../errors.ts";
import type { StoreFailure } from "./store.ts";

export const messages = {
  PD3001: {
    slug: "store-bad-argument",
    text: "the store refuses `%argument%` of `%method%`: %why%",
    fix: "this is a bug in the caller of the store, which is the engine unless you call the store yourself; report it",
  },
  PD3002: {
    slug: "store-closed",
    text: "`%method%` was called on the %store% store after `close()`",
    fix: "stop the engine (and await that) before closing its store",
  },
} as const satisfies MessageTable;

/**
 * Makes the errors of one store's table, with their outcome. `lasting` names those that repetition does not help, `unacceptable` those of them that are
 * about what was handed over.
 */
export function storeErrors<T extends MessageTable>(
  table: T,
  lasting: readonly (keyof T & string)[],
  unacceptable: readonly (keyof T & string)[] = [],
) {
  const error = coded(table);
  return (
    code: keyof T & string,
    outcome: StoreFailure["outcome"],
    details: Record<string, string> = {},
    cause?: unknown,
  ): PerdureError & StoreFailure =>
    Object.assign(error(code, details, cause), {
      outcome,
      lasting: lasting.includes(code),
      unacceptable: unacceptable.includes(code),
    });
}

export const storeError = storeErrors(messages, ["PD3001", "PD3002"], ["PD3001"]);

/** True for errors that say of themselves whether the call happened. */
export const isStoreFailure = (value: unknown): value is StoreFailure =>
  value instanceof Error &&
  ((value as StoreFailure).outcome === "unknown" || (value as StoreFailure).outcome === "refused");
