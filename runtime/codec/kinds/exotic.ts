/** Objects with data of their own beside properties: dates, maps, errors … A kind of them is made from a short description. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { encodeShape, fillShape, isIndex, isOrdinary, type Shape } from "../properties.ts";

export interface Exotic<T extends object> {
  readonly tag: string;
  readonly prototype: object;
  /** Has the object the internal slots? Says no, or throws, for all others. */
  readonly brand: (value: T) => unknown;
  /** Own keys that every object of the kind has and that the data covers. */
  readonly keys?: readonly string[] | "indices";
  /** Those of them whose attributes can change: a changed one is written as property too. */
  readonly attributes?: readonly string[];
  /** Never a JSON object. */
  readonly data: (value: T, encoder: Encoder) => Json;
  readonly make: (data: Json, decoder: Decoder) => T;
  /** Fills in what `make` could not know, or all of it when the object exists already. */
  readonly fillData?: (value: T, data: Json, decoder: Decoder) => void;
  readonly fields?: (value: T) => unknown[];
  readonly appendable?: boolean;
  /** Parts of the data, for copy-out. */
  readonly parts?: (data: Json) => ReadonlyMap<string, Json>;
  readonly assign?: (value: T, part: string, json: Json | undefined, decoder: Decoder) => void;
}

/** Runs a brand check: a getter of the prototype that throws unless the internal slot is there. */
function hasBrand<T extends object>(brand: (value: T) => unknown, value: object): boolean {
  try {
    return brand(value as T) !== false;
  } catch {
    return false;
  }
}

/** A kind whose objects are mostly told by their prototype. */
export interface ExoticKind<T extends object = object> extends Kind<T> {
  readonly prototype: object;
  readonly data: (value: T, encoder: Encoder) => Json;
  readonly fillData: (value: T, data: Json, decoder: Decoder) => void;
}

/** The payload is the data alone, or `{ is: data, … }` when prototype, properties or extensibility are not the usual. */
export function exoticKind<T extends object>(exotic: Exotic<T>): ExoticKind<T> {
  const { tag, prototype, keys = [], data, make, fillData, fields } = exotic;
  const skip = keys === "indices" ? isIndex : (key: string | symbol) => typeof key === "string" && keys.includes(key);
  const shape: Shape = { prototype, skip: exotic.attributes ? () => false : skip };
  const count = (value: T) => (keys === "indices" ? (value as unknown as ArrayLike<unknown>).length : keys.length);
  const plainKeys = (value: T) =>
    !exotic.attributes || exotic.attributes.every((key) => Reflect.getOwnPropertyDescriptor(value, key)?.writable);
  const ordinary = (value: T) => isOrdinary(value, prototype, count(value)) && plainKeys(value);
  const dataOf = (payload: Json): Json => (isJsonObject(payload) ? (payload.is ?? null) : payload);
  return {
    tag,
    prototype,
    data,
    fillData: (value, json, decoder) => fillData?.(value, json, decoder),
    test: (value): value is T => hasBrand(exotic.brand, value),
    encode: (value, encoder) =>
      ordinary(value) ? data(value, encoder) : encodeShape(value, data(value, encoder), shape, encoder),
    create: (payload, decoder) => make(dataOf(payload), decoder),
    fill(value, payload, decoder) {
      // An original may have what the copy of an attempt has no more.
      const json = isJsonObject(payload) ? payload : ordinary(value) ? undefined : { is: payload };
      if (json === undefined) fillData?.(value, payload, decoder);
      else fillShape(value, json, shape, decoder, (data) => fillData?.(value, data, decoder));
    },
    ...(exotic.parts && exotic.assign
      ? {
          ordered: true,
          parts: (payload: Json) => (isJsonObject(payload) ? undefined : exotic.parts!(payload)),
          assign: exotic.assign,
        }
      : {}),
    ...(exotic.appendable ? { appendable: true } : {}),
    ...(fields ? { fields: (value: T) => (ordinary(value) ? fields(value) : undefined) } : {}),
  };
}

/** The function of an accessor, for brand checks. */
export const getterOf = (prototype: object, key: string | symbol) =>
  Reflect.getOwnPropertyDescriptor(prototype, key)!.get as (this: unknown) => unknown;
