/** Items of the table: keys, attributes, and the conditions under which they are written. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { damaged, isCount } from "../saved.ts";

export type Item = Record<string, AttributeValue>;

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Texts become `S`, numbers `N`; what is undefined is left out. */
export function item(attributes: Readonly<Record<string, string | number | undefined>>): Item {
  const made: Item = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made[name] = typeof value === "string" ? { S: value } : { N: String(value) };
  }
  return made;
}

export const textOf = (from: Item, name: string): string | undefined => from[name]?.S;
/** No number that the store writes is larger than those that are exact. */
export const numberOf = (from: Item, name: string): number | undefined => {
  const digits = from[name]?.N;
  if (digits === undefined) return undefined;
  const number = Number(digits);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : damaged(`${name} of an item is ${digits.slice(0, 40)}`);
};
/** For what the store always writes. */
export const requiredText = (from: Item, name: string): string =>
  textOf(from, name) ?? damaged(`an item has no ${name}`);
export const requiredNumber = (from: Item, name: string): number =>
  numberOf(from, name) ?? damaged(`an item has no ${name}`);
export const requiredCount = (from: Item, name: string): number => {
  const count = requiredNumber(from, name);
  return isCount(count) ? count : damaged(`${name} of an item is ${count}`);
};
export const keyOf = (from: Item): Key => ({ pk: textOf(from, "pk")!, sk: textOf(from, "sk")! });
export const keyText = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

/** A condition: an expression with `#attribute` and `:value` in it, and the values. */
export interface Condition {
  readonly test: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** What the SDK wants for an expression. Names always go by placeholder: some hundred words are reserved. */
export function expression({ test, values = {} }: Condition): {
  names: Record<string, string>;
  values: Item | undefined;
} {
  const names: Record<string, string> = {};
  for (const [placeholder] of test.matchAll(/#\w+/g)) names[placeholder] = placeholder.slice(1);
  const entries = Object.entries(values).map(([name, value]) => [`:${name}`, value] as const);
  return { names, values: entries.length === 0 ? undefined : item(Object.fromEntries(entries)) };
}

export const ABSENT: Condition = { test: "attribute_not_exists(#pk)" };
export const atRevision = (rev: string): Condition => ({ test: "#rev = :rev", values: { rev } });

/** One write of a transaction, or a write alone. */
export type Write =
  | { readonly type: "put"; readonly item: Item; readonly condition?: Condition }
  | { readonly type: "delete"; readonly key: Key; readonly condition?: Condition }
  | { readonly type: "update"; readonly key: Key; readonly change: Condition; readonly condition?: string }
  | { readonly type: "check"; readonly key: Key; readonly condition: Condition };
