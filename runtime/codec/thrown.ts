/** Errors thrown by ordinary code always enter a run: with all that can be saved of them. */

const isError = (value: unknown): value is Error => value instanceof Error;

/** A data property, read without running accessors. */
const dataOf = (value: object, key: PropertyKey): unknown => Reflect.getOwnPropertyDescriptor(value, key)?.value;

/** What an error calls itself and says, which a class of errors may make up when it is asked. */
function textAt(error: Error, key: "name" | "message"): string {
  try {
    return String(error[key]);
  } catch {
    return key === "name" ? "Error" : "";
  }
}

/** What a thrown value that is no error says of itself: its `message`, or its text. */
function textOf(value: object): string {
  try {
    const { message } = value as { message?: unknown };
    return typeof message === "string" ? message : String(value);
  } catch {
    return "a thrown value that cannot be saved";
  }
}

/** How far the data of an error's property is copied when not all of it can be saved: `error.response.data.issues[0]`. */
const MAX_DEPTH = 5;
const MAX_OBJECTS = 200;

/** Is it a socket, a stream, a client: something that listens? */
const isEmitter = (value: object): boolean => {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at))
    if (typeof dataOf(at, "on") === "function" && typeof dataOf(at, "emit") === "function") return true;
  return false;
};

/**
 * The data of a value that cannot be saved whole: plain copies of objects with what can be saved of them. Without functions, accessors, keys that
 * begin with an underscore, and, below the first level, what listens to events. Undefined: there is nothing.
 */
function dataIn(value: unknown, canSave: (value: unknown) => boolean): unknown {
  const done = new Map<object, unknown>();

  function copy(from: unknown, depth: number): unknown {
    if (typeof from === "function" || typeof from === "symbol") return undefined;
    if (typeof from !== "object" || from === null) return from;
    if (done.has(from)) return done.get(from);
    if (canSave(from)) return from;
    if (depth > MAX_DEPTH || done.size >= MAX_OBJECTS || (depth > 0 && isEmitter(from))) return undefined;
    const made: Record<string, unknown> | unknown[] = Array.isArray(from) ? [] : {};
    done.set(from, made);
    if (Array.isArray(made)) for (const item of from as unknown[]) made.push(copy(item, depth + 1));
    else
      for (const key of Object.keys(from)) {
        const held = key.startsWith("_") ? undefined : copy(dataOf(from, key), depth + 1);
        if (held !== undefined) define(made, key, held, true);
      }
    return Object.keys(made).length === 0 ? undefined : made;
  }

  return copy(value, 0);
}

/**
 * The thrown value itself when it can be saved; else an error with its message, stack, code, data properties as far as they
 * can be saved, and its cause and errors treated likewise. Of its class, the nearest one that can be saved is kept, and the name.
 */
export function savableError(thrown: unknown, canSave: (value: unknown) => boolean): unknown {
  const done = new Map<unknown, unknown>();

  const copy = (value: unknown): unknown => {
    if (canSave(value)) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      done.set(value, items);
      for (const item of value) items.push(copy(item));
      return items;
    }
    return copyError(value as object);
  };

  function copyError(value: object): Error {
    const made = new Error(isError(value) ? "" : textOf(value));
    done.set(value, made);
    if (!isError(value)) {
      keepProperties(value, made);
      return made;
    }
    let prototype = Reflect.getPrototypeOf(value)!;
    while (!canSave(prototype)) prototype = Reflect.getPrototypeOf(prototype)!;
    const { stack } = value;
    for (const key of Reflect.ownKeys(made))
      if (key !== "stack" || typeof stack !== "string") Reflect.deleteProperty(made, key);
    if (typeof stack === "string") made.stack = stack;
    Reflect.setPrototypeOf(made, prototype);
    keepProperties(value, made);
    for (const key of ["name", "message"] as const) {
      const text = textAt(value, key);
      if (textAt(made, key) !== text) define(made, key, text);
    }
    return made;
  }

  function keepProperties(from: object, to: Error): void {
    for (const key of Reflect.ownKeys(from)) {
      if (key === "stack") continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(from, key)!;
      if (!("value" in descriptor)) continue;
      const value = dataOf(from, key);
      const kept = key === "cause" || key === "errors" ? copy(value) : canSave(value) ? value : dataIn(value, canSave);
      if (kept === undefined && value !== undefined) continue;
      if (canSave(kept)) Reflect.defineProperty(to, key, { ...descriptor, value: kept, configurable: true });
    }
  }

  return copy(thrown);
}

const define = (to: object, key: string, value: unknown, enumerable = false) =>
  Reflect.defineProperty(to, key, { value, writable: true, enumerable, configurable: true });
