/** Counts the runs: reads every row of `runs` once. */
import type { Census } from "../store.ts";
import type { Session } from "./session.ts";

const CENSUS = `
SELECT status, count(*), count(*) FILTER (WHERE due_at <= $1), min(nullif(due_at, 0)) FILTER (WHERE due_at <= $1)
FROM perdure.runs GROUP BY status`;

export async function census(session: Session, now: number): Promise<Census> {
  const rows = await session.query("census", CENSUS, now);
  const since = rows.flatMap((row) => (row[3] === null ? [] : [Number(row[3])]));
  return {
    statuses: Object.fromEntries(rows.map((row) => [String(row[0]), Number(row[1])])),
    due: rows.reduce((sum, row) => sum + Number(row[2]), 0),
    dueSince: since.length === 0 ? null : Math.min(...since),
  };
}
