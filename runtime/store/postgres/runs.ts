/** Transitions of one run's saved state: create and compact, and reading it whole. */
import { checkCompaction } from "../arguments.ts";
import { checkedEntry, checkedSegment, readOutgoing } from "../saved.ts";
import type { InboxEntry, Lease, LoadedRun, NewRun, RunHead, Segment } from "../store.ts";
import type { CodeSets } from "./codesets.ts";
import type { Row, SqlValue } from "./driver.ts";
import { postgresError } from "./messages.ts";
import { HEAD, readHead } from "./rows.ts";
import type { Session } from "./session.ts";

const CREATE = `
WITH made AS (
  INSERT INTO perdure.runs (run, incarnation, fn, status, created_at, updated_at, args_digest, wake_at, codes, parent)
  SELECT $1, $2, $3, 'running', $4, $4, $5, $4, codesets.id, $6 FROM perdure.codesets WHERE codesets.id = $7
  ON CONFLICT (run) DO NOTHING
  RETURNING id
)
INSERT INTO perdure.segments (run_id, position, kind, text) SELECT id, 0, 'base', $8 FROM made RETURNING position`;

const READ = `SELECT ${HEAD} FROM perdure.runs WHERE run = $1`;

export async function read(session: Session, method: string, run: string): Promise<RunHead | null> {
  const [row] = await session.query(method, READ, run);
  return row === undefined ? null : readHead(row[0]!);
}

export async function create(
  session: Session,
  sets: CodeSets,
  run: NewRun,
): Promise<{ type: "created" } | { type: "exists"; head: RunHead }> {
  const { incarnation, fn, now, argsDigest, parent } = run;
  for (;;) {
    const codes = await sets.intern(session, "create", run.codes);
    const values = [run.run, incarnation, fn, now, argsDigest, parent, codes, run.segment.text] as const;
    const [made] = await session.query("create", CREATE, ...values);
    if (made !== undefined) return { type: "created" };
    const head = await read(session, "create", run.run);
    if (head?.incarnation === incarnation) return { type: "created" };
    if (head !== null) return { type: "exists", head };
    // What stood in the way has been swept meanwhile, or the set of codes has.
    sets.forget(run.codes);
  }
}

/**
 * The segment at the position becomes the base, those before it go. Nothing happens unless that segment is there to be replaced.
 */
const COMPACT = `
WITH locked AS MATERIALIZED (
  SELECT id, position, base FROM perdure.runs
  WHERE run = $1 AND incarnation = $2 AND epoch = $3 AND owner = $4 FOR UPDATE
),
replaced AS (
  UPDATE perdure.segments SET kind = 'base', text = $6 FROM locked
  WHERE segments.run_id = locked.id AND segments.position = $5 AND $5 > locked.base AND $5 <= locked.position
  RETURNING segments.run_id
),
dropped AS (
  DELETE FROM perdure.segments USING replaced WHERE segments.run_id = replaced.run_id AND segments.position < $5
),
head AS (
  UPDATE perdure.runs SET base = $5 FROM replaced WHERE runs.id = replaced.run_id
)
SELECT position, base, EXISTS (SELECT FROM replaced) FROM locked`;

export async function compact(
  session: Session,
  lease: Lease,
  position: number,
  segment: Segment,
): Promise<"ok" | "fenced"> {
  const values = [...holder(lease), position, segment.text] as const;
  const [row] = await session.query("compact", COMPACT, ...values);
  if (row === undefined) return "fenced";
  checkCompaction(position, Number(row[0]));
  if (row[2] === "t" || position <= Number(row[1])) return "ok";
  throw postgresError("PD3211", "refused", { why: `the run ${lease.run} has no segment ${position}` });
}

/** The run with all that belongs to it, in one statement: it sees one instant. Rows: what it is, its number, two texts. */
const whole = (where: string): string => `
WITH found AS MATERIALIZED (SELECT id, base, consumed, ${HEAD} AS head FROM perdure.runs WHERE ${where})
SELECT 'head', 0, head::text, NULL FROM found
UNION ALL SELECT 'segment', segments.position, segments.kind, segments.text FROM found JOIN perdure.segments
  ON segments.run_id = found.id AND segments.position >= found.base
UNION ALL SELECT 'message', seq, key, body FROM found JOIN perdure.inbox
  ON inbox.run_id = found.id AND inbox.seq > found.consumed
UNION ALL SELECT 'outgoing', outbox.id, NULL, entry FROM found JOIN perdure.outbox ON outbox.run_id = found.id`;

const LOAD = whole("run = $1 AND incarnation = $2 AND epoch = $3 AND owner = $4");
const INSPECT = whole("run = $1");

const holder = ({ run, incarnation, epoch, worker }: Lease): readonly SqlValue[] => [run, incarnation, epoch, worker];

function readWhole(rows: readonly Row[]): LoadedRun | null {
  const parts = new Map<string, Row[]>();
  for (const row of rows) {
    const part = parts.get(row[0]!);
    if (part === undefined) parts.set(row[0]!, [row]);
    else part.push(row);
  }
  const head = parts.get("head")?.[0];
  if (head === undefined) return null;
  const inOrder = (part: string): Row[] => (parts.get(part) ?? []).sort((a, b) => Number(a[1]) - Number(b[1]));
  return {
    head: readHead(head[2]!),
    segments: inOrder("segment").map(([, , kind, text]) => checkedSegment(kind, text)),
    inbox: inOrder("message").map(([, seq, key, body]) => checkedEntry({ seq: Number(seq), key, body })),
    outbox: inOrder("outgoing").map(([, , , entry]) => readOutgoing(entry)),
  };
}

export const load = async (session: Session, lease: Lease): Promise<LoadedRun | "fenced"> =>
  readWhole(await session.query("load", LOAD, ...holder(lease))) ?? "fenced";

export const inspect = async (session: Session, run: string): Promise<LoadedRun | null> =>
  readWhole(await session.query("inspect", INSPECT, run));

const INBOX = `
SELECT seq, key, body FROM perdure.runs JOIN perdure.inbox ON inbox.run_id = runs.id AND inbox.seq > greatest(runs.consumed, $3::bigint)
WHERE runs.run = $1 AND runs.incarnation = $2 ORDER BY seq`;

export async function inbox(session: Session, lease: Lease, after: number): Promise<InboxEntry[]> {
  const rows = await session.query("inbox", INBOX, lease.run, lease.incarnation, after);
  return rows.map(([seq, key, body]) => checkedEntry({ seq: Number(seq), key, body }));
}
