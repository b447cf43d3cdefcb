/** `fetch` of durable code: a step, whose key may go with it in the header `Idempotency-Key`. */
import { isInstanceNamed } from "../../codec/platform-class.ts";
import { type CurrentStep, steps } from "../operations/step-context.ts";

type Fetch = typeof globalThis.fetch;

/** RFC 9110, 9.2.1: they ask for no effect. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

const HEADER = "Idempotency-Key";

/** How many calls of `fetch` have been written in the step's own expression so far, while that is being evaluated: others are not the step's. */
const counts = new WeakMap<CurrentStep, { calls: number }>();

/** Evaluates a step's expression; a `fetch` that it calls itself gets the step's key. */
export function withKeys<T>(step: CurrentStep, body: () => T): T {
  counts.set(step, { calls: 0 });
  try {
    return body();
  } finally {
    counts.delete(step);
  }
}

/** The first one gets the key itself. A second one in the same expression asks for something else: never under the same key. */
function nextKey(): string | undefined {
  const step = steps.getStore();
  const count = step && counts.get(step);
  if (step === undefined || count === undefined) return undefined;
  return ++count.calls === 1 ? step.key : `${step.key}/${count.calls}`;
}

const isRequest = (value: unknown): value is Request => isInstanceNamed(value, "Request");

function keyed(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1], key: string): Parameters<Fetch> {
  const request = isRequest(input) ? input : undefined;
  const method = init?.method ?? request?.method ?? "GET";
  if (SAFE.has(String(method).toUpperCase())) return [input, init];
  const headers = new Headers(init?.headers ?? request?.headers);
  if (headers.has(HEADER)) return [input, init];
  headers.set(HEADER, key);
  // Its properties are accessors, which a copy would not have.
  return isRequest(init) ? [new globalThis.Request(input, init), { headers }] : [input, { ...init, headers }];
}

/** `fetch`, in the expression of a step and outside runs. It is the platform's, as it is at the time of the call. */
export function fetch(...[input, init]: Parameters<Fetch>): ReturnType<Fetch> {
  const key = nextKey();
  if (key === undefined) return globalThis.fetch(input, init);
  try {
    return globalThis.fetch(...keyed(input, init, key));
  } catch (thrown) {
    // Headers that are none: the platform's own rejects.
    return Promise.reject(thrown);
  }
}

/** The platform's own function as the callee of a step: `const request = fetch; await request(url, { method: "POST" })`. */
export const withKey = (fn: Function): Function => (fn === globalThis.fetch ? fetch : fn);
