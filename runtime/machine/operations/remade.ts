/**
 * Arguments that would be another in each attempt: what is random in them (an id, a key for idempotency, a nonce) is drawn anew with them, so that no service
 * could tell the second attempt from another call. Told by making one twice and comparing what the two show.
 */
import { error as codecError } from "../../codec/messages.ts";
import { isObject } from "../../codec/objects.ts";
import { propertyStep } from "../../codec/paths.ts";
import { isPerdureError, type PerdureError } from "../../errors.ts";
import { hex } from "./hex.ts";
import { Deferred, Made } from "./operand.ts";
import type { ExpressionCode, StepCall } from "./step-call.ts";

const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

/** Of what is larger, the beginning is compared. */
const MAX_OBJECTS = 1000;
const MAX_BYTES = 1000;

/** What is known of values by whoever asks. */
interface Known {
  canSave(value: unknown): boolean;
  /** No trap of a proxy is asked. */
  isProxy(value: unknown): boolean;
}

/** @returns why the step is refused: one of its arguments, or of what these are made of, cannot be saved and is another when it is made again. */
export function remadeAmong(call: StepCall, known: Known): PerdureError | undefined {
  for (const one of call.type === "call" ? call.callee.args : handedBy(call)) {
    if (!(one instanceof Made || one instanceof Deferred)) continue;
    if (one instanceof Made && (known.canSave(one.value) || known.isProxy(one.value) || isOpened(one.value))) continue;
    const nested = remadeAmong({ type: "expression", code: one.code, operands: one.operands }, known);
    if (nested !== undefined) return nested;
    const path = one instanceof Made ? remadePath(one, known) : undefined;
    if (path !== undefined) return madeAnother(path);
  }
  return undefined;
}

/** The operands of an expression that it hands on; not those that it calls, or reads a property of. */
function handedBy({ code, operands }: { code: ExpressionCode; operands: readonly unknown[] }): readonly unknown[] {
  if (!operands.some((one) => one instanceof Made || one instanceof Deferred)) return [];
  const [, listed = "", body = ""] = /^\(?([^)=]*)\)?\s*=>(.*)$/s.exec(Function.prototype.toString.call(code)) ?? [];
  const names = listed.split(",").map((name) => name.trim().replaceAll("$", "\\$"));
  const isUsed = (name: string): boolean => new RegExp(`(?<![\\w$.])${name}\\s*(?:\\?\\.|[.([\`])`).test(body);
  return operands.filter((_, i) => names[i] !== undefined && names[i] !== "" && !isUsed(names[i]));
}

/** An emitter, a stream, a lazy thenable: to make another only to look at it is to open it. */
const isOpened = (value: unknown): boolean =>
  isObject(value) && ["on", "then", "next", "getReader"].some((key) => key in value);

function remadePath(made: Made, known: Known): string | undefined {
  try {
    return differenceOf(made.value, made.again(), known);
  } catch (thrown) {
    if (isPerdureError(thrown)) throw thrown;
    // What cannot be made a second time, the attempt tells.
    return undefined;
  }
}

/** @returns where the two differ by what neither a clock nor a counter explains, as a path below them; undefined: nowhere that can be seen. */
function differenceOf(a: unknown, b: unknown, { isProxy }: Known): string | undefined {
  const seen = new Set<object>();

  const compare = (one: unknown, other: unknown, path: string): string | undefined => {
    if (!isObject(one) || !isObject(other)) return isAnother(one, other) ? path : undefined;
    if (typeof one === "function" || isProxy(one) || one === other || seen.has(one) || seen.size >= MAX_OBJECTS)
      return undefined;
    seen.add(one);
    if (getPrototypeOf(one) !== getPrototypeOf(other)) return undefined;
    if (ArrayBuffer.isView(one))
      return isAnother(bytesText(one), bytesText(other as ArrayBufferView)) ? path : undefined;
    return compareParts(one, other, path) ?? (isAnother(shown(one), shown(other)) ? path : undefined);
  };

  const compareParts = (one: object, other: object, path: string): string | undefined => {
    for (const key of Reflect.ownKeys(one)) {
      const [mine, its] = [one, other].map((of) => getOwnPropertyDescriptor(of, key));
      if (!mine?.enumerable || !("value" in mine) || !its || !("value" in its)) continue;
      const found = compare(mine.value, its.value, path + propertyStep(key));
      if (found !== undefined) return found;
    }
    if (!isCollection(one) || !isCollection(other)) return undefined;
    return compare([...one], [...other], path);
  };

  return compare(a, b, "");
}

const isCollection = (value: object): value is Map<unknown, unknown> | Set<unknown> =>
  value instanceof Map || value instanceof Set;

const bytesText = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  hex(new Uint8Array(buffer, byteOffset, Math.min(byteLength, MAX_BYTES)));

/** What an object says of its private state. */
function shown(value: object): unknown {
  const { toJSON, toString } = value as { toJSON?: unknown; toString?: unknown };
  const says = typeof toJSON === "function" ? toJSON : toString === Object.prototype.toString ? undefined : toString;
  if (typeof says !== "function") return undefined;
  try {
    const text: unknown = Reflect.apply(says, value, []);
    return isObject(text) ? JSON.stringify(text) : text;
  } catch {
    return undefined;
  }
}

function isAnother(a: unknown, b: unknown): boolean {
  if (typeof a !== typeof b) return false;
  if (typeof a === "number" || typeof a === "bigint") return isAnotherNumber(Number(a), Number(b));
  if (typeof a !== "string" || a === b) return false;
  const [before, after] = [a, b as string].map((text) => text.split(/\d+/).join("#"));
  if (before !== after) return true;
  const [mine, its] = [a, b as string].map((text) => text.match(/\d+/g) ?? []);
  return mine!.some((digits, i) => isAnotherNumber(Number(digits), Number(its![i])));
}

/** Clocks go on by a little, and counters by one. */
function isAnotherNumber(a: number, b: number): boolean {
  if (Object.is(a, b)) return false;
  const distance = Math.abs(a - b);
  if (a >= 0 && a < 1 && b >= 0 && b < 1) return distance > 0;
  return distance > Math.max(1000, Math.max(Math.abs(a), Math.abs(b)) / 1000);
}

/** Why an argument is refused that is another each time. */
const madeAnother = (path: string): PerdureError =>
  codecError("PD4001", {
    path: "",
    why: `it cannot be saved, so it would be made anew for each attempt, and be another each time${path === "" ? "" : ` (${path})`}`,
    mend: "draw what is random in it (an id, a key) in a line of its own, which is saved, and make it of that; or make it in the step: step(async () => …), if each attempt is meant to make another; a client: bind it at module level, or provide it",
  });
