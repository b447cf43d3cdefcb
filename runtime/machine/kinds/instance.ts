/**
 * Instances of durable classes: `[prototype, own properties, private fields, fixed, data]`, one entry of private fields
 * for each class of the chain that has some; data is that of the built-in which the class extends. They revive by
 * guarded construction: their private names exist, and no user code has run.
 */
import type { Json, Kind } from "../../codec/contract.ts";
import { type Internals, internalsOf } from "../../codec/kinds/internals.ts";
import { encodeProperties, fillProperties } from "../../codec/properties.ts";
import { chainOf, construct, type InstanceChain } from "../instances.ts";
import { type Privates, privatesOf } from "../privates.ts";
import { closureOf } from "../stamp.ts";
import { type KindContext, listOf } from "./context.ts";

const none = () => false;

const UNKNOWN: Internals = {
  data: (_, encoder) =>
    encoder.refuse("its class has private fields and extends a built-in that cannot be filled later"),
  fillData: (_, __, decoder) => decoder.corrupt("an instance extends a built-in that cannot be filled"),
};

/** What the built-in that the classes extend keeps beside properties. */
const internalsIn = ({ builtIn }: InstanceChain): Internals | undefined => builtIn && (internalsOf(builtIn) ?? UNKNOWN);

/** Classes of the chain whose private names the instance has: one made by `Object.create` has none. */
const withPrivates = (value: object, chain: readonly Function[]): Privates[] =>
  chain.map(privatesOf).filter((privates): privates is Privates => privates?.has(value) ?? false);

/** An instance of a class over a built-in that has no private fields is an object of the built-in's own kind, with another prototype. */
function takes(value: object): boolean {
  const chain = chainOf(Reflect.getPrototypeOf(value));
  return chain !== undefined && (chain.builtIn === undefined || withPrivates(value, chain.classes).length > 0);
}

export function instanceKind(context: KindContext): Kind<object> {
  return {
    tag: "instance",
    test: (value): value is object => typeof value === "object" && takes(value),
    propertiesOnly: (value) => chainOf(Reflect.getPrototypeOf(value))?.builtIn === undefined,

    encode(value, encoder) {
      const prototype = Reflect.getPrototypeOf(value)!;
      const chain = chainOf(prototype);
      if (chain === undefined) return encoder.refuse("its prototype was changed");
      const { classes } = chain;
      const internals = internalsIn(chain);
      for (const constructor of classes) context.codes.add(closureOf(constructor)!.code.digest);
      const privates = withPrivates(value, classes);
      return [
        encoder.value(prototype, ".[[Prototype]]"),
        encodeProperties(value, none, encoder),
        privates.length === 0 && classes.some(privatesOf)
          ? null
          : privates.map(({ get }) => get(value).map((field, i) => encoder.value(field, `.#${i}`)) as Json),
        !Reflect.isExtensible(value),
        ...(internals ? [internals.data(value, encoder)] : []),
      ];
    },

    create(payload, decoder) {
      const [json, , privates] = listOf(payload, decoder, "an instance");
      const prototype = decoder.value(json ?? null);
      const chain = typeof prototype === "object" ? chainOf(prototype) : undefined;
      if (chain === undefined) return decoder.corrupt("an instance has no durable class");
      if (privates === null || !chain.classes.some(privatesOf)) return Object.create(prototype as object) as object;
      return construct(chain);
    },

    fill(value, payload, decoder) {
      const [, own, privates, fixed, data] = listOf(payload, decoder, "an instance");
      const chain = chainOf(Reflect.getPrototypeOf(value));
      fillProperties(value, own, none, decoder);
      if (data !== undefined && chain) internalsIn(chain)?.fillData(value, data, decoder);
      if (privates !== null) {
        const fields = listOf(privates, decoder, "private fields");
        const classes = withPrivates(value, chain?.classes ?? []);
        if (fields.length !== classes.length) decoder.corrupt("an instance has private fields of other classes");
        for (const [i, { set }] of classes.entries())
          set(
            value,
            listOf(fields[i], decoder, "private fields").map((field) => decoder.value(field)),
          );
      }
      if (fixed === true) Reflect.preventExtensions(value);
    },
  };
}
