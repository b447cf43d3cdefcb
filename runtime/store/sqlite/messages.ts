/** Errors of the SQLite store: PD31xx. */
import type { MessageTable, PerdureError } from "../../errors.ts";
import { isStoreFailure, storeErrors } from "../messages.ts";
import type { StoreFailure } from "../store.ts";

export const messages = {
  PD3101: {
    slug: "sqlite-driver-missing",
    text: "the SQLite store finds no SQLite: neither the package `libsql` nor Node's own can be loaded",
    fix: 'npm i libsql, and keep it out of the bundle: the plugins of esbuild and Vite do so, elsewhere it is external: ["libsql"]; or run on Node 24, which has SQLite itself',
    page: `\`perdure\` has no dependencies of its own. From Node 24 on it uses \`node:sqlite\`; before, the package \`libsql\` is an optional peer. It is loaded when the
store is first used. The cause of this error is what the import said: when the package is there, its binary for this
platform may be missing, or a bundler without the plugin has taken the package into the bundle, where no binary is found.`,
  },
  PD3102: {
    slug: "sqlite-cannot-open",
    text: "the store file %path% cannot be opened: %why%",
    fix: "make the directory, or correct the path or its permissions; the store makes the file, never directories",
    page: `The file is made when it does not exist, its directory is not: a mistyped path would become an empty store in a new place.
SQLite writes two more files beside it (\`-wal\`, \`-shm\`), so the directory must be writable too.`,
  },
  PD3103: {
    slug: "sqlite-read-only",
    text: "the store file %path% cannot be written: it, its directory or its file system is read-only",
    fix: "give the worker's user write permission on the file and on its directory",
    page: "Nothing was written. SQLite makes `-wal` and `-shm` beside the file, so the directory must be writable too.",
  },
  PD3104: {
    slug: "sqlite-not-a-database",
    text: "%path% is not an SQLite database",
    fix: "correct the path; if this was a store, restore the file and its `-wal` from a backup",
    page: "The file has content, and that content is not SQLite's. Nothing was written to it.",
  },
  PD3105: {
    slug: "sqlite-foreign-database",
    text: "%path% is an SQLite database of another application",
    fix: "give the store a file of its own",
    page: `A store marks its file (\`PRAGMA application_id\` is 0x50445552, "PDUR"). This file has tables and lacks the mark. Nothing
was written to it: runs and your own tables do not share a file.`,
  },
  PD3106: {
    slug: "sqlite-newer-schema",
    text: "%path% was written by a newer version of perdure: its schema has version %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
    page: "`PRAGMA user_version` is the version of the schema. An older version cannot know what the newer one relies on, so it touches nothing.",
  },
  PD3107: {
    slug: "sqlite-locked",
    text: "the store file %path% was locked by another process for %ms% ms",
    fix: "find who holds the write lock (a shell in a transaction, a backup tool, a stopped process), or raise `lockTimeout`",
    page: `Only one process writes at a time. The store waits for the lock without blocking the event loop, and gives up after
\`lockTimeout\`. Nothing was written. Workers hold the lock for a millisecond or so; this one was held by something else.`,
  },
  PD3108: {
    slug: "sqlite-full",
    text: "the store file %path% cannot grow: the disk, or the limit `maxBytes`, is full",
    fix: "free space or raise `maxBytes`; runs go on where they were",
    page: "The transaction was rolled back: nothing of it was written, and what was saved before is intact.",
  },
  PD3109: {
    slug: "sqlite-replaced",
    text: "%path% is no longer the file that this store opened: %why%",
    fix: "stop all workers before moving, restoring or deleting a store file; then start them again",
    page: `A process that has a file open goes on writing to it after it was deleted or replaced, and what it writes is lost with it.
So the path's device and inode (and those of the \`-wal\`) are compared before each transaction and again before it is
acknowledged. This store stays refused until the process opens it anew.`,
  },
  PD3110: {
    slug: "sqlite-corrupt",
    text: "the store file %path% is damaged: %why%",
    fix: "stop all workers, run `sqlite3 %path% 'PRAGMA integrity_check'`, and restore from a backup with its `-wal`",
    page: `SQLite found a page that contradicts itself. The usual causes are a copy made while workers ran (use \`sqlite3 … ".backup"\`),
a \`-wal\` deleted or left behind, and file systems without working locks or fsync.`,
  },
  PD3111: {
    slug: "sqlite-failed",
    text: "SQLite failed on the store file %path%: %why%",
    fix: "look at the cause: the disk, the file system, or a limit of the process",
    page: `When this happened while committing, the transaction may or may not be on disk (the error's \`outcome\` is "unknown"): the
engine repeats the call, and the store recognizes what it has already applied.`,
  },
  PD3112: {
    slug: "sqlite-transaction",
    text: "a transaction() on the store file %path% cannot be committed: %why%",
    fix: "let the body use `run` and `all` of its client, without `await`, and leave BEGIN, COMMIT and ROLLBACK to the store",
    page: `The body of \`transaction\` runs while the store holds SQLite's only write lock, so it is synchronous: it may be an \`async\`
function, but what it awaits must be settled. Everything was rolled back.`,
  },
} as const satisfies MessageTable;

/** A lock ends, space is freed, a disk may come back; the others need somebody. */
const LASTING = ["PD3101", "PD3102", "PD3103", "PD3104", "PD3105", "PD3106", "PD3109", "PD3110", "PD3112"] as const;

export const sqliteError = storeErrors(messages, LASTING);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

/** Another connection is in the way: to be tried again. `PROTOCOL` is a lost race while the WAL is being recovered. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(codeOf(error));

/** SQLite itself undid the transaction, or never began it, whatever it was told. */
export const isCertain = (error: unknown): boolean =>
  /^SQLITE_(BUSY|LOCKED|PROTOCOL|FULL|READONLY)/.test(codeOf(error));

/** The coded error for what a connection threw. */
export function translate(error: unknown, path: string, outcome: StoreFailure["outcome"]): PerdureError & StoreFailure {
  if (isStoreFailure(error)) return error as PerdureError & StoreFailure;
  const code = codeOf(error);
  const why = error instanceof Error ? error.message : String(error);
  if (code.startsWith("SQLITE_READONLY")) return sqliteError("PD3103", "refused", { path }, error);
  if (code.startsWith("SQLITE_CANTOPEN")) return sqliteError("PD3102", "refused", { path, why }, error);
  if (code === "SQLITE_NOTADB") return sqliteError("PD3104", "refused", { path }, error);
  if (code === "SQLITE_FULL") return sqliteError("PD3108", "refused", { path }, error);
  if (code.startsWith("SQLITE_CORRUPT")) return sqliteError("PD3110", outcome, { path, why }, error);
  return sqliteError("PD3111", outcome, { path, why: code === "" ? why : `${code}: ${why}` }, error);
}
