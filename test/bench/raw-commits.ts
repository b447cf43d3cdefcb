/** The driver's own commits: what a turn writes, without a runtime. */
import Database from "libsql";

/**
 * Commits `count` transactions that write what the store writes for a turn, a segment and the run's row, with segments of
 * `bytes` characters. Returns the milliseconds.
 */
export function rawCommits(path: string, count: number, bytes: number): number {
  const db = new Database(path, { timeout: 0 });
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  db.exec(`CREATE TABLE IF NOT EXISTS segments
    (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, position INTEGER NOT NULL, previous INTEGER, kind TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, status TEXT, position INTEGER, tail INTEGER, updated_at INTEGER);
    INSERT OR IGNORE INTO runs VALUES (1, 'running', 0, 0, 0)`);
  const insert = db.prepare("INSERT INTO segments (run, position, previous, kind, text) VALUES (1, ?, ?, 'delta', ?)");
  const update = db.prepare("UPDATE runs SET position = ?, tail = ?, updated_at = ? WHERE id = 1");
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const text = "x".repeat(bytes);
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    begin.run();
    const { lastInsertRowid } = insert.run(i, i, text);
    update.run(i, lastInsertRowid, Date.now());
    commit.run();
  }
  const ms = performance.now() - start;
  db.close();
  return ms;
}
