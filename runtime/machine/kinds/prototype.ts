/**
 * What belongs to a class or function and is saved apart: its prototype, and its methods and accessors as values. Members that a class defines come with
 * its code; what was put beside, in place of or out of them is saved.
 */
import type { Decoder, Encoder, Json, Kind } from "../../codec/contract.ts";
import { isObject } from "../../codec/objects.ts";
import { encodeProperties, fillProperties, ownPrototypeOf } from "../../codec/properties.ts";
import {
  hasDefinedParent,
  inherentToMethod,
  integrityOf,
  isMember,
  isPristineMethod,
  memberOf,
  removedMembers,
  setIntegrity,
} from "../class-members.ts";
import { hasUsualParent } from "../function-parents.ts";
import { printCode } from "../places.ts";
import { PRIVATE, privateMethodOf } from "../private-methods.ts";
import { hasUsualConstructor, ownerOf } from "../prototypes.ts";
import type { MethodCode } from "../registry.ts";
import { closureOf } from "../stamp.ts";
import { listOf } from "./context.ts";

type Key = string | symbol;

/** Is that prototype of the function what the function got, and nothing else? */
export const isPristinePrototype = (prototype: unknown, of: Function): boolean =>
  typeof prototype === "object" &&
  prototype !== null &&
  Reflect.ownKeys(prototype).length === 1 &&
  hasUsualConstructor(prototype, of) &&
  Reflect.isExtensible(prototype) &&
  Reflect.getPrototypeOf(prototype) === Object.prototype;

/** Is the prototype of a class as its definition made it? */
export const isDefinedPrototype = (owner: Function): boolean => {
  const home = owner.prototype as object;
  return (
    hasDefinedParent(home) &&
    Reflect.isExtensible(home) &&
    removedMembers(home).length === 0 &&
    Reflect.ownKeys(home).every((key) => isGivenTo(owner, home)(key))
  );
};

/** What the prototype of a class or function has by its definition. */
const isGivenTo =
  (owner: Function, home: object) =>
  (key: Key): boolean =>
    key === "constructor" ? hasUsualConstructor(home, owner) : isClass(owner) && isMember(owner, home, key);

const isClass = (owner: Function): boolean => closureOf(owner)?.code.kind === "class";

/** Members of the class that are gone: each a list of its key alone. */
export const removed = (home: object, encoder: Encoder): Json[] =>
  removedMembers(home).map((key) => [typeof key === "symbol" ? encoder.value(key, "[[Key]]") : key]);

/** Properties beside the members, in place of them, and what is gone. */
export function fillMembers(
  owner: Function,
  home: object,
  json: Json | undefined,
  isGiven: (key: Key) => boolean,
  decoder: Decoder,
): void {
  const list = listOf(json, decoder, "the properties of a class");
  const isGone = (property: Json): boolean => Array.isArray(property) && property.length === 1;
  for (const property of list.filter(isGone)) {
    const [key] = property as readonly [Json];
    const name = typeof key === "string" ? key : decoder.value(key);
    if (typeof name !== "string" && typeof name !== "symbol")
      decoder.corrupt("a property key is neither string nor symbol");
    Reflect.deleteProperty(home, name as Key);
  }
  const own = list.filter((property) => !isGone(property));
  fillProperties(home, own, (key) => isGiven(key) || (Object.hasOwn(home, key) && isMember(owner, home, key)), decoder);
}

/** Methods and accessors as values: `[home, key, "value" | "get" | "set" | "private", own?, integrity?, parent?]`. */
export const methodKind: Kind<Function> = {
  tag: "method",
  test: (value): value is Function => typeof value === "function" && closureOf(value)?.code.kind === "method",
  label: (fn) => printCode(closureOf(fn)!.code),
  encode(fn, encoder) {
    const code = closureOf(fn)!.code as MethodCode;
    const { home, onClass, key, part } = code;
    const of = onClass || part === PRIVATE ? home : home.prototype;
    const found = [encoder.value(of, " (class)"), encoder.value(key, " (key)"), part];
    if (isPristineMethod(fn, code)) return found;
    const own = encodeProperties(fn, inherentToMethod, encoder);
    return [
      ...found,
      own,
      ...trimmed([integrityOf(fn) ?? null, hasUsualParent(fn, code) ? null : parentOf(fn, encoder)]),
    ];
  },
  create(payload, decoder) {
    const [home, json, part] = listOf(payload, decoder, "a method");
    const owner = decoder.value(home ?? null);
    const key = decoder.value(json ?? null);
    if (!isObject(owner) || (typeof key !== "string" && typeof key !== "symbol"))
      return decoder.corrupt("a method has no known form");
    const found: unknown =
      part === PRIVATE ? privateMethodOf(owner, key) : memberOf(owner, key)?.[part as "value" | "get" | "set"];
    if (typeof found !== "function" || closureOf(found)?.code.kind !== "method")
      return decoder.corrupt(`there is no method ${String(key)}`);
    return found;
  },
  fill(fn, payload, decoder) {
    const [, , , own, level, parent] = listOf(payload, decoder, "a method");
    if (own === undefined) return;
    fillProperties(fn, own, inherentToMethod, decoder);
    setParent(fn, parent, decoder);
    if (level !== undefined && level !== null && !setIntegrity(fn, level))
      decoder.corrupt("a method has no known form");
  },
};

/** `[[[Prototype]]]`: what a function or class inherits from, when that was changed. */
export const parentOf = (fn: object, encoder: Encoder): Json => [
  encoder.value(Reflect.getPrototypeOf(fn), ".[[Prototype]]"),
];

export function setParent(fn: object, json: Json | undefined, decoder: Decoder): void {
  if (json === undefined || json === null) return;
  const [parent] = listOf(json, decoder, "what a function inherits from");
  const value = decoder.value(parent ?? null);
  if ((typeof value !== "object" && typeof value !== "function") || !Reflect.setPrototypeOf(fn, value))
    decoder.corrupt("what a function inherits from cannot be set");
}

/** Without the nulls at the end. */
export const trimmed = (list: readonly Json[]): readonly Json[] =>
  list.slice(0, list.findLastIndex((one) => one !== null) + 1);

/** `prototype` of a durable function or class: `[function]`, with the properties of a function's when they are not the usual. */
export const prototypeKind: Kind<object> = {
  tag: "prototype",
  test: (value): value is object => typeof value === "object" && ownerOf(value) !== undefined,
  // A function may get another prototype.
  remains: (value) => ownerOf(value) !== undefined,

  encode(value, encoder) {
    const owner = ownerOf(value);
    if (owner === undefined) return encoder.refuse("it is no function's prototype any more");
    const head = [encoder.value(owner, ".constructor")];
    const parent = Reflect.getPrototypeOf(value);
    if (isClass(owner) ? isDefinedPrototype(owner) : isPristinePrototype(value, owner)) return head;
    const own = [...encodeProperties(value, isGivenTo(owner, value), encoder), ...removed(value, encoder)];
    const level = integrityOf(value);
    return [...head, encoder.value(parent, ".[[Prototype]]"), own, ...(level ? [level] : [])];
  },

  create(payload, decoder) {
    const [owner] = listOf(payload, decoder, "a prototype");
    const fn = decoder.value(owner ?? null);
    const prototype = typeof fn === "function" && closureOf(fn) !== undefined ? ownPrototypeOf(fn) : undefined;
    return typeof prototype === "object" && prototype !== null
      ? prototype
      : decoder.corrupt("a prototype has no constructor");
  },

  fill(value, payload, decoder) {
    const [owner, parent, own, level] = listOf(payload, decoder, "a prototype");
    if (parent === undefined) return;
    const prototype = decoder.value(parent);
    if (typeof prototype !== "object" || !Reflect.setPrototypeOf(value, prototype))
      decoder.corrupt("a prototype cannot be set");
    fillMembers(decoder.value(owner!) as Function, value, own, (key) => key === "constructor", decoder);
    if (level !== undefined && !setIntegrity(value, level)) decoder.corrupt("a prototype has no known form");
  },
};
