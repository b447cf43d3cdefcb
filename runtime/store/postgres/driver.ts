/**
 * What the store uses of `pg`, as structural types: a pool of the user's own version fits, and no type of that library crosses
 * the store. Values come back as the text that the server sent, whatever type parsers the program has set.
 */
import type { Buffer } from "node:buffer";
import { postgresError } from "./messages.ts";

export type SqlValue = string | number | boolean | null | Buffer | readonly (string | number)[];
export type Row = readonly (string | null)[];

export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: "array";
  readonly types: { getTypeParser(): (text: any) => any };
}
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[] }>;
  release(destroy?: boolean): void;
  unref?(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "notification", listener: (message: { channel: string; payload?: string }) => void): unknown;
  removeListener(event: string, listener: (...args: any[]) => void): unknown;
}
/** A `pg.Pool`. */
export interface PgPool {
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

const asText = (text: unknown): unknown => text;
const types = { getTypeParser: () => asText };

export async function run(
  client: PgClient,
  name: string | undefined,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const query: PgQuery = {
    text,
    values: values as unknown[],
    rowMode: "array",
    types,
    ...(name !== undefined && { name }),
  };
  return (await client.query(query)).rows as Row[];
}

/** A pool of the store's own. Loads `pg` when it is first needed, so that `perdure/postgres` can be imported where it is not installed. */
export async function makePool(connectionString: string, connections: number): Promise<PgPool> {
  let Pool: new (options: object) => PgPool;
  try {
    const { default: pg } = await import("pg");
    Pool = pg.Pool as unknown as typeof Pool;
  } catch (cause) {
    throw postgresError("PD3201", "refused", {}, cause);
  }
  const pool = new Pool({
    connectionString,
    max: connections,
    // A server that is gone without a word must not hold a call for ever.
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // The pool drops an idle connection that breaks, and the next call makes another.
  pool.on("error", () => {});
  return pool;
}
