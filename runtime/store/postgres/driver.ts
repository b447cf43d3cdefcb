/**
 * What the store uses of `pg`, as structural types: a pool of the user's own version fits, and no type of that library crosses
 * the store. Values come back as the text that the server sent, whatever type parsers the program has set.
 */
import { Buffer } from "node:buffer";
import { numbers, texts } from "./columns.ts";

export type SqlValue = string | number | boolean | null | Buffer | readonly (string | number)[];
export type Row = readonly (string | null)[];

export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: "array";
  readonly types: { getTypeParser(): (text: any) => any };
  readonly query_timeout: number;
}
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[] }>;
  release(destroy?: boolean): void;
  unref?(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "notification", listener: (message: { channel: string; payload?: string }) => void): unknown;
  removeListener(event: string, listener: (...args: any[]) => void): unknown;
}
/** How a connection of the store's own pool is asked. */
export const ASK: unique symbol = Symbol("ask");

export interface OwnClient extends PgClient {
  ref?(): void;
  readonly connectionParameters?: { query_timeout?: number | false };
  query(statement: unknown): Promise<{ rows: unknown[] }>;
  [ASK](name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]>;
}

/** A `pg.Pool`. */
export interface PgPool {
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connect", listener: (client: PgClient) => void): unknown;
  listeners?(event: "connect"): readonly unknown[];
}

/** The store's own. */
export interface OwnPool extends PgPool {
  /** A connection that can be lent at once, if there is one. */
  take(): PgClient | undefined;
}

/** How long the server may take for a statement, ms: one that is gone without a word must not hold a call for ever. */
export const PATIENCE = 60_000;

const asText = (text: unknown): unknown => text;
const types = { getTypeParser: () => asText };

/** In the forms in which values are sent. */
function asParameter(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || value instanceof Buffer) return value;
  if (!Array.isArray(value)) return String(value);
  return value.some((one) => typeof one !== "number") ? texts(value.map(String)) : numbers(value as number[]);
}

export function run(
  client: PgClient,
  name: string | undefined,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const own = client as PgClient & Partial<OwnClient>;
  if (name !== undefined && own[ASK] !== undefined) return own[ASK](name, text, values.map(asParameter));
  const query: PgQuery = {
    text,
    values: values as unknown[],
    rowMode: "array",
    types,
    query_timeout: PATIENCE,
    ...(name !== undefined && { name }),
  };
  return client.query(query).then(({ rows }) => rows as Row[]);
}
