/**
 * Tables of the store file. Meant to be read with the `sqlite3` shell, changed only through the store.
 *
 * A turn writes two pages: the run's row and the end of `segments`. Segments are appended by rowid and have no index:
 * each points to the one before, and the run points to the last (`tail`), which is several times faster than a key of
 * (run, position). A run that is owned is in neither of the due index and the ended index, so turns touch no index.
 */
import { bytesOf, textIn } from "./columns.ts";
import type { Connection } from "./driver.ts";
import { sqliteError } from "./messages.ts";

/** "PDUR". */
export const APPLICATION_ID = 0x50445552;
export const SCHEMA_VERSION = 1;

/**
 * The condition of an index is judged in each update, and for a list behind `IN` SQLite fills a table in memory each time, which costs as much as the update. Files that
 * have the index on the list work as well, more slowly.
 */
export const ENDED_RUN = "status = 'done' OR status = 'failed' OR status = 'cancelled'";

const TABLES = `
-- One row for each run, ended ones too. times are ms since the epoch.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL UNIQUE,
  incarnation TEXT NOT NULL,
  fn TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  args_digest TEXT NOT NULL,
  position INTEGER NOT NULL,      -- number of the last segment
  base INTEGER NOT NULL,          -- number of the last base
  tail INTEGER,                   -- segments.id of the last segment; null once ended
  inbox_seq INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  wake_at INTEGER,
  due_at INTEGER,                 -- null while owned, dormant or ended; 0 with mail; else wake_at
  owner TEXT,                     -- workers.id
  epoch INTEGER NOT NULL,
  codes INTEGER NOT NULL,         -- codesets.id
  suspect INTEGER NOT NULL,
  strikes INTEGER NOT NULL,
  result TEXT,
  parent TEXT,
  last_commit TEXT
);
CREATE INDEX runs_due ON runs(codes, suspect, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX runs_owner ON runs(owner) WHERE owner IS NOT NULL;
CREATE INDEX runs_ended ON runs(updated_at) WHERE ${ENDED_RUN};
-- What saves wrote, appended; \`previous\` leads from a delta to the segment before it.
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  previous INTEGER,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);
-- Messages ever delivered: up to runs.consumed they are only remembered, to recognize duplicates.
CREATE TABLE inbox (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX inbox_key ON inbox(run, key);
-- Committed and not yet acknowledged; the id is their order.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  entry TEXT NOT NULL,
  UNIQUE (run, seq)
);
CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  until INTEGER NOT NULL,
  ended INTEGER NOT NULL          -- retired, or a run of it was taken over
) WITHOUT ROWID;
-- The sets of code digests that runs need, each once. Committed ids are never used again: they are cached.
CREATE TABLE codesets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  codes TEXT NOT NULL UNIQUE      -- JSON array, sorted
);
-- Outlives runs, so that epochs grow across incarnations.
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('epoch', 0);
`;

/** True when the file holds this schema; false when it is empty. Refuses anything else. Writes nothing. */
function recognize(db: Connection, path: string): boolean {
  const application = db.value("PRAGMA application_id");
  const version = db.value("PRAGMA user_version");
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) {
      // A library that reads a column's type or name from a damaged page takes it for text (libsql ends the process).
      for (const row of db.all(`SELECT ${bytesOf("sql")} AS sql FROM sqlite_master`)) textIn(row["sql"]);
      return true;
    }
    throw sqliteError("PD3106", "refused", { path, version: String(version), known: String(SCHEMA_VERSION) });
  }
  const tables = db.value("SELECT count(*) FROM sqlite_master") as number;
  if (application !== 0 || version !== 0 || tables > 0) throw sqliteError("PD3105", "refused", { path });
  return false;
}

/** To which the WAL is cut when it begins anew, bytes. */
const LARGEST_WAL = 64 * 1024 * 1024;

/**
 * Makes sure that the file holds this schema, in WAL mode. Each statement may throw SQLITE_BUSY; calling it again goes on.
 * What is foreign or newer is recognized before anything is written.
 */
export function prepareSchema(db: Connection, path: string, synchronous: "full" | "normal"): void {
  if (!recognize(db, path)) {
    db.value("PRAGMA journal_mode = WAL");
    db.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have been here between the look and the lock.
      if (!recognize(db, path)) {
        db.exec(TABLES);
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      db.exec("COMMIT");
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
  const mode = db.value("PRAGMA journal_mode = WAL");
  if (mode !== "wal")
    throw sqliteError("PD3102", "refused", { path, why: `it does not enter WAL mode (it is in ${String(mode)} mode)` });
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  // A reader that stays keeps it from being emptied; without a limit it would stay as long as it once was.
  db.value(`PRAGMA journal_size_limit = ${LARGEST_WAL}`);
}
