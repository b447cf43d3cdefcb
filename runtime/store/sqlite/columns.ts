/**
 * Columns in bytes, to be read as text here: a library may take SQLite's word that text is UTF-8, which a damaged file does not keep
 * (libsql ends the process). It is also the cheaper way for many columns, since each costs a call into the library.
 */
import { damaged, parsed } from "../saved.ts";
import type { SqlValue } from "./driver.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One text. */
export const bytesOf = (column: string): string => `CAST(${column} AS BLOB)`;
/** Of a column that is no bytes, where one row that is damaged must not keep SQLite from making JSON of the others. */
export const unlessBytes = (column: string): string => `iif(typeof(${column}) = 'blob', NULL, ${column})`;
/** Several columns as one JSON array. */
export const packed = (...columns: readonly string[]): string => bytesOf(`json_array(${columns.join()})`);

/** What {@link bytesOf} gave; null for no value. */
export function textIn(value: unknown): string | null {
  if (value === null) return null;
  // libsql gives the one or the other, by how many rows it was asked for.
  if (!(value instanceof Uint8Array || value instanceof ArrayBuffer)) return damaged("a text is none");
  try {
    return decoder.decode(value);
  } catch {
    return damaged("a text is not UTF-8");
  }
}

/** What {@link packed} gave. */
export const unpacked = (value: unknown): SqlValue[] => parsed(textIn(value), "a row") as SqlValue[];
