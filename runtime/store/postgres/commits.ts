/** Commits: turns of runs that go on in one statement, last turns in another, any others in a third. */
import { isStoreFailure } from "../messages.ts";
import { isCount } from "../saved.ts";
import type { Commit, CommitOutcome } from "../store.ts";
import type { CodeSets } from "./codesets.ts";
import { postgresError } from "./messages.ts";
import { applied, DORMANT_SQL, ENDED_SQL } from "./rows.ts";
import type { Session } from "./session.ts";
import { commitEnds, commitTurn, commitTurns, isEnd, isPlain } from "./turns.ts";

/**
 * Any commits, each judged alone. `locked` takes the rows one by one in the order of ids, so that groups which meet cannot
 * deadlock, and sees each as it is once its lock is held. What has been delivered is judged on that row, never by a query over the
 * inbox, which would see the inbox as it was before the wait.
 */
const GROUP = `
WITH given AS (
  SELECT * FROM json_to_recordset($1::json) AS given (n integer, run text, incarnation text, epoch bigint, worker text,
    commit_id text, position bigint, kind text, text text, status text, reason text, result text, codes integer, consumed bigint,
    wake_at double precision, release boolean, now double precision, outbox json)
  ORDER BY run COLLATE "C"
),
locked AS MATERIALIZED (
  SELECT given.*, saved.* FROM given CROSS JOIN LATERAL (
    SELECT runs.id, runs.incarnation AS saved_incarnation, runs.epoch AS saved_epoch, runs.owner, runs.position AS saved_position,
      runs.consumed AS saved_consumed, runs.inbox_seq, runs.result AS saved_result, runs.last_commit
    FROM perdure.runs WHERE runs.run = given.run FOR UPDATE
  ) AS saved
),
judged AS MATERIALIZED (
  SELECT locked.*,
    CASE
      WHEN incarnation = saved_incarnation AND commit_id = last_commit THEN 'repeated'
      WHEN incarnation <> saved_incarnation OR epoch <> saved_epoch OR worker IS DISTINCT FROM owner OR position <> saved_position
        OR consumed < saved_consumed OR consumed > inbox_seq
        OR EXISTS (SELECT FROM json_array_elements(locked.outbox) AS outgoing (item), perdure.outbox
          WHERE outbox.run_id = locked.id AND outbox.seq = (item->>'seq')::bigint) THEN 'fenced'
      WHEN NOT EXISTS (SELECT FROM perdure.codesets WHERE codesets.id = locked.codes) THEN 'codes'
      ELSE 'applied'
    END AS verdict,
    status IN ${ENDED_SQL} AS ended,
    status = 'stuck' AND inbox_seq > consumed AS awoken
  FROM locked
),
applied AS MATERIALIZED (
  SELECT judged.*, coalesce(saved_result, result) AS new_result, kind IS NOT NULL OR ended AS progress,
    position + CASE WHEN kind IS NULL THEN 0 ELSE 1 END AS new_position
  FROM judged WHERE verdict = 'applied'
),
written AS (
  INSERT INTO perdure.segments (run_id, position, kind, text)
  SELECT id, new_position, kind, text FROM applied WHERE kind IS NOT NULL AND NOT ended
),
replaced AS (
  DELETE FROM perdure.segments USING applied
  WHERE segments.run_id = applied.id AND segments.position <= applied.position AND (applied.ended OR applied.kind = 'base')
),
sent AS (
  INSERT INTO perdure.outbox (run_id, seq, entry)
  SELECT applied.id, (item->>'seq')::bigint, item->>'entry'
  FROM applied CROSS JOIN LATERAL json_array_elements(applied.outbox) WITH ORDINALITY AS outgoing (item, place)
  ORDER BY applied.n, place
),
head AS (
  UPDATE perdure.runs SET
    status = CASE WHEN awoken THEN CASE WHEN new_result IS NULL THEN 'waiting' ELSE 'finishing' END ELSE applied.status END,
    reason = CASE WHEN awoken THEN NULL ELSE applied.reason END,
    result = new_result,
    codes = applied.codes,
    position = new_position,
    base = CASE WHEN kind = 'base' AND NOT ended THEN new_position ELSE base END,
    consumed = applied.consumed,
    wake_at = CASE WHEN ended OR (applied.status IN ${DORMANT_SQL} AND NOT awoken) THEN NULL ELSE applied.wake_at END,
    suspect = suspect AND NOT progress,
    strikes = CASE WHEN progress THEN 0 ELSE strikes END,
    updated_at = applied.now,
    last_commit = applied.commit_id,
    owner = CASE WHEN release OR ended OR applied.status IN ${DORMANT_SQL} THEN NULL ELSE runs.owner END
  FROM applied WHERE runs.id = applied.id
)
SELECT n, verdict, saved_epoch, inbox_seq FROM judged`;

const asJson = (commit: Commit, n: number, codes: number) => ({
  n,
  run: commit.lease.run,
  incarnation: commit.lease.incarnation,
  epoch: commit.lease.epoch,
  worker: commit.lease.worker,
  commit_id: commit.commitId,
  position: commit.position,
  kind: commit.segment?.kind ?? null,
  text: commit.segment?.text ?? null,
  status: commit.status,
  reason: commit.reason,
  result: commit.result,
  codes,
  consumed: commit.consumed,
  wake_at: commit.wakeAt,
  release: commit.release,
  now: commit.now,
  outbox: commit.outbox.map((entry) => ({ seq: entry.seq, entry: JSON.stringify(entry) })),
});

/** Commits of one form, by their numbers in the group, and the sets of codes that they name. */
interface Alike {
  readonly commit: (
    group: readonly Commit[],
    codes: readonly number[],
  ) => Promise<readonly (CommitOutcome | undefined)[]>;
  readonly which: number[];
  readonly codes: number[];
}

/**
 * Turns of runs that go on in one statement, last turns in another; what is neither, and what of these does not follow, is a repetition or has other codes, in
 * a third, which says why. While all goes well a group is one statement, or a few at once.
 */
export async function commitGroup(
  session: Session,
  sets: CodeSets,
  group: readonly Commit[],
): Promise<readonly CommitOutcome[]> {
  if (group.length === 1 && isPlain(group[0]!)) return commitAlone(session, sets, group[0]!);
  const outcomes = new Array<CommitOutcome | undefined>(group.length).fill(undefined);
  const turns: Alike = {
    commit: async (many, codes) =>
      many.length === 1 ? [await commitTurn(session, many[0]!, codes[0]!)] : commitTurns(session, many, codes),
    which: [],
    codes: [],
  };
  const ends: Alike = { commit: (many, codes) => commitEnds(session, many, codes), which: [], codes: [] };
  const others: number[] = [];
  for (const [n, commit] of group.entries()) {
    const alike = isPlain(commit) ? turns : isEnd(commit) ? ends : undefined;
    const known = alike && sets.known(commit.codes);
    if (known === undefined) others.push(n);
    else {
      alike!.which.push(n);
      alike!.codes.push(known);
    }
  }
  const together = async ({ commit, which, codes }: Alike): Promise<void> => {
    const found = await commit(
      which.map((n) => group[n]!),
      codes,
    );
    for (const [at, n] of which.entries()) outcomes[n] = found[at];
  };
  const judge = async (which: readonly number[]): Promise<void> => {
    const judged = await commitJudged(
      session,
      sets,
      which.map((n) => group[n]!),
    );
    for (const [at, n] of which.entries()) outcomes[n] = judged[at];
  };
  const statements = [turns, ends].filter(({ which }) => which.length > 0).map(together);
  if (others.length > 0) statements.push(judge(others));
  if (statements.length === 1) await statements[0];
  else await allOf(statements);
  const left = [...turns.which, ...ends.which].filter((n) => outcomes[n] === undefined);
  if (left.length === 0) return outcomes as CommitOutcome[];
  try {
    await judge(left);
  } catch (error) {
    throw left.length < group.length ? unknown(error) : error;
  }
  return outcomes as CommitOutcome[];
}

/** The turn of a run alone. */
async function commitAlone(session: Session, sets: CodeSets, turn: Commit): Promise<readonly CommitOutcome[]> {
  const known = sets.known(turn.codes);
  const outcome = known === undefined ? undefined : await commitTurn(session, turn, known);
  return outcome === undefined ? commitJudged(session, sets, [turn]) : [outcome];
}

/** Whether the group did something is not known, even if this statement is known to have done nothing. */
const unknown = (error: unknown): unknown =>
  error instanceof Error ? postgresError("PD3211", "unknown", { why: error.message }, error) : error;

async function allOf(statements: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(statements);
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (failures.length === 0) return;
  if (failures.length < statements.length) throw unknown(failures[0]);
  throw failures.find((error) => isStoreFailure(error) && error.outcome === "unknown") ?? failures[0];
}

async function commitJudged(
  session: Session,
  sets: CodeSets,
  group: readonly Commit[],
): Promise<readonly CommitOutcome[]> {
  const outcomes = new Array<CommitOutcome>(group.length);
  let left = group.map((_, n) => n);
  while (left.length > 0) {
    const given: object[] = [];
    for (const n of left) given.push(asJson(group[n]!, n, await sets.intern(session, "commit", group[n]!.codes)));
    const rows = await session.query("commit", GROUP, JSON.stringify(given));
    for (const n of left) outcomes[n] = { type: "fenced", epoch: null };
    left = [];
    for (const [at, verdict, epoch, inboxSeq] of rows) {
      const n = Number(at);
      if (verdict === "codes") {
        // Its set of codes was swept meanwhile: nothing was applied, and it is made anew.
        sets.forget(group[n]!.codes);
        left.push(n);
      } else if (verdict === "fenced") {
        outcomes[n] = { type: "fenced", epoch: isCount(Number(epoch)) ? Number(epoch) : null };
      } else outcomes[n] = applied(group[n]!, inboxSeq);
    }
  }
  return outcomes;
}
