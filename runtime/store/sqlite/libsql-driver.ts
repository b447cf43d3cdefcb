/** SQLite by the package `libsql`. */
import { type Connection, type Driver, primaryCode, type Row, remember, type SqlValue } from "./driver.ts";
import { sqliteError } from "./messages.ts";

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

/** Gives an error of libsql its code. */
function named(error: unknown): unknown {
  const failed = error as { code?: string; rawCode?: number; message?: string };
  // The constructor's errors have no code, only the number at the end of the text.
  const number = failed.rawCode ?? Number(/: (\d+)"?\)?$/.exec(String(failed.message))?.[1]);
  const primary = primaryCode(number);
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
        remember(statements, sql, statement);
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
