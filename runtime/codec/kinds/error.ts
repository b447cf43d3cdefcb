/** Errors: a real error object (with [[ErrorData]]) whose properties, `stack` among them, are restored as they were. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { encodeProperties, fillShape, isJsonObject, type Shape } from "../properties.ts";

/** Where `stack` is an accessor (an engine may make it one), its functions have no name: only its text is kept. */
const isStackAccessor = (error: object) => (key: string | symbol) =>
  key === "stack" && Reflect.getOwnPropertyDescriptor(error, key)?.get !== undefined;

const toString = Object.prototype.toString;

/** `Object.prototype.toString` sees [[ErrorData]], unless a `Symbol.toStringTag` speaks first. */
function isError(value: object): boolean {
  if (Symbol.toStringTag in value) return Object.prototype.isPrototypeOf.call(Error.prototype, value);
  return toString.call(value) === "[object Error]";
}

export const errorKind: Kind<Error> = {
  tag: "e",
  test: (value): value is Error => isError(value),

  /** `{ proto, own }`, with `stack` where that is no data property. */
  encode(error: Error, encoder: Encoder): Json {
    const skip = isStackAccessor(error);
    return {
      proto: encoder.value(Reflect.getPrototypeOf(error), ".[[Prototype]]"),
      ...(skip("stack") ? { stack: encoder.property(error.stack, "stack") } : {}),
      own: encodeProperties(error, skip, encoder),
      ...(Reflect.isExtensible(error) ? {} : { fixed: true }),
    };
  },

  create: () => new Error(),

  fill(error: Error, payload: Json, decoder: Decoder): void {
    if (!isJsonObject(payload) || payload.proto === undefined) decoder.corrupt("an error has no known form");
    const { stack } = payload;
    const shape: Shape = { prototype: null, skip: (key) => key === "stack" && stack !== undefined };
    if (stack !== undefined) {
      const value = decoder.value(stack);
      Reflect.defineProperty(error, "stack", { value, writable: true, enumerable: false, configurable: true });
    }
    fillShape(error, payload, shape, decoder, () => {});
  },
};
