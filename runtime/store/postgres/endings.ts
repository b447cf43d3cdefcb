/** Ends of runs that come from outside. */
import type { Ending, EndingOutcome } from "../store.ts";
import { ENDED_SQL } from "./rows.ts";
import type { Session } from "./session.ts";

/** Judged on the row under its lock: a turn that was quicker has moved it on, and so has written no segment that this statement does not see. */
const END = `
WITH found AS MATERIALIZED (
  SELECT id, incarnation, position, status, last_commit FROM perdure.runs WHERE run = $1 FOR UPDATE
),
judged AS MATERIALIZED (
  SELECT id, CASE
    WHEN incarnation <> $2 THEN 'gone'
    WHEN last_commit = $3 THEN 'ended'
    WHEN status IN ${ENDED_SQL} THEN 'gone'
    WHEN position <> $4::bigint OR EXISTS (SELECT FROM json_array_elements($8::json) AS outgoing (item), perdure.outbox
      WHERE outbox.run_id = found.id AND outbox.seq = (item->>'seq')::bigint) THEN 'moved'
    ELSE 'applied'
  END AS verdict FROM found
),
applied AS MATERIALIZED (SELECT id FROM judged WHERE verdict = 'applied'),
dropped AS (DELETE FROM perdure.segments USING applied WHERE segments.run_id = applied.id),
sent AS (
  INSERT INTO perdure.outbox (run_id, seq, entry)
  SELECT id, (item->>'seq')::bigint, item->>'entry'
  FROM applied CROSS JOIN LATERAL json_array_elements($8::json) WITH ORDINALITY AS outgoing (item, place) ORDER BY place
),
head AS (
  UPDATE perdure.runs SET status = $5, result = coalesce(result, $6), updated_at = $7, last_commit = $3, reason = NULL,
    wake_at = NULL, owner = NULL, suspect = false, strikes = 0
  FROM applied WHERE runs.id = applied.id
)
SELECT verdict FROM judged`;

export async function end(session: Session, ending: Ending): Promise<EndingOutcome> {
  const { run, incarnation, commitId, position, status, result, now } = ending;
  const outbox = JSON.stringify(ending.outbox.map((entry) => ({ seq: entry.seq, entry: JSON.stringify(entry) })));
  const [found] = await session.query("end", END, run, incarnation, commitId, position, status, result, now, outbox);
  const verdict = found?.[0] ?? "gone";
  return verdict === "applied" ? "ended" : (verdict as EndingOutcome);
}
