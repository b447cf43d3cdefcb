/** Transitions of workers: leases, claims, and what they wait for. */

import { damaged, isCount, readable } from "../saved.ts";
import type { Claim, ClaimRequest, Lease, RunHead } from "../store.ts";
import { type CodeSets, UNKNOWN_SETS } from "./codesets.ts";
import { HEAD, readHeadOrRest } from "./rows.ts";
import type { Session } from "./session.ts";

const RENEW = `
INSERT INTO perdure.workers (id, until, ended) VALUES ($1, $2, false)
ON CONFLICT (id) DO UPDATE SET until = greatest(workers.until, excluded.until) WHERE NOT workers.ended RETURNING id`;

export const renew = async (session: Session, worker: string, until: number): Promise<boolean> =>
  (await session.query("renew", RENEW, worker, until)).length > 0;

/** The runs that were given back. Two statements: the second sees what a claim has taken that the first had to wait for. */
export const retire = (session: Session, worker: string): Promise<string[]> =>
  session.transaction("retire", async (query) => {
    await query("UPDATE perdure.workers SET ended = true WHERE id = $1", worker);
    const freed = await query(
      `WITH locked AS MATERIALIZED (SELECT id FROM perdure.runs WHERE owner = $1 ORDER BY run FOR UPDATE)
       UPDATE perdure.runs SET owner = NULL, wake_at = 0 FROM locked WHERE runs.id = locked.id RETURNING run`,
      worker,
    );
    return freed.map(([run]) => run!);
  });

/**
 * Candidates are locked where nobody else holds them, so claims never wait for runs. A lease that ends here is judged on its own
 * row, under its lock: a renewal that was quicker keeps its runs. So is the claimant's, but only when there is something to claim:
 * a claim that finds nothing writes nothing.
 *
 * Each set of codes is asked for on its own: what nobody links stands in nobody's way.
 */
const due = (suspect: boolean, limit: string): string => `
  SELECT due.id, due.due_at FROM unnest($4::integer[]) AS linked (codes) CROSS JOIN LATERAL (
    SELECT id, due_at FROM perdure.runs
    WHERE runs.codes = linked.codes AND ${suspect ? "suspect" : "NOT suspect"} AND due_at <= $3
    ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
  ) AS due ORDER BY due.due_at LIMIT ${limit}`;

/** Always true, and makes the planner expect so few rows that it looks up each by the key, however small the table is when it plans. */
const FEW = "chosen.id BETWEEN 1 AND 9223372036854775807";

const CLAIM = `
WITH dead AS MATERIALIZED (SELECT id FROM perdure.workers WHERE (ended OR until < $3) AND id <> $2),
orphans AS MATERIALIZED (
  SELECT orphan.id, orphan.owner FROM dead CROSS JOIN LATERAL (
    SELECT id, owner FROM perdure.runs WHERE owner = dead.id AND codes = ANY($4::integer[])
    LIMIT $6 FOR UPDATE SKIP LOCKED
  ) AS orphan LIMIT $6
),
suspects AS MATERIALIZED (${due(true, "(SELECT $6 - count(*) FROM orphans)")}),
innocent AS MATERIALIZED (${due(false, "(SELECT $5 - count(*) FROM (SELECT id FROM orphans UNION ALL SELECT id FROM suspects) AS taken)")}),
claimant AS MATERIALIZED (
  SELECT id FROM perdure.workers WHERE id = $2 AND NOT ended AND until >= $3
    AND (EXISTS (SELECT FROM orphans) OR EXISTS (SELECT FROM suspects) OR EXISTS (SELECT FROM innocent)) FOR SHARE
),
lost AS (
  UPDATE perdure.workers SET ended = true
  WHERE EXISTS (SELECT FROM claimant) AND id IN (SELECT owner FROM orphans) AND (ended OR until < $3) RETURNING id
),
chosen AS MATERIALIZED (
  SELECT orphans.id, true AS taken_over FROM orphans JOIN lost ON lost.id = orphans.owner
  UNION ALL SELECT id, false FROM suspects
  UNION ALL SELECT id, false FROM innocent
),
claimed AS (
  UPDATE perdure.runs SET owner = $2, epoch = nextval('perdure.epochs'), suspect = suspect OR taken_over,
    strikes = strikes + CASE WHEN taken_over AND suspect THEN 1 ELSE 0 END
  FROM chosen WHERE runs.id = chosen.id AND ${FEW} AND EXISTS (SELECT FROM claimant)
  RETURNING ${HEAD} AS head, taken_over
)
SELECT ${UNKNOWN_SETS}, claimed.head, claimed.taken_over FROM (SELECT) AS always LEFT JOIN claimed ON true`;

/** Until somebody has mended the row: nobody could drive the run, and it would be claimed for ever. */
const BLOCK = "UPDATE perdure.runs SET status = 'blocked', reason = $3, owner = NULL WHERE run = $1 AND owner = $2";

export async function claim(session: Session, sets: CodeSets, request: ClaimRequest): Promise<Claim[]> {
  const { worker, now } = request;
  const claims: Claim[] = [];
  for (;;) {
    const linked = sets.linked(request.codes);
    const limit = request.limit - claims.length;
    const taken = claims.filter(({ head }) => head.suspect).length;
    const suspects = Math.min(request.suspects - taken, limit);
    const rows = await session.query("claim", CLAIM, sets.ids, worker, now, linked, limit, suspects);
    for (const [, json, takenOver] of rows) {
      if (json === null || json === undefined) continue;
      const { head, damaged: isDamaged } = readHeadOrRest(json);
      if (isDamaged) {
        await session.query("claim", BLOCK, head.run, worker, head.reason);
        continue;
      }
      const { run, incarnation, epoch } = head;
      claims.push({ lease: { run, incarnation, worker, epoch }, head, takenOver: takenOver === "t" });
    }
    // Sets that were not known may be linked too, and what needs them be due.
    const before = linked.length;
    if (!sets.learn(rows[0]![0]!) || sets.linked(request.codes).length === before) break;
    if (claims.length >= request.limit) break;
  }
  return claims.sort((a, b) => a.lease.epoch - b.lease.epoch);
}

const OWNED = `
SELECT json_build_array(run, incarnation, epoch, inbox_seq, consumed) FROM perdure.runs WHERE owner = $1 ORDER BY run`;

export async function owned(
  session: Session,
  worker: string,
): Promise<{ lease: Lease; inboxSeq: number; consumed: number }[]> {
  const rows = await session.query("owned", OWNED, worker);
  return readable(rows, ([json]) => {
    const [run, incarnation, epoch, inboxSeq, consumed] = JSON.parse(json!) as [string, string, number, number, number];
    if (![epoch, inboxSeq, consumed].every(isCount)) damaged(`the run ${run} has another form`);
    return { lease: { run, incarnation, worker, epoch }, inboxSeq, consumed };
  });
}

const NEXT_WAKE = `
SELECT ${UNKNOWN_SETS}, (
  SELECT min(first.due_at) FROM unnest($2::integer[]) AS linked (codes) CROSS JOIN (VALUES (false), (true)) AS kinds (suspect)
  CROSS JOIN LATERAL (
    SELECT due_at FROM perdure.runs WHERE runs.codes = linked.codes AND runs.suspect = kinds.suspect AND due_at IS NOT NULL
    ORDER BY due_at LIMIT 1
  ) AS first)`;

export async function nextWake(session: Session, sets: CodeSets, codes: ReadonlySet<string>): Promise<number | null> {
  for (;;) {
    const [row] = await session.query("nextWake", NEXT_WAKE, sets.ids, sets.linked(codes));
    if (sets.learn(row![0]!)) continue;
    if (row![1] === null) return null;
    // Before all time, never, or no number: a damaged row, which the claim deals with once it is due.
    const at = Math.max(0, Number(row![1]));
    return Number.isFinite(at) ? at : null;
  }
}

const UNLINKED = `
SELECT ${UNKNOWN_SETS}, found.head FROM (SELECT) AS always LEFT JOIN (
  SELECT one.head FROM unnest($2::integer[]) AS unlinked (codes) CROSS JOIN LATERAL (
    SELECT ${HEAD} AS head FROM perdure.runs WHERE runs.codes = unlinked.codes AND due_at IS NOT NULL
    ORDER BY suspect, due_at LIMIT 1
  ) AS one
) AS found ON true`;

export async function unlinked(session: Session, sets: CodeSets, codes: ReadonlySet<string>): Promise<RunHead[]> {
  for (;;) {
    const rows = await session.query("unlinked", UNLINKED, sets.ids, sets.unlinked(codes));
    if (sets.learn(rows[0]![0]!)) continue;
    return rows.flatMap(([, head]) => (head === null || head === undefined ? [] : readHeadOrRest(head).head));
  }
}
