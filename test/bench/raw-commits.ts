/** The driver's own commits: the rows that a turn writes, in the store's own tables, without a runtime. */
import { chooseDriver } from "perdure/internal/store/sqlite/choose-driver";
import { prepareSchema } from "perdure/internal/store/sqlite/schema";
import { timed } from "./figure.ts";

const APPEND = "INSERT INTO segments (run, position, previous, kind, text) VALUES (1, ?, ?, 'delta', ?)";
const ADVANCE =
  "UPDATE runs SET position = ?, tail = last_insert_rowid(), consumed = 0, wake_at = ?, updated_at = ?, last_commit = ? WHERE id = 1";

/**
 * Turns before the clock runs. A log that was just made grows up to its first checkpoint, at a thousand pages, and each commit then writes what the file
 * system knows of it too; that of a store which has been at work is written over in place.
 */
const GROWING = 600;

export interface RawCommits {
  readonly count: number;
  readonly bytes: number;
  /** Turns in a transaction. */
  readonly together?: number;
  /** Default: milliseconds. */
  readonly measure?: (body: () => unknown) => Promise<number>;
}

/**
 * Writes, `count` times, a segment of `bytes` characters and the run's row, as a turn does, found by their numbers and not fenced; `together` of them in
 * a transaction. Returns what `measure` gives for that.
 */
export async function rawCommits(
  path: string,
  { count, bytes, together = 1, measure = timed }: RawCommits,
): Promise<number> {
  const db = (await chooseDriver()).open(path);
  prepareSchema(db, path, "full");
  db.exec(`INSERT OR REPLACE INTO runs (id, run, incarnation, fn, status, created_at, updated_at, args_digest, position, base, inbox_seq, consumed,
    epoch, codes, suspect, strikes) VALUES (1, 'run', '${"0".repeat(32)}', 'programs/orders.ts#small', 'waiting', 0, 0, '${"0".repeat(64)}', 0, 0, 0, 0, 1, 1, 0, 0)`);
  const text = "x".repeat(bytes);
  const commitId = "0".repeat(36);
  const write = (from: number, to: number): void => {
    for (let i = from; i <= to; i++) {
      if ((i - from) % together === 0) db.run("BEGIN IMMEDIATE");
      db.run(APPEND, i, i - 1, text);
      db.run(ADVANCE, i, Date.now(), Date.now(), `${commitId}${i}`);
      if ((i - from) % together === together - 1 || i === to) db.run("COMMIT");
    }
  };
  write(1, GROWING);
  const measured = await measure(() => write(GROWING + 1, GROWING + count));
  db.close();
  return measured;
}
