/** Just enough assertion for the suite to run under any test framework, and in any JavaScript host. */

/** Text of JSON-like data with sorted keys, `undefined` properties left out. */
const canonical = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    1,
  ) ?? "undefined";

export function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [canonical(actual), canonical(expected)];
  if (is !== should) throw new Error(`${what}\n  expected: ${should}\n  but it is: ${is}`);
}

export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** The promise must reject with an error of the store that says so much. */
export async function rejects(promise: Promise<unknown>, outcome: "refused" | "unknown", what: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as { outcome?: unknown },
  );
  if (error === undefined) throw new Error(`${what}\n  expected a rejection, but it resolved`);
  equal(error.outcome, outcome, `${what}: outcome of the error (${String(error)})`);
}
