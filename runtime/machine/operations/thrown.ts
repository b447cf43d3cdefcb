/**
 * What ordinary code throws always enters the run. An error whose class has no name here, or that carries sockets, responses and the like, is
 * rebuilt from what can be copied: name, message, stack, code, cause and its data properties, on the nearest class that has a name.
 */

/** Can this value be copied into the run? */
export type CanCopy = (value: unknown) => boolean;

/** Causes nest; nobody reads deeper ones, and a chain may be a cycle. */
const MAX_DEPTH = 16;

const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** The thrown value itself when it can be copied, else the nearest thing that can. */
export function portable(thrown: unknown, canCopy: CanCopy, depth = 0): unknown {
  // A DOMException cannot be rebuilt as one: its getters read slots that only the platform's constructor gives.
  const foreign = typeof DOMException === "function" && thrown instanceof DOMException;
  if (!foreign && canCopy(thrown)) return thrown;
  if (!isObject(thrown)) return new Error(String(thrown));
  if (depth > MAX_DEPTH) return new Error(textOf(thrown));
  const error = new Error(textOf(thrown));
  const rebuilt: Record<string, unknown> = error as never;
  if (isError(thrown)) Object.setPrototypeOf(error, nearestClass(thrown, canCopy));
  for (const key of foreign ? ["name", "stack", "code"] : ["name", "stack"]) {
    const value = read(thrown, key);
    if ((typeof value === "string" || typeof value === "number") && value !== rebuilt[key])
      define(error, key, value, false);
  }
  for (const key of Reflect.ownKeys(thrown)) {
    if (key === "stack" || key === "name" || key === "message") continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(thrown, key);
    if (descriptor === undefined || !("value" in descriptor)) continue;
    const { value, enumerable } = descriptor;
    if (canCopy(value)) define(error, key, value, enumerable!);
    else if (isError(value)) define(error, key, portable(value, canCopy, depth + 1), enumerable!);
    else if (Array.isArray(value)) define(error, key, elements(value, canCopy, depth + 1), enumerable!);
  }
  return error;
}

/** `AggregateError.errors` and the like: errors are rebuilt, what cannot be copied leaves a hole's `undefined`. */
const elements = (list: readonly unknown[], canCopy: CanCopy, depth: number): unknown[] =>
  Array.from(list, (item) => (canCopy(item) ? item : isError(item) ? portable(item, canCopy, depth) : undefined));

function nearestClass(error: object, canCopy: CanCopy): object {
  for (let proto = Reflect.getPrototypeOf(error); proto !== null; proto = Reflect.getPrototypeOf(proto)) {
    if (proto === Object.prototype) break;
    if (proto !== globalThis.DOMException?.prototype && canCopy(proto)) return proto;
  }
  return Error.prototype;
}

const define = (target: object, key: PropertyKey, value: unknown, enumerable: boolean): void => {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
};

/** Reads a property that may be an accessor of foreign code. */
function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function textOf(thrown: object): string {
  const message = read(thrown, "message");
  if (typeof message === "string") return message;
  try {
    return String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
