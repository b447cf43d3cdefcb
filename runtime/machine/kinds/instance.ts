/**
 * Instances of durable classes: `[prototype, own properties, private fields, fixed, data]`, one entry of private fields
 * for each class of the chain that has some; data is that of the built-in which the class extends. They revive by
 * guarded construction: their private names exist, and no user code has run.
 */
import type { Json, Kind } from "../../codec/contract.ts";
import { nameOfIntrinsic } from "../../codec/intrinsics.ts";
import { type Internals, internalsOf } from "../../codec/kinds/internals.ts";
import { encodeProperties, fillProperties } from "../../codec/properties.ts";
import { type Privates, privatesOf } from "../privates.ts";
import { revive } from "../reviving.ts";
import { closureOf } from "../stamp.ts";
import { type KindContext, listOf } from "./context.ts";

const none = () => false;

const UNKNOWN: Internals = {
  data: (_, encoder) =>
    encoder.refuse("its class has private fields and extends a built-in that cannot be filled later"),
  fillData: (_, __, decoder) => decoder.corrupt("an instance extends a built-in that cannot be filled"),
};

/** What an instance is an instance of. */
interface Chain {
  /** Durable classes, derived first. */
  readonly classes: readonly Function[];
  /** The durable function that they extend, from before there were classes: `function EventEmitter() { … }`. All it gives an instance is properties. */
  readonly base: Function | undefined;
  /** What the built-in that they extend keeps beside properties. */
  readonly internals: Internals | undefined;
}

/** What a prototype's chain is made of; undefined when it has no durable class, or leaves durable code for an ordinary one. */
function chainOf(prototype: object | null): Chain | undefined {
  const classes: Function[] = [];
  let base: Function | undefined;
  for (let at = prototype; at !== Object.prototype && at !== null; at = Reflect.getPrototypeOf(at)) {
    if (classes.length > 0 && nameOfIntrinsic(at) !== undefined)
      return { classes, base, internals: internalsOf(at) ?? UNKNOWN };
    const constructor = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value as unknown;
    if (typeof constructor !== "function" || constructor.prototype !== at) return undefined;
    const kind = closureOf(constructor)?.code.kind;
    if (kind === "class" && base === undefined) classes.push(constructor);
    else if (kind === "function" && classes.length > 0) base ??= constructor;
    else return undefined;
  }
  return classes.length === 0 ? undefined : { classes, base, internals: undefined };
}

/** In place of a function that classes extend: its own text would run. */
function Nothing(): void {}

/** Makes an instance with its private names, and runs no user code. */
function construct({ classes, base }: Chain): object {
  const make = () => revive(() => Reflect.construct(classes[0]!, []) as object);
  if (base === undefined) return make();
  const last = classes.at(-1)!;
  Object.setPrototypeOf(last, Nothing);
  try {
    return make();
  } finally {
    Object.setPrototypeOf(last, base);
  }
}

/** An instance with its private names, made without user code; undefined: the class is over ordinary code. */
export function constructInstance(constructor: Function): object | undefined {
  const chain = chainOf(constructor.prototype as object);
  return chain && construct(chain);
}

/** Classes of the chain whose private names the instance has: one made by `Object.create` has none. */
const withPrivates = (value: object, chain: readonly Function[]): Privates[] =>
  chain.map(privatesOf).filter((privates): privates is Privates => privates?.has(value) ?? false);

/** An instance of a class over a built-in that has no private fields is an object of the built-in's own kind, with another prototype. */
function takes(value: object): boolean {
  const chain = chainOf(Reflect.getPrototypeOf(value));
  return chain !== undefined && (chain.internals === undefined || withPrivates(value, chain.classes).length > 0);
}

export function instanceKind(context: KindContext): Kind<object> {
  return {
    tag: "instance",
    test: (value): value is object => typeof value === "object" && takes(value),
    propertiesOnly: (value) => chainOf(Reflect.getPrototypeOf(value))?.internals === undefined,

    encode(value, encoder) {
      const prototype = Reflect.getPrototypeOf(value)!;
      const chain = chainOf(prototype);
      if (chain === undefined) return encoder.refuse("its prototype was changed");
      const { classes, internals } = chain;
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
      if (data !== undefined) chain?.internals?.fillData(value, data, decoder);
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
