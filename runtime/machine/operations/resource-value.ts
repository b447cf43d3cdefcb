/** Making and disposing: outside any run, as in a step. */
import { enterRun, leaveRun } from "../current-run.ts";
import type { Held } from "../resources.ts";

export function made(make: Function): unknown {
  const previous = enterRun(undefined);
  try {
    return make();
  } finally {
    leaveRun(previous);
  }
}

/** Rejects with what it throws. */
export async function disposeOf({ dispose, value }: Held): Promise<void> {
  let settled: unknown;
  const previous = enterRun(undefined);
  try {
    settled = dispose(value);
  } finally {
    leaveRun(previous);
  }
  await settled;
}

/** Only an object or function can be told from all others. One with a `then` could not be kept by an async function. */
export const isResource = (value: unknown): value is object =>
  ((typeof value === "object" && value !== null) || typeof value === "function") &&
  typeof (value as { then?: unknown }).then !== "function";

export const whatIs = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : typeof value === "object" || typeof value === "function"
      ? "a promise"
      : `a ${typeof value}`;
