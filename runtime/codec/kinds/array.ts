/** Arrays: `[item …]`, with `["-"]` for a hole; `{ is, own … }` when there is more to say. */
import type { Decoder, Encoder, Json, Kind, Shadow } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { HOLE, isHole } from "../leaves.ts";
import { encodeShape, fillShape, type Shape } from "../properties.ts";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, isExtensible } = Object;

// `length` is always there; its value stands in the data, its attribute too.
const shape: Shape = { prototype: Array.prototype, skip: (key) => key === "length" };

/** The items of an array that is dense enough to be written item by item, and has nothing but ordinary data properties. */
function simpleItems(value: readonly unknown[]): unknown[] | undefined {
  if (getPrototypeOf(value) !== Array.prototype || !isExtensible(value)) return undefined;
  const names = getOwnPropertyNames(value);
  const { length } = value;
  if (names.length - 1 < length / 4) return undefined;
  if (!getOwnPropertyDescriptor(value, "length")!.writable) return undefined;
  const items: unknown[] = new Array(length);
  let present = 0;
  for (let i = 0; i < length; i++) {
    const item = getOwnPropertyDescriptor(value, i);
    if (item === undefined) {
      items[i] = HOLE;
      continue;
    }
    present++;
    if (!item.writable || !item.enumerable || !item.configurable) return undefined;
    items[i] = item.value;
  }
  return present + 1 === names.length && getOwnPropertySymbols(value).length === 0 ? items : undefined;
}

/** The same reading as {@link simpleItems}, against a shadow. */
function unchanged(value: readonly unknown[], shadow: Shadow): boolean {
  const { length } = value;
  const { fields } = shadow;
  if (length !== fields.length || getPrototypeOf(value) !== Array.prototype || !isExtensible(value)) return false;
  for (let i = 0; i < length; i++) {
    const item = Reflect.getOwnPropertyDescriptor(value, i);
    if (item === undefined || !item.writable || !item.enumerable || !item.configurable) return false;
    if (!shadow.same(fields[i], item.value)) return false;
  }
  return Reflect.ownKeys(value).length === length + 1 && getOwnPropertyDescriptor(value, "length")!.writable!;
}

export const arrayKind: Kind<unknown[]> = {
  tag: "a",
  appendable: true,
  test: (value): value is unknown[] => Array.isArray(value),
  fields: simpleItems,
  unchanged,

  encode(value: unknown[], encoder: Encoder, known?: readonly unknown[]): Json {
    const items = known ?? simpleItems(value);
    if (items !== undefined) return items.map((item, i) => encoder.property(item, i));
    const { writable } = getOwnPropertyDescriptor(value, "length")!;
    return encodeShape(value, [value.length, writable!], shape, encoder);
  },

  create: () => [],

  fill(value: unknown[], payload: Json, decoder: Decoder): void {
    value.length = 0;
    if (Array.isArray(payload)) {
      // An original may have what the copy of an attempt has no more.
      if (getPrototypeOf(value) !== Array.prototype || Reflect.ownKeys(value).length > 1)
        fillShape(value, {}, shape, decoder, () => {});
      value.length = payload.length;
      payload.forEach((item: Json, i) => {
        if (!isHole(item)) value[i] = decoder.value(item);
      });
      return;
    }
    if (!isJsonObject(payload)) decoder.corrupt("an array has no known form");
    const [length, writable] = Array.isArray(payload.is) ? (payload.is as readonly Json[]) : [];
    if (
      !Number.isInteger(length) ||
      (length as number) < 0 ||
      (length as number) > 0xffff_ffff ||
      typeof writable !== "boolean"
    )
      decoder.corrupt("the length of an array is damaged");
    fillShape(value, { ...payload, fixed: false }, shape, decoder, () => {});
    if (value.length > (length as number)) decoder.corrupt("an array is longer than its length");
    Object.defineProperty(value, "length", { value: length, writable });
    if (payload.fixed === true) Object.preventExtensions(value);
  },

  parts(payload) {
    if (!Array.isArray(payload)) return undefined;
    const parts = new Map<string, Json>();
    payload.forEach((item: Json, i) => {
      if (!isHole(item)) parts.set(String(i), item);
    });
    return parts.set("length", payload.length);
  },

  assign(value: unknown[], key: string, json: Json | undefined, decoder: Decoder): void {
    if (json === undefined) Reflect.deleteProperty(value, key);
    else if (key === "length") value.length = json as number;
    else
      Object.defineProperty(value, key, {
        value: decoder.value(json),
        writable: true,
        enumerable: true,
        configurable: true,
      });
  },
};
