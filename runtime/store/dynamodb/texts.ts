/** Texts that are too long for the item that names them, in parts of their own, written first and under a name that is never used again. */

import { damaged, isCount, isRecord, isText, parsed } from "../saved.ts";
import type { Incarnation, RunId } from "../store.ts";
import { type Item, item, type Key, requiredText, textOf } from "./items.ts";
import { bytes, partKey } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import { nonce, type Wire } from "./wire.ts";

/** Where a text is: in the item itself, or in `parts` items named `id`. */
export type Stored = string | TextName;
export interface TextName {
  readonly id: string;
  readonly parts: number;
}

/** Three bytes for each UTF-16 unit at most, and an item has 400 KB. */
const PART = 110_000;
const PARTS = 300;

export const isTextName = (value: unknown): value is TextName =>
  isRecord(value) && isText(value["id"]) && isCount(value["parts"]) && value["parts"] <= PARTS;

/** A text that an item holds itself as `name`, or in parts. */
export const storedIn = (from: Item, name: string): Stored => {
  const inline = textOf(from, name);
  if (inline !== undefined) return inline;
  const parts = parsed(requiredText(from, "parts"), "the name of a text");
  return isTextName(parts) ? parts : damaged("the name of a text has another form");
};

/** Never in the middle of a surrogate pair. */
function cut(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || parts.length === 0; ) {
    let end = Math.min(at + PART, text.length);
    const unit = text.charCodeAt(end - 1);
    if (end < text.length && unit >= 0xd800 && unit < 0xdc00) end--;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

export const fits = (text: string, limit: number): boolean => text.length * 3 <= limit || bytes(text) <= limit;

export async function writeText(wire: Wire, run: RunId, incarnation: Incarnation, text: string): Promise<TextName> {
  const parts = cut(text);
  if (parts.length > PARTS) {
    const details = { what: `a text of the run ${run}`, bytes: String(bytes(text)), limit: String(PART * PARTS) };
    throw dynamodbError("PD3306", "refused", details);
  }
  const id = nonce();
  await wire.putFresh(parts.map((part, n) => item({ ...partKey(run, incarnation, id, n), text: part })));
  return { id, parts: parts.length };
}

/** The text itself where it fits, or its name. */
export const store = async (
  wire: Wire,
  run: RunId,
  incarnation: Incarnation,
  text: string,
  limit: number,
): Promise<Stored> => (fits(text, limit) ? text : writeText(wire, run, incarnation, text));

export const partKeys = (run: RunId, incarnation: Incarnation, { id, parts }: TextName): Key[] =>
  Array.from({ length: parts }, (_, n) => partKey(run, incarnation, id, n));

/** Undefined when it is gone: replaced, or swept, since its name was read. */
export async function readText(
  wire: Wire,
  run: RunId,
  incarnation: Incarnation,
  stored: Stored,
): Promise<string | undefined> {
  if (typeof stored === "string") return stored;
  let text = "";
  for (const key of partKeys(run, incarnation, stored)) {
    const part = await wire.get(key);
    if (part === undefined) return undefined;
    text += requiredText(part, "text");
  }
  return text;
}
