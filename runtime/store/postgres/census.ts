/** Counts the runs: reads every row of `runs` once. */
import type { Census } from "../store.ts";
import { type CodeSets, UNKNOWN_SETS } from "./codesets.ts";
import type { Session } from "./session.ts";

const CENSUS = `
SELECT ${UNKNOWN_SETS}, status, count(*), count(*) FILTER (WHERE due_at <= $3 AND codes = ANY($2::integer[])),
  min(nullif(due_at, 0)) FILTER (WHERE due_at <= $3 AND codes = ANY($2::integer[])), count(*) FILTER (WHERE due_at <= $3)
FROM perdure.runs GROUP BY status`;

export async function census(
  session: Session,
  sets: CodeSets,
  now: number,
  codes: ReadonlySet<string>,
): Promise<Census> {
  for (;;) {
    const rows = await session.query("census", CENSUS, sets.ids, sets.linked(codes), now);
    if (rows.length > 0 && sets.learn(rows[0]![0]!)) continue;
    const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
    const since = rows.flatMap((row) => (row[4] === null ? [] : [Number(row[4])]));
    return {
      statuses: Object.fromEntries(rows.map((row) => [String(row[1]), Number(row[2])])),
      due: sum(3),
      dueSince: since.length === 0 ? null : Math.min(...since),
      unlinked: sum(5) - sum(3),
    };
  }
}
