/** Values that are no objects, as they stand in a segment: themselves, or an array whose first element tells. */
import type { Json } from "./contract.ts";

const NOT_JSON: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["-0", -0],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Stands for a hole among the fields of an array; no value of a run. */
export const HOLE = Symbol("hole");
export const HOLE_JSON: Json = ["-"];
export const isHole = (json: Json): boolean => Array.isArray(json) && json.length === 1 && json[0] === "-";

/** Is it a value that stands for itself: neither object nor symbol? */
export const isLeaf = (value: unknown): value is string | number | boolean | bigint | null | undefined =>
  typeof value === "object" ? value === null : typeof value !== "function" && typeof value !== "symbol";

/** Encodes everything but objects and symbols. */
export function encodeLeaf(value: string | number | boolean | bigint | null | undefined): Json {
  switch (typeof value) {
    case "number":
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return ["n", value === 0 ? "-0" : String(value)];
    case "undefined":
      return ["u"];
    case "bigint":
      return ["b", String(value)];
    default:
      return value;
  }
}

const isString = (json: Json | undefined): json is string => typeof json === "string";

/** Decodes an array that {@link encodeLeaf} or a registered symbol has made; undefined in `value` is a value too. */
export function decodeLeaf(json: readonly Json[]): { readonly value: unknown } | undefined {
  const [tag, text] = json;
  if (tag === "u" && json.length === 1) return { value: undefined };
  if (json.length !== 2 || !isString(text)) return undefined;
  if (tag === "n" && NOT_JSON.has(text)) return { value: NOT_JSON.get(text) };
  if (tag === "b" && /^-?(0|[1-9]\d*)$/.test(text)) return { value: BigInt(text) };
  if (tag === "y") return { value: Symbol.for(text) };
  return undefined;
}

/** What kinds write nests a few levels deep: more is damage, and would overflow the stack of whoever writes it again. */
const MAX_DEPTH = 200;

export function isShallow(json: Json): boolean {
  let level: Json[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? (Object.values(one) as Json[]) : []));
  }
  return true;
}

/** Structural equality of JSON values made by the same encoder (so with equal order of keys). */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as { readonly [key: string]: Json };
  const right = b as { readonly [key: string]: Json };
  const keys = Object.keys(left);
  const others = Object.keys(right);
  return keys.length === others.length && keys.every((key, i) => key === others[i] && sameJson(left[key], right[key]));
}
