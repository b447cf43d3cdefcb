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
  /** The first column of the first row. */
  value(sql: string, ...values: SqlValue[]): SqlValue | undefined;
  all(sql: string, ...values: SqlValue[]): Row[];
  readonly inTransaction: boolean;
  close(): void;
}

/**
 * Errors that a connection throws carry `code`, SQLite's own name for the result, extended or not: `SQLITE_BUSY`,
 * `SQLITE_IOERR_WRITE` …
 * Opening creates a missing file and waits for no lock (busy timeout 0).
 */
export interface Driver {
  open(path: string): Connection;
}

/** What is used of `libsql`, whose own types are those of another library. */
interface LibsqlStatement {
  run(values: readonly SqlValue[]): { changes: number };
  /** An array, after `raw()`. */
  get(values: readonly SqlValue[]): readonly SqlValue[] | undefined;
  raw(): LibsqlStatement;
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

/** Primary result codes that the store tells apart; libsql has no names for many of the extended ones. */
const PRIMARY: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  26: "SQLITE_NOTADB",
};

/** Gives an error of libsql its code. */
function named(error: unknown): unknown {
  const failed = error as { code?: string; rawCode?: number; message?: string };
  // The constructor's errors have no code, only the number at the end of the text.
  const number = failed.rawCode ?? Number(/: (\d+)"?\)?$/.exec(String(failed.message))?.[1]);
  const primary = PRIMARY[number & 0xff];
  if (primary !== undefined && failed.code?.startsWith(primary) !== true) failed.code = primary;
  return error;
}

function connect(Database: Libsql, path: string): Connection {
  let database: LibsqlDatabase;
  try {
    database = new Database(path, { timeout: 0 });
  } catch (error) {
    throw named(error);
  }
  const prepared = { plain: new Map<string, LibsqlStatement>(), raw: new Map<string, LibsqlStatement>() };
  const use = <T>(kind: "plain" | "raw", sql: string, action: (statement: LibsqlStatement) => T): T => {
    const statements = prepared[kind];
    try {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql);
        if (kind === "raw") statement.raw();
        statements.set(sql, statement);
      }
      return action(statement);
    } catch (error) {
      // libsql does not reset a statement that failed: used again, it would run with the values of the failed time.
      statements.delete(sql);
      throw named(error);
    }
  };
  return {
    exec: (sql) => {
      try {
        database.exec(sql);
      } catch (error) {
        throw named(error);
      }
    },
    run: (sql, ...values) => use("plain", sql, (statement) => statement.run(values).changes),
    value: (sql, ...values) => use("raw", sql, (statement) => statement.get(values)?.[0]),
    all: (sql, ...values) => use("plain", sql, (statement) => statement.all(values)),
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => {
      prepared.plain.clear();
      prepared.raw.clear();
      database.close();
    },
  };
}
