/** The commits of turns after which a run goes on: what most commits are. */
import { type Commit, type CommitOutcome, DORMANT, ENDED } from "../store.ts";
import { isFew, isSame, numbers, texts } from "./columns.ts";
import { applied } from "./rows.ts";
import type { Session } from "./session.ts";

/** The set is the one that the row has, as in most turns, or is still there: which is asked at most once in a statement. */
const codesHold = (codes: string, all: string): string =>
  `(runs.codes = ${codes} OR ${codes} = ANY (ARRAY(SELECT codesets.id FROM perdure.codesets WHERE codesets.id = ANY (${all}))))`;

/**
 * One row each in `segments` and `runs`. The condition is the whole of fencing and order; where the row's lock is waited for, it is judged on the row as
 * it then is.
 */
const TURN = `
WITH turn AS (
  UPDATE perdure.runs SET position = position + 1, consumed = $7, wake_at = $8, updated_at = $9, last_commit = $10, status = $11,
    reason = $12, result = coalesce(result, $13), codes = $6, suspect = false, strikes = 0
  WHERE run = $1 AND incarnation = $2 AND epoch = $3 AND ${isSame("owner", "$4")} AND position = $5 AND ${codesHold("$6::integer", "ARRAY[$6::integer]")}
    AND consumed <= $7 AND inbox_seq >= $7
  RETURNING id, position, inbox_seq
)
INSERT INTO perdure.segments (run_id, position, kind, text) SELECT id, position, 'delta', $14 FROM turn
RETURNING (SELECT inbox_seq FROM turn)`;

/** Any number of runs, in the order of ids, so that groups which meet cannot deadlock. `changes`: what differs from a turn after which the run goes on. */
const turns = (changes: string): string => `
WITH given AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::integer[], $7::bigint[], $8::float8[],
    $9::float8[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[]) WITH ORDINALITY
    AS given (run, incarnation, epoch, worker, position, codes, consumed, wake_at, now, commit_id, status, reason, result, text, n)
  ORDER BY run COLLATE "C"
),
turn AS (
  UPDATE perdure.runs SET position = runs.position + 1, consumed = given.consumed, wake_at = given.wake_at, updated_at = given.now,
    last_commit = given.commit_id, status = given.status, reason = given.reason, result = coalesce(runs.result, given.result),
    codes = given.codes, suspect = false, strikes = 0${changes}
  FROM given
  WHERE runs.run = given.run AND runs.incarnation = given.incarnation AND runs.epoch = given.epoch AND ${isSame("runs.owner", "given.worker")}
    AND runs.position = given.position AND ${codesHold("given.codes", "$6::integer[]")}
    AND runs.consumed <= given.consumed AND runs.inbox_seq >= given.consumed AND ${isFew("given.n")}
  RETURNING given.n, runs.id, runs.position, runs.inbox_seq, given.text
),`;

const TURNS = `${turns("")}
written AS (
  INSERT INTO perdure.segments (run_id, position, kind, text) SELECT id, position, 'delta', text FROM turn
)
SELECT n, inbox_seq FROM turn`;

/** The last turns of runs: of their segments nothing is left. */
const ENDS = `${turns(", owner = NULL")}
dropped AS (
  DELETE FROM perdure.segments USING turn WHERE segments.run_id = turn.id
)
SELECT n, inbox_seq FROM turn`;

/** The turn of a run that goes on. */
export const isPlain = ({ segment, status, release, outbox }: Commit): boolean =>
  segment?.kind === "delta" && !release && outbox.length === 0 && !ENDED.has(status) && !DORMANT.has(status);

/** The last turn of a run that has nobody to tell. */
export const isEnd = ({ segment, status, outbox }: Commit): boolean =>
  segment !== null && outbox.length === 0 && ENDED.has(status);

export function commitTurn(session: Session, commit: Commit, codes: number): Promise<CommitOutcome | undefined> {
  const { run, incarnation, epoch, worker } = commit.lease;
  const { position, consumed, wakeAt, now, commitId, status, reason, result, segment } = commit;
  const fence = [run, incarnation, epoch, worker, position, codes] as const;
  const change = [consumed, wakeAt, now, commitId, status, reason, result] as const;
  return session
    .query("commit", TURN, ...fence, ...change, segment!.text)
    .then(([row]) => row && applied(commit, row[0]));
}

const commitMany = async (
  session: Session,
  statement: string,
  group: readonly Commit[],
  codes: readonly number[],
): Promise<readonly (CommitOutcome | undefined)[]> => {
  const text = (of: (commit: Commit) => string | null) => texts(group.map(of));
  const number = (of: (commit: Commit) => number | null) => numbers(group.map(of));
  const rows = await session.query(
    "commit",
    statement,
    text(({ lease }) => lease.run),
    text(({ lease }) => lease.incarnation),
    number(({ lease }) => lease.epoch),
    text(({ lease }) => lease.worker),
    number(({ position }) => position),
    numbers(codes),
    number(({ consumed }) => consumed),
    number(({ wakeAt, status }) => (ENDED.has(status) ? null : wakeAt)),
    number(({ now }) => now),
    text(({ commitId }) => commitId),
    text(({ status }) => status),
    text(({ reason }) => reason),
    text(({ result }) => result),
    statement === ENDS ? texts(group.map(() => null)) : text(({ segment }) => segment!.text),
  );
  const outcomes = new Array<CommitOutcome | undefined>(group.length).fill(undefined);
  for (const [n, inboxSeq] of rows) outcomes[Number(n) - 1] = applied(group[Number(n) - 1]!, inboxSeq);
  return outcomes;
};

/** Turns of runs that go on; undefined for what does not follow, is a repetition, or has codes that are gone. */
export const commitTurns = (
  session: Session,
  group: readonly Commit[],
  codes: readonly number[],
): Promise<readonly (CommitOutcome | undefined)[]> => commitMany(session, TURNS, group, codes);

/** The same of last turns. */
export const commitEnds = (
  session: Session,
  group: readonly Commit[],
  codes: readonly number[],
): Promise<readonly (CommitOutcome | undefined)[]> => commitMany(session, ENDS, group, codes);
