/**
 * The seam to an SQLite library. It is synchronous, as all of them are that wait for fsync in the calling thread; the
 * store turns it into promises. Statements are prepared once for each text.
 */
import { sqliteError } from "./messages.ts";

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Connection {
  /** Runs statements that give no rows. */
  exec(sql: string): void;
  /** How many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): Row | undefined;
  all(sql: string, ...values: SqlValue[]): Row[];
  readonly inTransaction: boolean;
  close(): void;
}

/**
 * Errors that a connection throws carry `code`, SQLite's own name for the result: `SQLITE_BUSY`, `SQLITE_IOERR_WRITE` …
 * Opening creates a missing file and waits for no lock (busy timeout 0).
 */
export interface Driver {
  open(path: string): Connection;
}

/** What is used of `libsql`, whose own types are those of another library. */
interface LibsqlStatement {
  run(values: readonly SqlValue[]): { changes: number };
  get(values: readonly SqlValue[]): Row | undefined;
  all(values: readonly SqlValue[]): Row[];
}
interface LibsqlDatabase {
  prepare(sql: string): LibsqlStatement;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  close(): void;
}
type Libsql = new (path: string, options: { timeout: number }) => LibsqlDatabase;

/** Loads `libsql` when it is first needed, so that `perdure/sqlite` can be imported where it is not installed. */
export async function libsql(): Promise<Driver> {
  let Database: Libsql;
  try {
    Database = (await import("libsql")).default as unknown as Libsql;
  } catch (cause) {
    throw sqliteError("PD3101", "refused", {}, cause);
  }
  return { open: (path) => connect(Database, path) };
}

function connect(Database: Libsql, path: string): Connection {
  let database: LibsqlDatabase;
  try {
    database = new Database(path, { timeout: 0 });
  } catch (error) {
    // The constructor's errors have no code, only SQLite's number at the end of the text.
    const number = /: (\d+)"?\)?$/.exec(String((error as Error).message))?.[1];
    throw Object.assign(error as Error, { code: number === "14" ? "SQLITE_CANTOPEN" : "SQLITE_ERROR" });
  }
  const statements = new Map<string, LibsqlStatement>();
  const prepared = (sql: string): LibsqlStatement => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
  return {
    exec: (sql) => database.exec(sql),
    run: (sql, ...values) => prepared(sql).run(values).changes,
    get: (sql, ...values) => prepared(sql).get(values),
    all: (sql, ...values) => prepared(sql).all(values),
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}
