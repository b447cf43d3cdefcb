/** Errors of the SQLite store: PD31xx. */
import type { MessageTable, PerdureError } from "../../errors.ts";
import { isStoreFailure, storeErrors } from "../messages.ts";
import { Damaged } from "../saved.ts";
import type { StoreFailure } from "../store.ts";

export const messages = {
  PD3101: {
    slug: "sqlite-driver-missing",
    text: "the SQLite store finds no SQLite: neither the package `libsql` nor Node's own can be loaded",
    fix: 'npm i libsql, and keep it out of the bundle: the plugins of esbuild and Vite do so, elsewhere it is external: ["libsql"]; or run on Node 24, which has SQLite itself',
  },
  PD3102: {
    slug: "sqlite-cannot-open",
    text: "the store file %path% cannot be opened: %why%",
    fix: "make the directory, or correct the path or its permissions; the store makes the file, never directories",
  },
  PD3103: {
    slug: "sqlite-read-only",
    text: "the store file %path% cannot be written: it, its directory or its file system is read-only",
    fix: "give the worker's user write permission on the file and on its directory",
  },
  PD3104: {
    slug: "sqlite-not-a-database",
    text: "%path% is not an SQLite database",
    fix: "correct the path; if this was a store, restore the file and its `-wal` from a backup",
  },
  PD3105: {
    slug: "sqlite-foreign-database",
    text: "%path% is an SQLite database of another application",
    fix: "give the store a file of its own",
  },
  PD3106: {
    slug: "sqlite-newer-schema",
    text: "%path% was written by a newer version of perdure: its schema has version %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
  },
  PD3107: {
    slug: "sqlite-locked",
    text: "the store file %path% was locked by another process for %ms% ms",
    fix: "find who holds the write lock (a shell in a transaction, a backup tool, a stopped process), or raise `lockTimeout`",
  },
  PD3108: {
    slug: "sqlite-full",
    text: "the store file %path% cannot grow: the disk, or the limit `maxBytes`, is full",
    fix: "free space or raise `maxBytes`; runs go on where they were",
  },
  PD3109: {
    slug: "sqlite-replaced",
    text: "%path% is no longer the file that this store opened: %why%",
    fix: "stop all workers before moving, restoring or deleting a store file; then start them again",
  },
  PD3110: {
    slug: "sqlite-corrupt",
    text: "the store file %path% is damaged: %why%",
    fix: "stop all workers, run `sqlite3 %path% 'PRAGMA integrity_check'`, and restore from a backup with its `-wal`",
  },
  PD3111: {
    slug: "sqlite-failed",
    text: "SQLite failed on the store file %path%: %why%",
    fix: "look at the cause: the disk, the file system, or a limit of the process",
  },
  PD3112: {
    slug: "sqlite-transaction",
    text: "a transaction() on the store file %path% cannot be committed: %why%",
    fix: "let the body use `run` and `all` of its client, without `await`, one statement at a time; leave BEGIN, COMMIT and ROLLBACK to the store",
  },
} as const satisfies MessageTable;

/** A lock ends, space is freed, a disk may come back; the others need somebody. */
const LASTING = ["PD3101", "PD3102", "PD3103", "PD3104", "PD3105", "PD3106", "PD3109", "PD3110", "PD3112"] as const;

export const sqliteError = storeErrors(messages, LASTING);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

/** Another connection is in the way: to be tried again. `PROTOCOL` is a lost race while the WAL is being recovered. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(codeOf(error));

/** Not the statement's doing, but the disk's, the file's, or another connection's. */
export const isOutage = (error: unknown): boolean =>
  /^SQLITE_(BUSY|LOCKED|PROTOCOL|FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|NOTADB)/.test(codeOf(error));

export const isConstraint = (error: unknown): boolean => codeOf(error).startsWith("SQLITE_CONSTRAINT");

/** SQLite itself undid the transaction, or never began it, whatever it was told. */
export const isCertain = (error: unknown): boolean =>
  /^SQLITE_(BUSY|LOCKED|PROTOCOL|FULL|READONLY)/.test(codeOf(error));

/** The coded error for what a connection threw. */
export function translate(error: unknown, path: string, outcome: StoreFailure["outcome"]): PerdureError & StoreFailure {
  if (isStoreFailure(error)) return error as PerdureError & StoreFailure;
  const code = codeOf(error);
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof Damaged) return sqliteError("PD3110", outcome, { path, why }, error);
  if (code.startsWith("SQLITE_READONLY")) return sqliteError("PD3103", "refused", { path }, error);
  if (code.startsWith("SQLITE_CANTOPEN")) return sqliteError("PD3102", "refused", { path, why }, error);
  if (code === "SQLITE_NOTADB") return sqliteError("PD3104", "refused", { path }, error);
  if (code === "SQLITE_FULL") return sqliteError("PD3108", "refused", { path }, error);
  if (code.startsWith("SQLITE_CORRUPT")) return sqliteError("PD3110", outcome, { path, why }, error);
  return sqliteError("PD3111", outcome, { path, why: code === "" ? why : `${code}: ${why}` }, error);
}
