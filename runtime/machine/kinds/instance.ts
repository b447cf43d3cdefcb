/**
 * Instances of durable classes: `[prototype, own properties, private fields…]`, one entry of private fields for each class of the chain that has
 * some. They revive by guarded construction: their private names exist, and no user code has run.
 */
import type { Json, Kind } from "../../codec/contract.ts";
import { encodeProperties, fillProperties } from "../../codec/properties.ts";
import { type Privates, privatesOf } from "../privates.ts";
import { revive } from "../reviving.ts";
import { closureOf } from "../stamp.ts";
import { type KindContext, listOf } from "./context.ts";

const none = () => false;

/** The classes of a prototype's chain, derived first; undefined when the chain leaves durable code before it ends. */
export function durableChain(prototype: object | null): readonly Function[] | undefined {
  const chain: Function[] = [];
  for (let at = prototype; at !== Object.prototype && at !== null; at = Reflect.getPrototypeOf(at)) {
    const constructor = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value as unknown;
    if (
      typeof constructor !== "function" ||
      constructor.prototype !== at ||
      closureOf(constructor)?.code.kind !== "class"
    )
      return undefined;
    chain.push(constructor);
  }
  return chain.length === 0 ? undefined : chain;
}

/** Classes of the chain whose private names the instance has: one made by `Object.create` has none. */
const withPrivates = (value: object, chain: readonly Function[]): Privates[] =>
  chain.map(privatesOf).filter((privates): privates is Privates => privates?.has(value) ?? false);

export function instanceKind(context: KindContext): Kind<object> {
  return {
    tag: "instance",
    test: (value): value is object =>
      typeof value === "object" && durableChain(Reflect.getPrototypeOf(value)) !== undefined,

    encode(value, encoder) {
      const prototype = Reflect.getPrototypeOf(value)!;
      const chain = durableChain(prototype);
      if (chain === undefined) return encoder.refuse("its prototype was changed");
      for (const constructor of chain) context.codes.add(closureOf(constructor)!.code.digest);
      const privates = withPrivates(value, chain);
      return [
        encoder.value(prototype, ".[[Prototype]]"),
        encodeProperties(value, none, encoder),
        privates.length === 0 && chain.some(privatesOf)
          ? null
          : privates.map(({ get }) => get(value).map((field, i) => encoder.value(field, `.#${i}`)) as Json),
        ...(Reflect.isExtensible(value) ? [] : [true]),
      ];
    },

    create(payload, decoder) {
      const [json, , privates] = listOf(payload, decoder, "an instance");
      const prototype = decoder.value(json ?? null);
      const chain = typeof prototype === "object" ? durableChain(prototype) : undefined;
      if (chain === undefined) return decoder.corrupt("an instance has no durable class");
      if (privates === null || !chain.some(privatesOf)) return Object.create(prototype as object) as object;
      return revive(() => Reflect.construct(chain[0]!, []) as object);
    },

    fill(value, payload, decoder) {
      const [, own, privates, fixed] = listOf(payload, decoder, "an instance");
      fillProperties(value, own, none, decoder);
      if (privates !== null) {
        const fields = listOf(privates, decoder, "private fields");
        const classes = withPrivates(value, durableChain(Reflect.getPrototypeOf(value)) ?? []);
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
