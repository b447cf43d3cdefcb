/**
 * Errors: a real error object (with [[ErrorData]]) whose properties, `stack` among them, are restored as they were; and objects of functions from before there were
 * classes, which inherit from errors and are none (`JsonWebTokenError`).
 */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { encodeProperties, fillShape, type Shape } from "../properties.ts";

const none = () => false;

const toString = Object.prototype.toString;

/** `Object.prototype.toString` sees [[ErrorData]], unless a `Symbol.toStringTag` speaks first. */
function isError(value: object): boolean {
  if (Symbol.toStringTag in value) return Object.prototype.isPrototypeOf.call(Error.prototype, value);
  return toString.call(value) === "[object Error]";
}

const shape: Shape = { prototype: null, skip: none };

/** `{ proto, own }`. */
function encode(error: object, encoder: Encoder): Json {
  return {
    proto: encoder.value(Reflect.getPrototypeOf(error), ".[[Prototype]]"),
    own: encodeProperties(error, none, encoder),
    ...(Reflect.isExtensible(error) ? {} : { fixed: true }),
  };
}

function fill(error: object, payload: Json, decoder: Decoder): void {
  if (!isJsonObject(payload) || payload.proto === undefined) decoder.corrupt("an error has no known form");
  fillShape(error, payload, shape, decoder, () => {});
}

export const errorKind: Kind<Error> = {
  tag: "e",
  test: (value): value is Error => isError(value),

  encode,
  create: () => new Error(),
  fill,
};

/** Asked last: it has no slots, and its class is not known to keep its state elsewhere. */
export const errorLikeKind: Kind<object> = {
  tag: "el",
  test: (value): value is object => Object.prototype.isPrototypeOf.call(Error.prototype, value),
  propertiesOnly: () => true,
  encode,
  create: () => ({}),
  fill,
};
