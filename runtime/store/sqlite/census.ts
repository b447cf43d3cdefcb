/** Counts the runs: reads every row of `runs` once. */
import type { Census } from "../store.ts";
import { bytesOf, textIn } from "./columns.ts";
import type { Connection } from "./driver.ts";

export function census(db: Connection, now: number): Census {
  const counts = db.all(`SELECT ${bytesOf("status")} AS status, count(*) AS runs FROM runs GROUP BY status`);
  const [due] = db.all(
    "SELECT count(*) AS runs, min(nullif(CAST(due_at AS REAL), 0)) AS since FROM runs WHERE due_at IS NOT NULL AND due_at <= ?",
    now,
  );
  return {
    statuses: Object.fromEntries(counts.map(({ status, runs }) => [textIn(status), runs as number])),
    due: due!["runs"] as number,
    dueSince: due!["since"] as number | null,
  };
}
