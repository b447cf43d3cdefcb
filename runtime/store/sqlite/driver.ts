/**
 * The seam to an SQLite library. It is synchronous, as all of them are that wait for fsync in the calling thread; the
 * store turns it into promises. Statements are prepared once for each text.
 */
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

/** Primary result codes that the store tells apart. */
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

/** The name of a result code, extended or not, as far as the store tells it apart. */
export const primaryCode = (resultCode: number): string | undefined => PRIMARY[resultCode & 0xff];

/** The store has fewer texts; transactions of the user's may have any number. */
const PREPARED = 256;

/** Keeps a prepared statement, and lets go of the oldest when there are many. */
export function remember<S>(statements: Map<string, S>, sql: string, statement: S): void {
  if (statements.size >= PREPARED) statements.delete(statements.keys().next().value!);
  statements.set(sql, statement);
}
