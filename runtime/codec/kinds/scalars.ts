/** Objects around one primitive: Date, RegExp, and the wrappers `new String("…")`, `Object(1n)`. */
import type { Decoder, Json } from "../contract.ts";
import { exoticKind, getterOf } from "./exotic.ts";

const getTime = Date.prototype.getTime;
const setTime = Date.prototype.setTime;

/** Milliseconds since the epoch; null for an invalid date. */
export const dateKind = exoticKind<Date>({
  tag: "d",
  prototype: Date.prototype,
  brand: (value) => getTime.call(value) !== undefined,
  fields: (date) => [getTime.call(date)],
  data(date) {
    const time = getTime.call(date);
    return Number.isNaN(time) ? null : time;
  },
  make: () => new Date(Number.NaN),
  fillData(date, data, decoder: Decoder) {
    if (data !== null && typeof data !== "number") decoder.corrupt("a date is no number");
    setTime.call(date, data ?? Number.NaN);
  },
});

const source = getterOf(RegExp.prototype, "source");
const flags = getterOf(RegExp.prototype, "flags");
// `global` and its like throw without [[OriginalFlags]], except on the prototype itself, which answers undefined.
const isGlobal = getterOf(RegExp.prototype, "global");

/** `[source, flags, lastIndex]` */
export const regExpKind = exoticKind<RegExp>({
  tag: "x",
  prototype: RegExp.prototype,
  brand: (value) => isGlobal.call(value) !== undefined,
  keys: ["lastIndex"],
  attributes: ["lastIndex"],
  data: (pattern, encoder) => [
    source.call(pattern) as string,
    flags.call(pattern) as string,
    encoder.property(pattern.lastIndex, "lastIndex"),
  ],
  make(data, decoder: Decoder) {
    const [text, letters] = Array.isArray(data) ? (data as readonly Json[]) : [];
    if (typeof text !== "string" || typeof letters !== "string") decoder.corrupt("a regular expression is damaged");
    try {
      return new RegExp(text, letters);
    } catch {
      return decoder.corrupt("a regular expression is not valid here");
    }
  },
  fillData(pattern, data, decoder: Decoder) {
    const [, , lastIndex] = Array.isArray(data) ? (data as readonly Json[]) : [];
    if (lastIndex === undefined) decoder.corrupt("a regular expression is damaged");
    pattern.lastIndex = decoder.value(lastIndex) as number;
  },
});

type Primitive = string | number | boolean | bigint | symbol;

const unwrappers = [String, Number, Boolean, BigInt, Symbol].map(
  (of) => (of.prototype as { valueOf(): Primitive }).valueOf,
);

function unwrap(value: object): Primitive | undefined {
  for (const valueOf of unwrappers) {
    try {
      return valueOf.call(value);
    } catch {
      // Not a wrapper of this type: the next one may be.
    }
  }
  return undefined;
}

function wrapperKind(tag: string, of: Primitive) {
  const type = typeof of;
  return exoticKind<object>({
    tag,
    prototype: Object.getPrototypeOf(Object(of)),
    brand: (value) => typeof unwrap(value) === type,
    data: (value, encoder) => [encoder.value(unwrap(value), ".valueOf()")],
    make(data, decoder: Decoder) {
      const [json] = Array.isArray(data) ? (data as readonly Json[]) : [];
      const primitive = Array.isArray(json) ? decoder.value(json) : json;
      if (typeof primitive !== type) decoder.corrupt("a wrapper object is damaged");
      return Object(primitive) as object;
    },
  });
}

/** `[primitive]` */
export const wrapperKinds = [
  wrapperKind("ws", ""),
  wrapperKind("wn", 0),
  wrapperKind("wb", false),
  wrapperKind("wi", 0n),
  wrapperKind("wy", Symbol.iterator),
];
