/** SQLite by Node's own module `node:sqlite`: no dependency. */
import { type Connection, type Driver, primaryCode, type Row, remember, type SqlValue } from "./driver.ts";
import { sqliteError } from "./messages.ts";

/** What is used of the module; the types that this is compiled against are those of an older Node. */
interface NodeStatement {
  run(...values: readonly SqlValue[]): { changes: number | bigint };
  get(...values: readonly SqlValue[]): Readonly<Record<string, SqlValue>> | readonly SqlValue[] | undefined;
  all(...values: readonly SqlValue[]): Row[];
  setReturnArrays(enabled: boolean): void;
}
interface NodeDatabase {
  prepare(sql: string): NodeStatement;
  exec(sql: string): void;
  readonly isTransaction: boolean;
  close(): void;
}
type DatabaseSync = new (path: string, options: { timeout: number }) => NodeDatabase;

/** Throws PD3101 where Node has none: before 22.13. */
export async function nodeSqlite(): Promise<Driver> {
  // Asked of the process: an import is the bundlers' to resolve, and those that know older Nodes alone take the name for a package.
  const found = process.getBuiltinModule("node:sqlite") as { DatabaseSync: DatabaseSync } | undefined;
  if (found === undefined)
    throw sqliteError("PD3101", "refused", {}, new Error(`Node ${process.version} has no node:sqlite`));
  const Database = found.DatabaseSync;
  return { open: (path) => connect(Database, path) };
}

/** Gives an error of the module the code that SQLite has for it. */
function named(error: unknown): unknown {
  const failed = error as { code?: string; errcode?: number };
  const primary = failed.errcode === undefined ? undefined : primaryCode(failed.errcode);
  if (primary !== undefined) failed.code = primary;
  return error;
}

function connect(Database: DatabaseSync, path: string): Connection {
  const telling = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw named(error);
    }
  };
  const database = telling(() => new Database(path, { timeout: 0 }));
  const prepared = { plain: new Map<string, NodeStatement>(), raw: new Map<string, NodeStatement>() };
  const use = <T>(kind: "plain" | "raw", sql: string, action: (statement: NodeStatement) => T): T =>
    telling(() => {
      let statement = prepared[kind].get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql);
        if (kind === "raw") statement.setReturnArrays(true);
        remember(prepared[kind], sql, statement);
      }
      return action(statement);
    });
  return {
    exec: (sql) => telling(() => database.exec(sql)),
    run: (sql, ...values) => use("plain", sql, (statement) => Number(statement.run(...values).changes)),
    value: (sql, ...values) => use("raw", sql, (statement) => (statement.get(...values) as readonly SqlValue[])?.[0]),
    all: (sql, ...values) => use("plain", sql, (statement) => statement.all(...values)),
    get inTransaction() {
      return database.isTransaction;
    },
    close: () => {
      prepared.plain.clear();
      prepared.raw.clear();
      database.close();
    },
  };
}
