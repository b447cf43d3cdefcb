/** Errors: a real error object (with [[ErrorData]]) whose properties, `stack` among them, are restored as they were. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { encodeProperties, fillShape, isJsonObject, type Shape } from "../properties.ts";

const shape: Shape = { prototype: Error.prototype, skip: (key) => key === "stack" };

const toString = Object.prototype.toString;

/** `Object.prototype.toString` sees [[ErrorData]], unless a `Symbol.toStringTag` speaks first. */
function isError(value: object): boolean {
  if (Symbol.toStringTag in value) return Object.prototype.isPrototypeOf.call(Error.prototype, value);
  return toString.call(value) === "[object Error]";
}

export const errorKind: Kind<Error> = {
  tag: "e",
  test: (value): value is Error => isError(value),

  /** `{ proto, own, stack }`: `stack` is data of its own, since engines differ in whether it is an accessor. */
  encode(error: Error, encoder: Encoder): Json {
    const properties = encodeProperties(error, shape.skip, encoder);
    const stack = Object.hasOwn(error, "stack") ? error.stack : undefined;
    return {
      proto: encoder.value(Reflect.getPrototypeOf(error), ".[[Prototype]]"),
      own: properties,
      ...(stack === undefined ? {} : { stack: encoder.property(stack, "stack") }),
      ...(Reflect.isExtensible(error) ? {} : { fixed: true }),
    };
  },

  create(): Error {
    return new Error();
  },

  fill(error: Error, payload: Json, decoder: Decoder): void {
    if (!isJsonObject(payload) || payload.proto === undefined) decoder.corrupt("an error has no known form");
    const { stack } = payload;
    if (stack === undefined) Reflect.deleteProperty(error, "stack");
    else
      Object.defineProperty(error, "stack", {
        value: decoder.value(stack),
        writable: true,
        enumerable: false,
        configurable: true,
      });
    fillShape(error, payload, shape, decoder, () => {});
  },
};
