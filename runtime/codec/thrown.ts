/** Errors thrown by ordinary code always enter a run: with all that can be saved of them. */

import { isStackAccessor } from "./properties.ts";

type CanSave = (value: unknown) => boolean;

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

const LONGEST_TEXT = 500;
const ITEMS = 20;

/** The data of what is thrown, as JSON: a look, not a copy. Throws for what has a circle in it. */
function dataText(value: object): string {
  const look = (key: string, held: unknown): unknown => {
    if (key.startsWith("_") || (key !== "" && typeof held === "object" && held !== null && isEmitter(held)))
      return undefined;
    if (typeof held === "bigint") return String(held);
    return Array.isArray(held) ? held.slice(0, ITEMS) : held;
  };
  const text = JSON.stringify(value, look);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** What a thrown value that is no error says of itself: its `message`, its text, or its data when it has no text of its own. */
function textOf(value: object): string {
  try {
    const { message } = value as { message?: unknown };
    if (typeof message === "string") return message;
    const text = String(value);
    if (!/^\[object \w+\]$/.test(text)) return text;
    const { name } = value.constructor;
    return `a thrown ${name === "Object" ? "object" : name}: ${dataText(value)}`;
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
function dataIn(value: unknown, canSave: CanSave, enter: (value: unknown) => unknown): unknown {
  const done = new Map<object, unknown>();

  function copy(from: unknown, depth: number): unknown {
    if (typeof from === "function" || typeof from === "symbol") return undefined;
    if (typeof from !== "object" || from === null) return from;
    if (done.has(from)) return done.get(from);
    if (canSave(from)) return from;
    // Errors by name: `error.errors.email` of a validation.
    if (isError(from)) return enter(from);
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

/** What an error is in a run: what can be saved of it. */
interface Parts {
  /** That of the nearest class that can be saved. */
  readonly prototype: object;
  /** Without the stack, which V8 keeps in its own way. */
  readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>;
  readonly stack: string | undefined;
  readonly name: string;
  readonly message: string;
}

/** `enter` does the same for the cause and the errors. */
function partsOf(error: Error, canSave: CanSave, enter: (value: unknown) => unknown): Parts {
  let prototype = Reflect.getPrototypeOf(error)!;
  while (!canSave(prototype)) prototype = Reflect.getPrototypeOf(prototype)!;
  const { stack } = error;
  const [name, message] = [textAt(error, "name"), textAt(error, "message")];
  return {
    prototype,
    properties: savableProperties(error, canSave, enter),
    stack: typeof stack === "string" ? stack : undefined,
    name,
    message,
  };
}

/** What an accessor of ordinary code gives now, as data: `error.status` of ofetch looks at the response, which stays behind. */
function givenBy(
  from: object,
  key: PropertyKey,
  { enumerable }: PropertyDescriptor,
  canSave: CanSave,
  enter: (value: unknown) => unknown,
): PropertyDescriptor | undefined {
  let value: unknown;
  try {
    value = Reflect.get(from, key);
  } catch {
    return undefined;
  }
  const data = canSave(value) ? value : dataIn(value, canSave, enter);
  if (data === undefined || !canSave(data)) return undefined;
  return { value: data, writable: true, enumerable: enumerable === true, configurable: true };
}

function savableProperties(
  from: object,
  canSave: CanSave,
  enter: (value: unknown) => unknown,
): Map<PropertyKey, PropertyDescriptor> {
  const kept = new Map<PropertyKey, PropertyDescriptor>();
  for (const key of Reflect.ownKeys(from)) {
    if (key === "stack") continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(from, key)!;
    if (!("value" in descriptor)) {
      const given =
        canSave(descriptor.get) && canSave(descriptor.set)
          ? descriptor
          : givenBy(from, key, descriptor, canSave, enter);
      if (given !== undefined) kept.set(key, given);
      continue;
    }
    const { value } = descriptor;
    const isEntered = key === "cause" || key === "errors";
    const entered = isEntered ? enter(value) : canSave(value) ? value : dataIn(value, canSave, enter);
    if (entered === undefined && value !== undefined) continue;
    // One that is still being entered, in a circle, is savable in the end.
    if (isEntered || canSave(entered)) kept.set(key, { ...descriptor, value: entered });
  }
  return kept;
}

/** After the class of an error is another, it may call itself something else. */
function restoreTexts(error: Error, { name, message }: Parts): void {
  if (textAt(error, "name") !== name) define(error, "name", name);
  if (textAt(error, "message") !== message) define(error, "message", message);
}

const isArray: (value: unknown) => value is readonly unknown[] = Array.isArray;

/**
 * The thrown value itself when it can be saved; else an error with its message, stack, code, data properties as far as they
 * can be saved, and its cause and errors treated likewise. Of its class, the nearest one that can be saved is kept, and the name.
 */
export function savableError(thrown: unknown, canSave: CanSave): unknown {
  const done = new Map<unknown, unknown>();

  const enter = (value: unknown): unknown => {
    if (canSave(value)) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (!isArray(value)) return copyError(value as object, canSave, enter, (made) => done.set(value, made));
    const items: unknown[] = [];
    done.set(value, items);
    for (const item of value) items.push(enter(item));
    return items;
  };

  return enter(thrown);
}

/** `known` is told of the copy before anything that may lead back to it. */
function copyError(
  value: object,
  canSave: CanSave,
  enter: (value: unknown) => unknown,
  known: (made: Error) => void,
): Error {
  const made = new Error(isError(value) ? "" : textOf(value));
  known(made);
  const put = (properties: Parts["properties"]) => {
    for (const [key, descriptor] of properties)
      Reflect.defineProperty(made, key, { ...descriptor, configurable: true });
  };
  if (!isError(value)) {
    put(savableProperties(value, canSave, enter));
    return made;
  }
  const parts = partsOf(value, canSave, enter);
  for (const key of Reflect.ownKeys(made))
    if (key !== "stack" || parts.stack === undefined) Reflect.deleteProperty(made, key);
  if (parts.stack !== undefined) made.stack = parts.stack;
  Reflect.setPrototypeOf(made, parts.prototype);
  put(parts.properties);
  restoreTexts(made, parts);
  return made;
}

/**
 * The same for an error that is in the run already, where others hold it: the object itself becomes what can be saved of it, and so do its cause
 * and errors. False: it cannot be changed (it is frozen), and has not been.
 */
export function enterInPlace(error: Error, canSave: CanSave): boolean {
  const done = new Map<unknown, unknown>();

  const enter = (value: unknown): unknown => {
    if (canSave(value)) return value;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (isArray(value)) {
      done.set(value, value);
      const items = value.map(enter);
      return items.every((item, i) => item === value[i]) ? value : items;
    }
    if (isError(value) && change(value)) return value;
    return copyError(value as object, canSave, enter, (made) => done.set(value, made));
  };

  const change = (value: Error): boolean => {
    if (!Reflect.isExtensible(value)) return false;
    done.set(value, value);
    if (become(value, partsOf(value, canSave, enter), canSave)) return true;
    done.delete(value);
    return false;
  };

  return change(error);
}

/** Changes the error to its parts, or nothing when one of the changes is not possible. */
function become(error: Error, parts: Parts, canSave: CanSave): boolean {
  const gone: PropertyKey[] = [];
  const changed: [PropertyKey, PropertyDescriptor][] = [];
  for (const key of Reflect.ownKeys(error)) {
    const now = Reflect.getOwnPropertyDescriptor(error, key)!;
    const then = key === "stack" ? stackOf(parts, now, canSave) : parts.properties.get(key);
    if (then !== undefined && then.get === now.get && then.set === now.set && Object.is(then.value, now.value))
      continue;
    if (!now.configurable) return false;
    if (then === undefined) gone.push(key);
    else changed.push([key, then]);
  }
  for (const key of gone) Reflect.deleteProperty(error, key);
  for (const [key, descriptor] of changed) Reflect.defineProperty(error, key, descriptor);
  Reflect.setPrototypeOf(error, parts.prototype);
  restoreTexts(error, parts);
  return true;
}

/** V8's own stack stays as it is; one that a package computes when it is read becomes its text. */
function stackOf({ stack }: Parts, now: PropertyDescriptor, canSave: CanSave): PropertyDescriptor | undefined {
  if (stack === undefined) return undefined;
  if (now.value === stack || isStackAccessor(now) || (!("value" in now) && canSave(now.get) && canSave(now.set)))
    return now;
  return { value: stack, writable: true, enumerable: now.enumerable ?? false, configurable: true };
}

const define = (to: object, key: string, value: unknown, enumerable = false) =>
  Reflect.defineProperty(to, key, { value, writable: true, enumerable, configurable: true });
