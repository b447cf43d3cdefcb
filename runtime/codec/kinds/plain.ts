/** Plain objects: literals, objects without prototype, and objects whose prototype is saved with them. */
import { showsPrototype } from "../classes/ordinary-class.ts";
import type { Decoder, Encoder, Json, Shadow } from "../contract.ts";
import { nameOfIntrinsic } from "../intrinsics.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import {
  assignProperty,
  encodeShape,
  fillShape,
  ordinaryClassOf,
  ownPrototypeOf,
  propertyParts,
  type Shape,
} from "../properties.ts";
import { kindOf } from "./kind-of.ts";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, isExtensible } = Object;

const ORDINARY = { writable: true, enumerable: true, configurable: true } as const;

const shape: Shape = { prototype: Object.prototype, skip: () => false };

/**
 * Keys and values of an object that has nothing but ordinary data properties. Reads descriptors, since a getter
 * must not run; `Object.getOwnPropertyNames` is fast because V8 caches it for such objects.
 */
function simpleFields(value: object): unknown[] | undefined {
  if (getPrototypeOf(value) !== Object.prototype || !isExtensible(value)) return undefined;
  const keys = getOwnPropertyNames(value);
  const fields: unknown[] = new Array(2 * keys.length);
  for (let i = 0; i < keys.length; i++) {
    const property = getOwnPropertyDescriptor(value, keys[i]!)!;
    if (!property.writable || !property.enumerable || !property.configurable) return undefined;
    fields[2 * i] = keys[i];
    fields[2 * i + 1] = property.value;
  }
  return getOwnPropertySymbols(value).length === 0 ? fields : undefined;
}

/** The same reading as {@link simpleFields}, against a shadow: most objects of a heap are as they were. */
function unchanged(value: object, shadow: Shadow): boolean {
  if (getPrototypeOf(value) !== Object.prototype || !isExtensible(value)) return false;
  const keys = getOwnPropertyNames(value);
  const { fields } = shadow;
  if (keys.length * 2 !== fields.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const property = getOwnPropertyDescriptor(value, key)!;
    if (!property.writable || !property.enumerable || !property.configurable) return false;
    const now: unknown = property.value;
    const then = fields[2 * i + 1];
    if (key !== fields[2 * i]) return false;
    // Identical primitives need no look; 0 is also identical to -0.
    if ((now !== then || now === 0) && !shadow.same(then, now)) return false;
  }
  return getOwnPropertySymbols(value).length === 0;
}

/** Prototypes whose true instances have kinds of their own, so that what is left is a plain object that inherits from them. */
const inheritable: ReadonlySet<object | null> = new Set<object | null>([
  ...[null, Object.prototype, Array.prototype, Map.prototype, Set.prototype, Date.prototype, RegExp.prototype],
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map(
    (of) => of.prototype,
  ),
]);

/** A module's namespace is a view of live bindings: a copy of what it shows would be another thing (ECMA-262 10.4.6). */
export const isNamespace = (value: object): boolean => {
  const tag = getOwnPropertyDescriptor(value, Symbol.toStringTag);
  return tag?.value === "Module" && !tag.writable && !tag.configurable && !isExtensible(value);
};

/** `isDurable`: can this constructor be saved with its prototype? */
function isPlain(value: object, isDurable: (fn: object) => boolean): boolean {
  let prototype = getPrototypeOf(value);
  if (prototype === null && isNamespace(value)) return false;
  while (!inheritable.has(prototype)) {
    const own: unknown = getOwnPropertyDescriptor(prototype!, "constructor")?.value;
    // A function of durable code stays one when it becomes a global, with a name of its own.
    const isOurs = typeof own === "function" && ownPrototypeOf(own) === prototype && isDurable(own);
    if (!isOurs && nameOfIntrinsic(prototype) !== undefined) return false;
    if (isOurs) {
      prototype = getPrototypeOf(prototype);
      continue;
    }
    const made = ordinaryClassOf(prototype);
    if (made ? !isDurable(made) : !showsPrototype(prototype!, isDurable)) return false;
    prototype = getPrototypeOf(prototype);
  }
  return true;
}

const shapeIn = (payload: Json): JsonObject => (payload as readonly JsonObject[])[0]!;

/** `{ key: value … }` for simple objects, `[shape]` for the others. */
export const plainKind = kindOf<object, (fn: object) => boolean>({
  tag: "o",
  test(value): value is object {
    return typeof value === "object" && isPlain(value, this.of);
  },
  propertiesOnly: () => true,
  fields: simpleFields,
  unchanged,

  encode(value: object, encoder: Encoder, known?: readonly unknown[]): Json {
    const fields = known ?? simpleFields(value);
    if (fields === undefined) return [encodeShape(value, null, shape, encoder)];
    const payload: { [key: string]: Json } = {};
    for (let i = 0; i < fields.length; i += 2) {
      const key = fields[i] as string;
      const child = encoder.property(fields[i + 1], key);
      if (key in payload) Object.defineProperty(payload, key, { value: child, ...ORDINARY });
      else payload[key] = child;
    }
    return payload;
  },

  create: () => ({}),

  fill(value: object, payload: Json, decoder: Decoder): void {
    if (Array.isArray(payload)) {
      if (!isJsonObject(payload[0])) decoder.corrupt("an object has no known form");
      fillShape(value, payload[0], shape, decoder, () => {});
      return;
    }
    if (!isJsonObject(payload)) decoder.corrupt("an object has no known form");
    const target = value as Record<string, unknown>;
    // An original may have what the copy of an attempt has no more.
    if (getPrototypeOf(value) !== Object.prototype) Reflect.setPrototypeOf(value, Object.prototype);
    for (const key of Reflect.ownKeys(value)) Reflect.deleteProperty(value, key);
    for (const key of Object.keys(payload)) {
      const child = decoder.value(payload[key]!);
      if (key in target) Object.defineProperty(value, key, { value: child, ...ORDINARY });
      else target[key] = child;
    }
  },

  ordered: true,
  parts: (payload) => (isJsonObject(payload) ? new Map(Object.entries(payload)) : propertyParts(shapeIn(payload).own)),
  rest: (payload) => (isJsonObject(payload) ? null : { ...shapeIn(payload), own: null }),
  assign: assignProperty,
});
