/** What programs import as `perdure` when they run natively: the same meaning on platform promises. */

export { CancelledError, TimeoutError } from "perdure/internal/machine/operations/cancelled";

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  second: 1_000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

function milliseconds(duration: number | string): number {
  if (typeof duration === "number") return duration;
  const [, amount, unit] = /^([\d.]+) ?([a-z]+?)s?$/.exec(duration) ?? [];
  return Number(amount) * units[unit === "m" ? "ms" : unit!]!;
}

export const sleep = (duration: number | string): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds(duration)));

const tokens = new Map<string, (value: unknown) => void>();

export function token<T = unknown>(): Promise<T> & { id: string } {
  const id = `token-${tokens.size + 1}`;
  const promise = new Promise<T>((resolve) => tokens.set(id, resolve as (value: unknown) => void));
  return Object.assign(promise, { id });
}

export const resumeToken = (id: string, value: unknown): void => tokens.get(id)!(value);

/** A child run is, natively, a call. */
export const start = (fn: (...args: any[]) => unknown, args: unknown[]): Promise<unknown> =>
  Promise.resolve(fn(...args));

/** Natively, a step is its body. */
export const step = async (body: () => unknown): Promise<unknown> => body();
