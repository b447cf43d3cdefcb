/** Codecs of users: how instances of an ordinary class are saved. */

import { callback, checkArgument, checkOptions, type Wanted } from "../options/check.ts";
import { builtInBaseOf } from "./classes/ordinary-class.ts";
import { propertiesKind } from "./classes/properties-codec.ts";
import type { Decoder, Encoder, Json, Kind } from "./contract.ts";
import { isJsonObject } from "./json.ts";
import { error } from "./messages.ts";

/** Also one whose constructor is private, and the function that packages export in the place of a class. */
export type Class<T> = Function & { readonly prototype: T };

interface CodecBase<T, Data> {
  /** Persisted in place of the class: unique, and never reused for another meaning. */
  readonly tag: string;
  /**
   * What the instance is made of: best a plain object or array of the instance's own values and objects. Called at every save,
   * so it has no side effects; what it returns may hold anything that can be saved.
   */
  readonly encode: (value: T) => Data;
}
export interface DecodingCodec<T, Data> extends CodecBase<T, Data> {
  /** Makes the instance from complete data. */
  readonly decode: (data: Data) => T;
}
export interface FillingCodec<T, Data> extends CodecBase<T, Data> {
  /** Makes an instance without data: for classes whose instances can lead back to themselves. */
  readonly create: () => T;
  readonly fill: (value: T, data: Data) => void;
}
export type CodecDefinition<T, Data> = DecodingCodec<T, Data> | FillingCodec<T, Data>;

/** For {@link codec} without `encode`: another tag than the name of the class. */
export interface PropertiesCodec {
  readonly tag?: string;
  readonly encode?: undefined;
}

/** One registration, for `createEngine({ codecs: [...] })`. */
export interface Codec {
  readonly tag: string;
  /** The class: saved itself under the codec's tag where no import or provided host leads to it. */
  readonly of: Function;
  readonly kind: Kind;
  /** Own properties are the whole state of its instances, and of those of classes that extend it. */
  readonly isWhole: boolean;
}

/**
 * Says how instances of an ordinary class are saved.
 *
 * With the class alone it says that an instance has no state beside its own properties: they are saved with their attributes, symbols and
 * accessors, and put back without running the constructor. Its tag is the name of the class, unless one is given (a minified build changes names).
 * That is said of the classes that extend it too, unless their own text shows that they may keep more: they are saved by their names, as classes that show it by themselves
 * (`codec(Model)`: every model). It is not said of errors' subclasses.
 *
 * Exactly of that class, with `encode` and `decode` it says what an instance is made of; with `encode`, `create` and `fill` also for instances that can lead back to themselves.
 *
 * Give it to every engine that may load such runs, best from an ordinary module that all of them import. A run that holds an instance is blocked in a process
 * without the codec (PD4013), and goes on in one that has it. The first of several codecs for a class is the one that saves; the others still read what they once wrote.
 *
 * @example
 * export const codecs = [codec(Decimal), codec(dayjs, { tag: "dayjs" })];     // codecs.ts
 * createEngine({ store, codecs });
 *
 * @example
 * const money = codec(Money, {
 *   tag: "money",
 *   encode: (m) => ({ amount: m.amount, currency: m.currency }),
 *   decode: ({ amount, currency }) => new Money(amount, currency),
 * });
 * createEngine({ store, codecs: [money] });
 *
 * @throws PD2516 and PD2517 for what is no class, has no name and no tag, or cannot read what it writes.
 * @throws PD4015 when only the class is given and its instances have private fields, or data of a built-in, which would be lost.
 * @throws PD4014 at a save or load when `encode` or `decode` throws, or gives something of another class.
 */
export function codec(of: Function, definition?: PropertiesCodec): Codec;
export function codec<T extends object, Data>(of: Class<T>, definition: CodecDefinition<T, Data>): Codec;
export function codec<T extends object, Data>(
  of: Class<T>,
  definition: CodecDefinition<T, Data> | PropertiesCodec = {},
): Codec {
  check(of, definition);
  if (definition.encode !== undefined) return definedCodec(of, definition);
  const { tag = of.name } = definition;
  // Errors have a rule of their own.
  return { tag, of, kind: propertiesKind(of, tag), isWhole: builtInBaseOf(of) === undefined };
}

const CLASS: Wanted = {
  wanted: "a class",
  fits: (value) => typeof value === "function" && typeof value.prototype === "object" && value.prototype !== null,
};
const DEFINITION: { readonly [option in "tag" | "encode" | "decode" | "create" | "fill"]: Wanted } = {
  tag: { wanted: "a text", fits: (value) => typeof value === "string" && value !== "" },
  encode: callback,
  decode: callback,
  create: callback,
  fill: callback,
};

/** Throws PD2516 and PD2517: a codec that cannot read what it has written is told before it writes. */
function check(of: Function, definition: object): void {
  checkArgument("codec", "the class", of, CLASS);
  checkOptions("codec", definition, DEFINITION);
  const { tag, encode, decode, create, fill } = definition as {
    readonly [option in keyof typeof DEFINITION]?: unknown;
  };
  const call = `codec(${of.name})`;
  // What has no definition is named by its class.
  checkArgument(call, "`tag`", encode === undefined ? (tag ?? of.name) : tag, DEFINITION.tag);
  const reads = create === undefined && fill === undefined ? { decode } : { create, fill };
  if (encode !== undefined || decode !== undefined || create !== undefined || fill !== undefined)
    for (const [option, value] of Object.entries({ encode, ...reads }))
      checkArgument(call, `\`${option}\``, value, callback);
}

/** The codecs without those that are given twice. Throws PD4016 when one tag is given to two classes. */
export function distinctCodecs(codecs: readonly Codec[]): readonly Codec[] {
  const byTag = new Map<string, Codec>();
  for (const one of codecs) {
    const first = byTag.get(one.tag);
    if (first === undefined) byTag.set(one.tag, one);
    else if (first.of !== one.of) throw error("PD4016", { tag: one.tag, first: first.of.name, second: one.of.name });
  }
  return [...byTag.values()];
}

function definedCodec<T extends object, Data>(of: Class<T>, definition: CodecDefinition<T, Data>): Codec {
  const { tag } = definition;
  const prototype = of.prototype as object;
  const failed = (action: string, why: unknown) =>
    error(
      "PD4014",
      { tag, action, path: `an instance of ${of.name}`, why: why instanceof Error ? why.message : String(why) },
      why,
    );
  const attempt = <R>(action: string, run: () => R): R => {
    try {
      return run();
    } catch (why) {
      throw failed(action, why);
    }
  };
  const checked = (value: T): T => {
    if (typeof value !== "object" || value === null || Reflect.getPrototypeOf(value) !== prototype)
      throw failed("decode", `it gave something that is no direct instance of ${of.name}`);
    return value;
  };
  const kind: Kind<T> = {
    tag: `c:${tag}`,
    late: true,
    eager: !("create" in definition),
    test: (value): value is T => Reflect.getPrototypeOf(value) === prototype,
    encode: (value, encoder) =>
      encodeData(
        attempt("encode", () => definition.encode(value)),
        encoder,
      ),
    create(payload, decoder) {
      if ("create" in definition) return checked(attempt("decode", definition.create));
      const data = decodeData(payload, decoder) as Data;
      return checked(attempt("decode", () => definition.decode(data)));
    },
    fill(value, payload, decoder) {
      if (!("create" in definition)) return;
      const data = decodeData(payload, decoder) as Data;
      attempt("decode", () => definition.fill(value, data));
    },
  };
  return { tag, of, kind: kind as unknown as Kind, isWhole: false };
}

/**
 * The outermost object or array is made anew by every call, so it stands in the payload itself: `{ "amount": … }`,
 * `["items", …]`; anything else is `["value", …]`.
 */
function encodeData(data: unknown, encoder: Encoder): Json {
  if (Array.isArray(data)) return ["items", ...Array.from(data, (item, i) => encoder.property(item, i))];
  if (typeof data !== "object" || data === null || Reflect.getPrototypeOf(data) !== Object.prototype)
    return ["value", encoder.value(data, "")];
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encoder.property(value, key)]));
}

function decodeData(payload: Json, decoder: Decoder): unknown {
  if (isJsonObject(payload))
    return Object.fromEntries(Object.entries(payload).map(([key, json]) => [key, decoder.complete(json)]));
  const [form, ...values] = Array.isArray(payload) ? (payload as readonly Json[]) : [];
  if (form === "items") return values.map((json) => decoder.complete(json));
  if (form !== "value" || values.length !== 1) return decoder.corrupt("the data of a codec has no known form");
  return decoder.complete(values[0]!);
}
