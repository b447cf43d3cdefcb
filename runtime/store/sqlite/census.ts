/** Counts the runs: reads every row of `runs` once. */
import type { Census } from "../store.ts";
import { bytesOf, textIn } from "./columns.ts";
import type { Connection } from "./driver.ts";
import type { LinkedSets } from "./workers.ts";

const DUE = `SELECT codes, count(*) AS runs, min(nullif(CAST(due_at AS REAL), 0)) AS since FROM runs
  WHERE due_at IS NOT NULL AND due_at <= ? GROUP BY codes`;

export function census(db: Connection, now: number, codes: ReadonlySet<string>, sets: LinkedSets): Census {
  const counts = db.all(`SELECT ${bytesOf("status")} AS status, count(*) AS runs FROM runs GROUP BY status`);
  const linked = new Set<unknown>(sets.of(db, codes, "reads"));
  let [due, unlinked] = [0, 0];
  let dueSince: number | null = null;
  for (const { codes: set, runs, since } of db.all(DUE, now)) {
    if (!linked.has(set)) {
      unlinked += runs as number;
      continue;
    }
    due += runs as number;
    if (since !== null && (dueSince === null || (since as number) < dueSince)) dueSince = since as number;
  }
  return {
    statuses: Object.fromEntries(counts.map(({ status, runs }) => [textIn(status), runs as number])),
    due,
    dueSince,
    unlinked,
  };
}
