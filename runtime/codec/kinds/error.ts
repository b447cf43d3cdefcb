/** Errors: a real error object (with [[ErrorData]]) whose properties, `stack` among them, are restored as they were. */
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

export const errorKind: Kind<Error> = {
  tag: "e",
  test: (value): value is Error => isError(value),

  /** `{ proto, own }`. */
  encode(error: Error, encoder: Encoder): Json {
    return {
      proto: encoder.value(Reflect.getPrototypeOf(error), ".[[Prototype]]"),
      own: encodeProperties(error, none, encoder),
      ...(Reflect.isExtensible(error) ? {} : { fixed: true }),
    };
  },

  create: () => new Error(),

  fill(error: Error, payload: Json, decoder: Decoder): void {
    if (!isJsonObject(payload) || payload.proto === undefined) decoder.corrupt("an error has no known form");
    fillShape(error, payload, shape, decoder, () => {});
  },
};
