/** `codec(Class)`: instances are their own properties, by the word of whoever registers it. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { error } from "../messages.ts";
import { encodeProperties, fillProperties } from "../properties.ts";
import { builtInBaseOf, hiddenStateOf } from "./ordinary-class.ts";

const none = () => false;

/** An error has to be made by the language, to be one (ECMA-262 20.5.4). */
function makeError(prototype: object): object {
  const made = new Error();
  for (const key of Reflect.ownKeys(made)) Reflect.deleteProperty(made, key);
  Reflect.setPrototypeOf(made, prototype);
  return made;
}

const isErrorPrototype = (value: object | undefined) =>
  value === Error.prototype || (value !== undefined && Reflect.getPrototypeOf(value) === Error.prototype);

/** How instances of the class are saved under the tag. Throws PD4015. */
export function propertiesKind(of: Function, tag: string): Kind {
  const base = builtInBaseOf(of);
  const isError = isErrorPrototype(base);
  if (base !== undefined && !isError)
    throw error("PD4015", {
      name: of.name,
      what: `extends ${(base.constructor as Function).name}, whose data is in no property`,
    });
  if (hiddenStateOf(of) === "private") throw error("PD4015", { name: of.name, what: "has private fields or methods" });
  const prototype = of.prototype as object;
  return {
    tag: `c:${tag}`,
    test: (value): value is object => Reflect.getPrototypeOf(value) === prototype,
    /** `[properties, is it extensible?]` */
    encode: (value: object, encoder: Encoder) => [encodeProperties(value, none, encoder), Reflect.isExtensible(value)],
    create: () => (isError ? makeError(prototype) : (Object.create(prototype) as object)),
    fill(value: object, payload: Json, decoder: Decoder) {
      const [properties, isExtensible] = Array.isArray(payload) ? (payload as readonly Json[]) : [];
      fillProperties(value, properties, none, decoder);
      if (isExtensible === false) Reflect.preventExtensions(value);
    },
  };
}
