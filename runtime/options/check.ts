/** Checks of what host code passes: it may be JavaScript, or what came out of a variable of the environment. */
import { optionError } from "./messages.ts";

/** What an argument or option may be. */
export interface Wanted {
  /** In words: `a whole number from 1`. */
  readonly wanted: string;
  fits(value: unknown): boolean;
  /** It has no default. */
  readonly required?: true;
  /** A text in its place may be one that no log should have. */
  readonly secret?: true;
  /** Often taken from the environment, where a variable may not be set. */
  readonly fromEnvironment?: true;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isList = (value: unknown): value is unknown[] => Array.isArray(value);

export const required = (kind: Wanted): Wanted => ({ ...kind, required: true });

/** What is judged elsewhere. */
export const anything: Wanted = { wanted: "anything", fits: () => true };
export const text: Wanted = {
  wanted: "a text",
  fits: (value) => typeof value === "string" && value !== "",
  fromEnvironment: true,
};
/** What stands in a key of the store. */
export const name: Wanted = {
  wanted: "a text of 1 to 512 characters",
  fits: (value) => text.fits(value) && (value as string).length <= 512,
};
export const flag: Wanted = { wanted: "true or false", fits: (value) => typeof value === "boolean" };
export const callback: Wanted = { wanted: "a function", fits: (value) => typeof value === "function" };
export const record: Wanted = { wanted: "an object", fits: (value) => isObject(value) && !isList(value) };
export const list = (wanted: string): Wanted => ({ wanted, fits: isList });
export const keyList: Wanted = {
  ...list('a list of keys: `[{ id: "2026-11", secret }]`'),
  required: true,
  secret: true,
};

export const oneOf = (...values: readonly string[]): Wanted => ({
  wanted: values
    .map((value) => JSON.stringify(value))
    .join(", ")
    .replace(/, (?=[^ ]*$)/, " or "),
  fits: (value) => values.includes(value as string),
});

export const wholeNumber = (least: number): Wanted => ({
  wanted: `a whole number from ${least}`,
  fits: (value) => Number.isInteger(value) && (value as number) >= least,
  fromEnvironment: true,
});

/** Infinity is one. */
export const numberFrom = (least: number): Wanted => ({
  wanted: `a number from ${least}`,
  fits: (value) => typeof value === "number" && value >= least,
  fromEnvironment: true,
});

export const signal: Wanted = {
  wanted: "an AbortSignal",
  fits: (value) => isObject(value) && typeof (value as Partial<AbortSignal>).addEventListener === "function",
};

/** An object with these methods. */
export const having = (wanted: string, ...methods: readonly string[]): Wanted => ({
  wanted,
  fits: (value) => isObject(value) && methods.every((name) => typeof Reflect.get(value, name) === "function"),
});

/** How a value is shown: what kind of thing it is, and of numbers and short texts which one. */
function shown(value: unknown, secret = false): string {
  if (typeof value === "string") return secret || value.length > 40 ? "a text" : JSON.stringify(value);
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (isList(value)) return "an array";
  if (!isObject(value)) return String(value);
  const name = (value as { constructor?: Function }).constructor?.name;
  return name === undefined || name === "Object" ? "an object" : `an instance of ${name}`;
}

const isUnset = (value: unknown): boolean => value === undefined || value === "" || Number.isNaN(value);

/** Throws PD2516 when an argument, of a call that is named as its caller writes it, is not what is wanted. */
export function checkArgument(call: string, argument: string, value: unknown, kind: Wanted): void {
  const { wanted, fits, secret, fromEnvironment } = kind;
  if (fits(value)) return;
  const hint = fromEnvironment && isUnset(value) ? "; is a variable of the environment not set?" : "";
  throw optionError("PD2516", { call, argument, value: shown(value, secret), wanted, hint });
}

/** Throws PD2516 when the options are no object, or one of them is not what is wanted, and PD2517 for one that there is not. */
export function checkOptions(call: string, options: unknown = {}, kinds: Readonly<Record<string, Wanted>>): void {
  if (!record.fits(options))
    checkArgument(call, "its options", options, {
      ...record,
      wanted: `an object with ${Object.keys(kinds).join(", ")}`,
    });
  const given = options as Readonly<Record<string, unknown>>;
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(kinds, option)) continue;
    const known = Object.keys(kinds);
    const close = known.find((one) => distance(one.toLowerCase(), option.toLowerCase()) <= 2);
    const mend = close === undefined ? `its options are ${known.join(", ")}` : `write \`${close}\``;
    throw optionError("PD2517", { call, option: `\`${option}\``, mend });
  }
  for (const [option, kind] of Object.entries(kinds))
    if (given[option] !== undefined || kind.required) checkArgument(call, `\`${option}\``, given[option], kind);
}

/** Edits from one word to the other: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals" (1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
