/** Transitions of one run's saved state: create and compact, and reading it whole. */
import { checkCompaction } from "../arguments.ts";
import { checkedEntry, checkedSegment, Damaged, readOutgoing, unreadable } from "../saved.ts";
import type { InboxEntry, Lease, LoadedRun, NewRun, RunHead, Segment } from "../store.ts";
import type { CodeSets } from "./codesets.ts";
import { isFew, isSame, numbers, texts } from "./columns.ts";
import type { Row, SqlValue } from "./driver.ts";
import { damage, postgresError } from "./messages.ts";
import { HEAD, readHead, readHeadOrRest } from "./rows.ts";
import type { Session } from "./session.ts";
import { Together } from "./together.ts";

/**
 * Any number of runs, the first of each id. In the order of ids, so that calls which make the same runs cannot deadlock.
 */
const CREATE = `
WITH asked AS MATERIALIZED (
  SELECT DISTINCT ON (run COLLATE "C") * FROM
    unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::integer[], $8::text[])
    WITH ORDINALITY AS asked (run, incarnation, fn, now, args_digest, parent, codes, text, n)
  ORDER BY run COLLATE "C", n
),
made AS (
  INSERT INTO perdure.runs (run, incarnation, fn, status, created_at, updated_at, args_digest, wake_at, codes, parent)
  SELECT run, incarnation, fn, 'running', now, now, args_digest, now, codesets.id, parent
  FROM asked JOIN perdure.codesets ON codesets.id = asked.codes ORDER BY run COLLATE "C"
  ON CONFLICT (run) DO NOTHING
  RETURNING id, run
),
written AS (
  INSERT INTO perdure.segments (run_id, position, kind, text) SELECT made.id, 0, 'base', asked.text FROM made JOIN asked USING (run)
)
SELECT asked.n FROM made JOIN asked USING (run)`;

const READ = `
SELECT asked.n, ${HEAD} FROM unnest($1::text[]) WITH ORDINALITY AS asked (run, n)
JOIN perdure.runs ON runs.run = asked.run AND ${isFew("asked.n")}`;

type Created = { readonly type: "created" } | { readonly type: "exists"; readonly head: RunHead };

/**
 * The segment at the position becomes the base, those before it go. Nothing happens unless that segment is there to be replaced.
 */
const COMPACT = `
WITH locked AS MATERIALIZED (
  SELECT id, position, base FROM perdure.runs
  WHERE run = $1 AND incarnation = $2 AND epoch = $3 AND ${isSame("owner", "$4")} FOR UPDATE
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

/** Runs with all that belongs to them, in one statement: it sees one instant. Rows: whose, what it is, its number, two texts. */
const whole = (asked: string, holds: string): string => `
WITH found AS MATERIALIZED (
  SELECT asked.n, runs.id, base, runs.consumed, ${HEAD} AS head FROM ${asked} JOIN perdure.runs ON ${holds}
)
SELECT n, 'head', 0, head::text, NULL FROM found
UNION ALL SELECT n, 'segment', segments.position, segments.kind, segments.text FROM found JOIN perdure.segments
  ON segments.run_id = found.id AND segments.position >= found.base
UNION ALL SELECT n, 'message', seq, key, body FROM found JOIN perdure.inbox
  ON inbox.run_id = found.id AND inbox.seq > found.consumed
UNION ALL SELECT n, 'outgoing', outbox.id, NULL, entry FROM found JOIN perdure.outbox ON outbox.run_id = found.id`;

const LOAD = whole(
  `unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY AS asked (run, incarnation, epoch, owner, n)`,
  `runs.run = asked.run AND runs.incarnation = asked.incarnation AND runs.epoch = asked.epoch AND ${isSame("runs.owner", "asked.owner")}
    AND ${isFew("asked.n")}`,
);
const INSPECT = whole("(VALUES (1)) AS asked (n)", "run = $1");

const holder = ({ run, incarnation, epoch, worker }: Lease): readonly SqlValue[] => [run, incarnation, epoch, worker];

function readWhole(rows: readonly Row[]): LoadedRun | null {
  const parts = new Map<string, Row[]>();
  for (const row of rows) {
    const part = parts.get(row[1]!);
    if (part === undefined) parts.set(row[1]!, [row]);
    else part.push(row);
  }
  const head = parts.get("head")?.[0];
  if (head === undefined) return null;
  const inOrder = (part: string): Row[] => (parts.get(part) ?? []).sort((a, b) => Number(a[2]) - Number(b[2]));
  try {
    return {
      head: readHead(head[3]!),
      segments: inOrder("segment").map(([, , , kind, text]) => checkedSegment(kind, text)),
      inbox: inOrder("message").map(([, , seq, key, body]) => checkedEntry({ seq: Number(seq), key, body })),
      outbox: inOrder("outgoing").map(([, , , , entry]) => readOutgoing(entry)),
    };
  } catch (error) {
    throw error instanceof Damaged ? unreadable(damage(error), readHeadOrRest(head[3]!).head) : error;
  }
}

/** Rows by whose they are, which their first column numbers from one. */
function split(rows: readonly Row[], count: number): readonly (readonly Row[])[] {
  const of: Row[][] = Array.from({ length: count }, () => []);
  for (const row of rows) of[Number(row[0]) - 1]!.push(row);
  return of;
}

export const inspect = async (session: Session, run: string): Promise<LoadedRun | null> =>
  readWhole(await session.query("inspect", INSPECT, run));

/** The calls of which there are many when many runs begin or end at once. */
export class ManyRuns {
  readonly #session: Session;
  readonly #sets: CodeSets;
  readonly #creates: Together<NewRun & { readonly set: number }, boolean>;
  readonly #reads: Together<string, RunHead | null>;
  readonly #loads: Together<Lease, LoadedRun | "fenced">;

  constructor(session: Session, sets: CodeSets) {
    this.#session = session;
    this.#sets = sets;
    this.#creates = new Together(
      256,
      async (runs) => {
        const of = (text: (run: NewRun) => string | null) => texts(runs.map(text));
        const rows = await session.ask(
          "create",
          CREATE,
          of(({ run }) => run),
          of(({ incarnation }) => incarnation),
          of(({ fn }) => fn),
          numbers(runs.map(({ now }) => now)),
          of(({ argsDigest }) => argsDigest),
          of(({ parent }) => parent),
          numbers(runs.map(({ set }) => set)),
          of(({ segment }) => segment.text),
        );
        const made = new Set(rows.map(([n]) => Number(n)));
        return runs.map((_, n) => () => made.has(n + 1));
      },
      ({ segment }) => segment.text.length,
    );
    this.#reads = new Together(256, async (runs) => {
      const heads = split(await session.ask("read", READ, texts(runs)), runs.length);
      return heads.map((rows) => () => (rows.length === 0 ? null : readHead(rows[0]![1]!)));
    });
    this.#loads = new Together(32, async (leases) => {
      const of = (text: (lease: Lease) => string) => texts(leases.map(text));
      const rows = await session.ask(
        "load",
        LOAD,
        of(({ run }) => run),
        of(({ incarnation }) => incarnation),
        numbers(leases.map(({ epoch }) => epoch)),
        of(({ worker }) => worker),
      );
      return split(rows, leases.length).map((parts) => () => readWhole(parts) ?? "fenced");
    });
  }

  read(run: string): Promise<RunHead | null> {
    return this.#session.admit("read", () => this.#reads.ask(run));
  }

  load(lease: Lease): Promise<LoadedRun | "fenced"> {
    return this.#session.admit("load", () => this.#loads.ask(lease));
  }

  async create(run: NewRun): Promise<Created> {
    for (;;) {
      const set = await this.#sets.intern(this.#session, "create", run.codes);
      if (await this.#session.admit("create", () => this.#creates.ask({ ...run, set }))) return { type: "created" };
      const head = await this.read(run.run);
      if (head?.incarnation === run.incarnation) return { type: "created" };
      if (head !== null) return { type: "exists", head };
      // What stood in the way has been swept meanwhile, or the set of codes has.
      this.#sets.forget(run.codes);
    }
  }
}

const INBOX = `
SELECT seq, key, body FROM perdure.runs JOIN perdure.inbox ON inbox.run_id = runs.id AND inbox.seq > greatest(runs.consumed, $3::bigint)
WHERE runs.run = $1 AND runs.incarnation = $2 ORDER BY seq`;

export async function inbox(session: Session, lease: Lease, after: number): Promise<InboxEntry[]> {
  const rows = await session.query("inbox", INBOX, lease.run, lease.incarnation, after);
  try {
    return rows.map(([seq, key, body]) => checkedEntry({ seq: Number(seq), key, body }));
  } catch (error) {
    throw error instanceof Damaged ? unreadable(damage(error)) : error;
  }
}
