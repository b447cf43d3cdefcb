/** The driver's own commits: the rows that a turn writes, in the store's own tables, without a runtime. */
import { chooseDriver } from "perdure/internal/store/sqlite/choose-driver";
import { prepareSchema } from "perdure/internal/store/sqlite/schema";

const APPEND = "INSERT INTO segments (run, position, previous, kind, text) VALUES (1, ?, ?, 'delta', ?)";
const ADVANCE =
  "UPDATE runs SET position = ?, tail = last_insert_rowid(), consumed = 0, wake_at = ?, updated_at = ?, last_commit = ? WHERE id = 1";

/**
 * Writes, `count` times, a segment of `bytes` characters and the run's row, as a turn does, found by their numbers and not fenced; `together` of them in
 * a transaction. Returns the milliseconds.
 */
export async function rawCommits(path: string, count: number, bytes: number, together = 1): Promise<number> {
  const db = (await chooseDriver()).open(path);
  prepareSchema(db, path, "full");
  db.exec(`INSERT OR REPLACE INTO runs (id, run, incarnation, fn, status, created_at, updated_at, args_digest, position, base, inbox_seq, consumed,
    epoch, codes, suspect, strikes) VALUES (1, 'run', '${"0".repeat(32)}', 'programs/orders.ts#small', 'waiting', 0, 0, '${"0".repeat(64)}', 0, 0, 0, 0, 1, 1, 0, 0)`);
  const text = "x".repeat(bytes);
  const commitId = "0".repeat(36);
  const start = performance.now();
  for (let i = 1; i <= count; i++) {
    if ((i - 1) % together === 0) db.run("BEGIN IMMEDIATE");
    db.run(APPEND, i, i - 1, text);
    db.run(ADVANCE, i, Date.now(), Date.now(), `${commitId}${i}`);
    if (i % together === 0 || i === count) db.run("COMMIT");
  }
  const ms = performance.now() - start;
  db.close();
  return ms;
}
