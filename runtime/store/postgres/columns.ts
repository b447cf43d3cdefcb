/**
 * Parameters that hold a column of many rows. Texts go as Postgres' binary form of `text[]`: the literal `{"…"}` would have each quote of the
 * JSON in it escaped here and read letter by letter there, which took half of the server's time for a turn.
 */
import { Buffer } from "node:buffer";

/** `pg_type.oid` of `text`. */
const TEXT = 25;
/** Dimensions, whether there are nulls, type, length, first index. */
const HEADER = 20;

/** Of type `text[]`. */
export function texts(values: readonly (string | null)[]): Buffer {
  let size = HEADER;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  const write = (number: number): void => {
    at = bytes.writeInt32BE(number, at);
  };
  write(1);
  write(values.includes(null) ? 1 : 0);
  write(TEXT);
  write(values.length);
  write(1);
  for (const value of values) {
    if (value === null) write(-1);
    else {
      const length = bytes.write(value, at + 4);
      write(length);
      at += length;
    }
  }
  return bytes;
}

/** Of any type of array of numbers. */
export const numbers = (values: readonly (number | null)[]): string => `{${values.map((one) => one ?? "NULL").join()}}`;

/**
 * Always true of a number `WITH ORDINALITY`, and makes the planner expect so few rows that it looks up each by the key, however small the table is when it
 * plans.
 */
export const isFew = (number: string): string => `${number} BETWEEN 1 AND 9223372036854775807`;

/** Equality that no index serves: a worker has many runs, and its index would be read for each of them. */
export const isSame = (a: string, b: string): string => `${a} IS NOT DISTINCT FROM ${b}`;
