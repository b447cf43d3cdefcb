/**
 * Instances of durable classes: `[prototype, own properties, private fields, fixed, data]`, one entry of private fields
 * for each class of the chain that has some; data is that of the built-in which the class extends. They revive by
 * guarded construction: their private names exist, and no user code has run. Where other objects stand between their prototypes, their class follows.
 */
import type { Decoder, Json } from "../../codec/contract.ts";
import { type Internals, internalsOf } from "../../codec/kinds/internals.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { assignProperty, encodeProperties, fillProperties, propertyParts } from "../../codec/properties.ts";
import { chainOf, construct, constructorsOf, displaced, type InstanceChain } from "../instances.ts";
import { type Privates, privatesOf } from "../privates.ts";
import { layoutDigest } from "../registry.ts";
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

const hasNames = (value: object) => (constructor: Function) => privatesOf(constructor)?.has(value);

/** How the object is made again. `by`: the class that it is constructed with, where its prototypes do not lead to that one after the other. */
interface Making {
  readonly chain: InstanceChain;
  readonly by?: Function;
}

/** Undefined: it is no instance; null: it is one that nothing here could make. */
function makingOf(value: object): Making | null | undefined {
  const chain = chainOf(Reflect.getPrototypeOf(value));
  if (chain !== undefined) return { chain };
  const found = displaced(value, hasNames(value));
  return found && { chain: found.chain, by: found.constructor };
}

/** An instance of a class over a built-in that has no private fields is an object of the built-in's own kind, with another prototype. */
function takes(value: object): boolean {
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return false;
  const making = makingOf(value);
  if (making === null) return true;
  return (
    making !== undefined && (making.chain.builtIn === undefined || withPrivates(value, making.chain.classes).length > 0)
  );
}

export const instanceKind = kindOf<object, KindContext>({
  tag: "instance",
  test: (value): value is object => typeof value === "object" && takes(value),
  propertiesOnly: (value) => makingOf(value)?.chain.builtIn === undefined,

  encode(value, encoder) {
    const making = makingOf(value);
    if (!making) return encoder.refuse("its prototype was changed");
    const { chain, by } = making;
    const { classes } = chain;
    const internals = internalsIn(chain);
    for (const constructor of classes) this.of.codes.add(layoutDigest(closureOf(constructor)!.code));
    const privates = withPrivates(value, classes);
    return [
      encoder.value(Reflect.getPrototypeOf(value), ".[[Prototype]]"),
      encodeProperties(value, none, encoder),
      privates.length === 0 && classes.some(privatesOf)
        ? null
        : privates.map(({ get }) => get(value).map((field, i) => encoder.value(field, `.#${i}`)) as Json),
      !Reflect.isExtensible(value),
      ...(internals ? [internals.data(value, encoder)] : by ? [null] : []),
      ...(by ? [encoder.value(by, " (class)")] : []),
    ];
  },

  create(payload, decoder) {
    const [json, , privates, , , by] = listOf(payload, decoder, "an instance");
    if (by !== undefined) return construct(constructedBy(by, decoder));
    const prototype = decoder.value(json ?? null);
    const chain = typeof prototype === "object" ? chainOf(prototype) : undefined;
    if (chain === undefined) return decoder.corrupt("an instance has no durable class");
    if (privates === null || !chain.classes.some(privatesOf)) return Object.create(prototype as object) as object;
    return construct(chain);
  },

  fill(value, payload, decoder) {
    const [json, own, privates, fixed, data, by] = listOf(payload, decoder, "an instance");
    if (by !== undefined) moveUnder(value, decoder.value(json ?? null), decoder);
    const chain = by === undefined ? chainOf(Reflect.getPrototypeOf(value)) : constructedBy(by, decoder);
    fillProperties(value, own, none, decoder);
    if (data !== undefined && data !== null && chain) internalsIn(chain)?.fillData(value, data, decoder);
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

  ordered: true,
  parts(payload) {
    const [, own, privates] = payload as readonly Json[];
    const properties = propertyParts(own);
    // Private fields are always there: they stand before properties, among which new ones are the last.
    const parts = new Map<string, Json>();
    for (const [i, fields] of ((privates ?? []) as readonly (readonly Json[])[]).entries())
      for (const [j, field] of fields.entries()) parts.set(privatePart(i, j), field);
    if (properties === undefined || [...parts.keys()].some((part) => properties.has(part))) return undefined;
    for (const [key, value] of properties) parts.set(key, value);
    return parts;
  },
  rest(payload) {
    const [prototype, , privates, ...others] = payload as readonly Json[];
    const counts = (privates as readonly (readonly Json[])[] | null)?.map(({ length }) => length) ?? null;
    return [prototype!, counts, ...others];
  },
  assign(value, part, json, decoder) {
    const classes = withPrivates(value, makingOf(value)?.chain.classes ?? []);
    for (const [i, { get, set }] of classes.entries()) {
      const fields = get(value);
      const at = fields.findIndex((_, j) => privatePart(i, j) === part);
      if (at < 0) continue;
      set(value, fields.with(at, decoder.value(json!)));
      return;
    }
    assignProperty(value, part, json, decoder);
  },
});

/** How a private field is called among the parts: its name is known to its class alone. */
const privatePart = (ofClass: number, field: number): string => `#${ofClass}.${field}`;

function constructedBy(json: Json, decoder: Decoder): InstanceChain {
  const constructor = decoder.value(json);
  const chain = typeof constructor === "function" ? constructorsOf(constructor) : undefined;
  return chain ?? decoder.corrupt("an instance has no durable class");
}

function moveUnder(value: object, prototype: unknown, decoder: Decoder): void {
  if ((typeof prototype !== "object" && typeof prototype !== "function") || !Reflect.setPrototypeOf(value, prototype))
    decoder.corrupt("the prototype of an instance cannot be set");
}
