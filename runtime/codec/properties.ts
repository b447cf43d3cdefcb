/**
 * Own properties with their attributes, prototype and extensibility (ECMA-262 6.1.7.1): what an object of any kind may
 * have beside the data of its kind.
 *
 * A property is `[key, value]` when it is writable, enumerable and configurable, else `[key, value, attributes]`; an
 * accessor is `[key, getter, setter, attributes]`. A symbol key is encoded as a value.
 *
 * V8 keeps the text of a stack in a slot of its own and, from Node 21 on, reads it through an accessor whose functions no
 * name leads to (`Error.captureStackTrace` makes both, on any object). Such a property is `[key, text, attributes]`.
 */
import type { Decoder, Encoder, Json } from "./contract.ts";
import { nameOfIntrinsic } from "./intrinsics.ts";
import type { JsonObject } from "./json.ts";

const WRITABLE = 1;
const ENUMERABLE = 2;
const CONFIGURABLE = 4;
const ACCESSOR = 8;
const STACK = 16;
const ORDINARY = WRITABLE | ENUMERABLE | CONFIGURABLE;

const stackGetter = Reflect.getOwnPropertyDescriptor(new Error(), "stack")?.get;

/** Is it the `stack` that V8 makes? */
export const isStackAccessor = ({ get }: PropertyDescriptor): boolean =>
  stackGetter !== undefined && get === stackGetter;

type Key = string | symbol;

/** Own keys have these first, in ascending order, whenever they were made (ECMA-262 10.1.11.1). */
export const isIndex = (key: Key): boolean => typeof key === "string" && /^(0|[1-9]\d*)$/.test(key);

function attributesOf(descriptor: PropertyDescriptor): number {
  return (
    (descriptor.writable ? WRITABLE : 0) |
    (descriptor.enumerable ? ENUMERABLE : 0) |
    (descriptor.configurable ? CONFIGURABLE : 0) |
    (isStackAccessor(descriptor) ? STACK : descriptor.get || descriptor.set ? ACCESSOR : 0)
  );
}

function encodeProperty(owner: object, key: Key, encoder: Encoder): Json {
  const descriptor = Reflect.getOwnPropertyDescriptor(owner, key)!;
  const attributes = attributesOf(descriptor);
  const name = typeof key === "symbol" ? encoder.value(key, "[[Key]]") : key;
  if (attributes & STACK) return [name, encoder.property(Reflect.get(owner, key), key), attributes];
  if (attributes & ACCESSOR || !("value" in descriptor)) {
    const getter = encoder.property(descriptor.get, key);
    return [name, getter, encoder.property(descriptor.set, key), attributes | ACCESSOR];
  }
  const value = encoder.property(descriptor.value, key);
  return attributes === ORDINARY ? [name, value] : [name, value, attributes];
}

/** Own properties but those that the kind writes itself. */
export function encodeProperties(owner: object, skip: (key: Key) => boolean, encoder: Encoder): Json[] {
  const properties: Json[] = [];
  for (const key of Reflect.ownKeys(owner)) if (!skip(key)) properties.push(encodeProperty(owner, key, encoder));
  return properties;
}

function decodeKey(json: Json | undefined, decoder: Decoder): Key {
  if (typeof json === "string") return json;
  const key = json === undefined ? undefined : decoder.value(json);
  if (typeof key !== "symbol") decoder.corrupt("a property key is neither string nor symbol");
  return key;
}

function decodeAccessor(json: Json, decoder: Decoder): (() => unknown) | undefined {
  const accessor = decoder.value(json);
  if (accessor !== undefined && typeof accessor !== "function") decoder.corrupt("an accessor is no function");
  return accessor as (() => unknown) | undefined;
}

/** Defines one property; never runs a setter, so `__proto__` is a key like any other. */
function defineProperty(owner: object, json: Json, decoder: Decoder): Key {
  if (!Array.isArray(json) || json.length < 2 || json.length > 4) decoder.corrupt("a property has no known form");
  const key = decodeKey(json[0], decoder);
  const attributes = json.length === 2 ? ORDINARY : json[json.length - 1];
  if (!Number.isInteger(attributes) || (attributes as number) < 0 || (attributes as number) > 31)
    decoder.corrupt("attributes of a property are out of range");
  const bits = attributes as number;
  if (((bits & ACCESSOR) !== 0) !== (json.length === 4)) decoder.corrupt("a property has no known form");
  const common = { enumerable: (bits & ENUMERABLE) !== 0, configurable: (bits & CONFIGURABLE) !== 0 };
  if (bits & STACK) {
    if (key !== "stack" || bits & ACCESSOR) decoder.corrupt("a property has no known form");
    Error.captureStackTrace(owner);
    Reflect.set(owner, key, decoder.value(json[1]!));
    Reflect.defineProperty(owner, key, common);
    return key;
  }
  const descriptor: PropertyDescriptor =
    bits & ACCESSOR
      ? { ...common, get: decodeAccessor(json[1]!, decoder), set: decodeAccessor(json[2]!, decoder) as () => void }
      : { ...common, writable: (bits & WRITABLE) !== 0, value: decoder.value(json[1]!) };
  if (!Reflect.defineProperty(owner, key, descriptor)) decoder.corrupt(`property ${String(key)} cannot be defined`);
  return key;
}

/** Defines the properties, and deletes those that the object has beside them. */
export function fillProperties(
  owner: object,
  json: Json | undefined,
  skip: (key: Key) => boolean,
  decoder: Decoder,
): void {
  if (json !== undefined && !Array.isArray(json)) decoder.corrupt("properties are no list");
  const list = (json ?? []) as readonly Json[];
  const present = Reflect.ownKeys(owner).filter((key) => !skip(key));
  // A property that cannot be deleted keeps its place: then those that come again keep theirs too, and the order stands.
  const fixed = present.some((key) => !Reflect.getOwnPropertyDescriptor(owner, key)!.configurable);
  const again = new Set(fixed ? list.map((property) => decodeKey((property as readonly Json[])[0], decoder)) : []);
  for (const key of present) if (!again.has(key)) Reflect.deleteProperty(owner, key);
  for (const property of list) defineProperty(owner, property, decoder);
}

/** Encoded properties by their keys, for copy-out; undefined where one of them has a symbol for a key, or attributes of its own. */
export function propertyParts(json: Json | undefined): Map<string, Json> | undefined {
  const parts = new Map<string, Json>();
  for (const property of (json ?? []) as readonly (readonly Json[])[]) {
    const { 0: key, 1: value, length } = property;
    if (typeof key !== "string" || length !== 2) return undefined;
    parts.set(key, value!);
  }
  return parts;
}

const ORDINARY_PROPERTY = { writable: true, enumerable: true, configurable: true } as const;

/** Sets the property that such a part is, or removes it (undefined). Never runs a setter. */
export function assignProperty(owner: object, key: string, json: Json | undefined, decoder: Decoder): void {
  if (json === undefined) Reflect.deleteProperty(owner, key);
  else Object.defineProperty(owner, key, { value: decoder.value(json), ...ORDINARY_PROPERTY });
}

/** What is not ordinary about an object: nothing for nearly all of them. */
export interface Shape {
  /** The prototype that objects of this kind have. */
  readonly prototype: object | null;
  /** Keys that are part of the kind's own data. */
  readonly skip: (key: Key) => boolean;
}

/** Has the object the ordinary prototype, is it extensible, and are there `count` own keys? */
export const isOrdinary = (value: object, prototype: object | null, count: number): boolean =>
  Reflect.getPrototypeOf(value) === prototype && Reflect.isExtensible(value) && Reflect.ownKeys(value).length === count;

/** What a function has as its own `prototype`. A getter does not run, and nothing is inherited. */
export const ownPrototypeOf = (fn: object): unknown => Reflect.getOwnPropertyDescriptor(fn, "prototype")?.value;

/** The ordinary class whose prototype this is, if it is one: what its instances hold beside properties nobody knows. */
export function ordinaryClassOf(prototype: object): Function | undefined {
  if (nameOfIntrinsic(prototype) !== undefined) return undefined;
  const made: unknown = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" && ownPrototypeOf(made) === prototype ? made : undefined;
}

/** `{ is: data }`, with prototype, properties and `fixed` where they are not ordinary. */
export function encodeShape(value: object, data: Json, shape: Shape, encoder: Encoder): Json {
  const prototype = Reflect.getPrototypeOf(value);
  const isUsual = prototype === shape.prototype || shape.prototype === Object.prototype;
  const own = isUsual || prototype === null ? undefined : ordinaryClassOf(prototype);
  if (own && !encoder.isDurable(own))
    encoder.refuse(`it is an instance of the ordinary class ${own.name}, which extends a built-in`);
  const properties = encodeProperties(value, shape.skip, encoder);
  return {
    is: data,
    ...(prototype === shape.prototype ? {} : { proto: encoder.value(prototype, ".[[Prototype]]") }),
    ...(properties.length === 0 ? {} : { own: properties }),
    ...(Reflect.isExtensible(value) ? {} : { fixed: true }),
  };
}

/** Reverses {@link encodeShape} but for the data, which is filled in between: it may be unwritable afterwards. */
export function fillShape(
  value: object,
  json: JsonObject,
  shape: Shape,
  decoder: Decoder,
  fillData: (data: Json) => void,
): void {
  const prototype = json.proto === undefined ? shape.prototype : decoder.value(json.proto);
  if (typeof prototype !== "object" && typeof prototype !== "function") decoder.corrupt("a prototype is no object");
  if (!Reflect.setPrototypeOf(value, prototype)) decoder.corrupt("a prototype cannot be set");
  fillData(json.is ?? null);
  fillProperties(value, json.own, shape.skip, decoder);
  if (json.fixed === true) Reflect.preventExtensions(value);
}
