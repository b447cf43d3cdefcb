/** What the statements of runs do: create, commit, compact, and reading them whole. */
import { DORMANT, ENDED, type StoredStatus } from "../../../store/store.ts";
import { headOf } from "./claiming.ts";
import { numbersIn, textsIn } from "./columns.ts";
import { type Row, refusal, type Statement } from "./database.ts";
import { outgoingKey, type Run, segmentKey } from "./rows.ts";

export function intern(s: Statement): Row[] {
  const [digest, codes] = s.values as [string, string];
  const { codesets } = s.tables;
  if (codesets.current(digest) === undefined) {
    const id = s.next("codesets");
    s.put(codesets, digest, { id, digest, codes });
    return [[String(id)]];
  }
  // Made by another after this statement began: it is not seen.
  const seen = codesets.at(s.snapshot, digest);
  return seen === undefined ? [] : [[String(seen.id)]];
}

export function create(s: Statement): Row[] {
  const [names, incarnations, fns, instants, digests, parents, sets, texts] = [
    ...s.values.slice(0, 3).map(textsIn),
    numbersIn(s.values[3]),
    ...s.values.slice(4, 6).map(textsIn),
    numbersIn(s.values[6]),
    textsIn(s.values[7]),
  ] as [string[], string[], string[], number[], string[], (string | null)[], number[], string[]];
  // The first of each id.
  const asked = names.map((_, n) => n).filter((n) => names.indexOf(names[n]!) === n);
  return asked.flatMap((n) => {
    const what = { incarnation: incarnations[n]!, fn: fns[n]!, argsDigest: digests[n]!, parent: parents[n]! };
    const isMade = createOne(s, { ...what, run: names[n]!, now: instants[n]!, codes: sets[n]!, text: texts[n]! });
    return isMade ? [[String(n + 1)]] : [];
  });
}

interface Asked {
  readonly run: string;
  readonly incarnation: string;
  readonly fn: string;
  readonly now: number;
  readonly argsDigest: string;
  readonly parent: string | null;
  readonly codes: number;
  readonly text: string;
}

function createOne(s: Statement, { run: name, incarnation, fn, now, argsDigest, parent, codes, text }: Asked): boolean {
  const { runs, codesets, segments } = s.tables;
  if (s.seen(codesets, ({ id }) => id === codes).length === 0 || runs.current(name) !== undefined) return false;
  const id = s.next("runs");
  const fresh = { position: 0, base: 0, inboxSeq: 0, consumed: 0, epoch: 0, strikes: 0, missed: 0, suspect: false };
  const none = { reason: null, owner: null, result: null, lastCommit: null };
  s.put(runs, name, {
    ...{ id, run: name, incarnation, fn, status: "running", createdAt: now, updatedAt: now, argsDigest },
    ...{ wakeAt: now, codes, parent },
    ...fresh,
    ...none,
  });
  s.put(segments, segmentKey(id, 0), { run: id, position: 0, kind: "base", text });
  return true;
}

/** `committed` is told of each commit that is applied, once it is. */
type Committed = (commitId: string, position: number, inboxSeq: number) => void;

interface Turn {
  readonly run: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly worker: string;
  readonly position: number;
  readonly codes: number;
  readonly consumed: number;
  readonly wakeAt: number | null;
  readonly now: number;
  readonly commitId: string;
  readonly status: StoredStatus;
  readonly reason: string | null;
  readonly result: string | null;
  readonly text: string;
}
/** In the order of the parameters. */
const TURN = [
  ...["run", "incarnation", "epoch", "worker", "position", "codes", "consumed", "wakeAt", "now", "commitId", "status"],
  ...["reason", "result", "text"],
];
const NUMBERS: ReadonlySet<string> = new Set(["epoch", "position", "codes", "consumed", "wakeAt", "now"]);

export const turn = (s: Statement, committed: Committed): Row[] => {
  const one = Object.fromEntries(TURN.map((name, n) => [name, s.values[n]])) as unknown as Turn;
  const [done] = takeTurns(s, [one], committed, false);
  return done === undefined ? [] : [done.slice(1)];
};

/** `areLast`: of the runs' segments nothing is left. */
export function turns(s: Statement, committed: Committed, areLast: boolean): Row[] {
  const columns = TURN.map((name, n) => (NUMBERS.has(name) ? numbersIn : textsIn)(s.values[n]));
  const given = columns[0]!.map(
    (_, row) => Object.fromEntries(TURN.map((name, n) => [name, columns[n]![row]])) as unknown as Turn,
  );
  return takeTurns(s, given, committed, areLast);
}

/** Rows: which, counted from one, and its messages. */
function takeTurns(s: Statement, given: readonly Turn[], committed: Committed, areLast: boolean): Row[] {
  const { runs, codesets, segments } = s.tables;
  // What any of them waits for, all wait for.
  const locked = given.map((one) => {
    const { incarnation, epoch, worker, position, codes, consumed } = one;
    const follows = (row: Run): boolean =>
      row.incarnation === incarnation &&
      row.epoch === epoch &&
      row.owner === worker &&
      row.position === position &&
      (row.codes === codes || s.seen(codesets, ({ id }) => id === codes).length > 0) &&
      row.consumed <= consumed &&
      row.inboxSeq >= consumed;
    return { one, run: s.lock(runs, one.run, follows) };
  });
  return locked.flatMap(({ one, run }, n) => {
    if (run === undefined) return [];
    const { codes, consumed, wakeAt, now, commitId, status, reason, result, text } = one;
    const position = run.position + 1;
    const rest = { consumed, wakeAt, updatedAt: now, lastCommit: commitId, status, reason, suspect: false, strikes: 0 };
    const owner = areLast ? null : run.owner;
    s.put(runs, one.run, { ...run, ...rest, codes, owner, position, result: run.result ?? result });
    if (areLast) {
      for (const old of s.seen(segments, (row) => row.run === run.id))
        s.put(segments, segmentKey(run.id, old.position), undefined);
    } else append(s, run.id, position, "delta", text);
    s.then(() => committed(commitId, position, run.inboxSeq));
    return [[String(n + 1), String(run.inboxSeq)]];
  });
}

function append(s: Statement, run: number, position: number, kind: string, text: string): void {
  const key = segmentKey(run, position);
  if (s.tables.segments.current(key) !== undefined) throw refusal("23505", "segments_pkey");
  s.put(s.tables.segments, key, { run, position, kind, text });
}

interface Given {
  readonly n: number;
  readonly run: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly worker: string;
  readonly commit_id: string;
  readonly position: number;
  readonly kind: string | null;
  readonly text: string | null;
  readonly status: StoredStatus;
  readonly reason: string | null;
  readonly result: string | null;
  readonly codes: number;
  readonly consumed: number;
  readonly wake_at: number | null;
  readonly release: boolean;
  readonly now: number;
  readonly outbox: readonly { seq: number; entry: string }[];
}

/** How it is decided that mail has come which the turn has not seen: by the counter in the locked row. */
export type MailWaits = (s: Statement, run: Run, consumed: number) => boolean;
export const byCounter: MailWaits = (_, run, consumed) => run.inboxSeq > consumed;
/** Wrong: the inbox as the statement sees it is older than the lock. */
export const bySubquery: MailWaits = (s, run, consumed) =>
  s.seen(s.tables.inbox, (one) => one.run === run.id && one.seq > consumed).length > 0;

/** How a commit is judged. */
export interface Rules {
  readonly isFenced: (run: Run, given: Given) => boolean;
  /** The repetition of the last commit is one. */
  readonly recognizes: boolean;
  readonly mailWaits: MailWaits;
}

export function group(s: Statement, committed: Committed, rules: Rules): Row[] {
  const [json] = s.values as [string];
  const given = (JSON.parse(json) as Given[]).sort((a, b) => (a.run < b.run ? -1 : 1));
  const { runs } = s.tables;
  // All locks first, in the order of ids; what any of them waits for, all wait for.
  const locked = given.map((one) => ({ one, run: s.lock(runs, one.run, () => true) }));
  return locked.flatMap(({ one, run }) => {
    if (run === undefined) return [];
    const verdict = judge(s, one, run, rules);
    if (verdict === "applied") applyCommit(s, one, run, committed, rules.mailWaits);
    return [[String(one.n), verdict, String(run.epoch), String(run.inboxSeq)]];
  });
}

function judge(s: Statement, one: Given, run: Run, { isFenced: fenced, recognizes }: Rules): string {
  const { outbox, codesets } = s.tables;
  if (recognizes && one.incarnation === run.incarnation && one.commit_id === run.lastCommit) return "repeated";
  const sent = (seq: number): boolean => outbox.at(s.snapshot, outgoingKey(run.id, seq)) !== undefined;
  if (fenced(run, one) || one.outbox.some(({ seq }) => sent(seq))) return "fenced";
  return s.seen(codesets, ({ id }) => id === one.codes).length === 0 ? "codes" : "applied";
}

export const isFenced = (run: Run, one: Given): boolean =>
  one.incarnation !== run.incarnation ||
  one.epoch !== run.epoch ||
  one.worker !== run.owner ||
  one.position !== run.position ||
  one.consumed < run.consumed ||
  one.consumed > run.inboxSeq;

/** Wrong: whoever commits has the lease. */
export const isMisplaced = (run: Run, one: Given): boolean => one.position !== run.position;

function applyCommit(s: Statement, one: Given, run: Run, committed: Committed, mailWaits: MailWaits): void {
  const { runs, segments, outbox } = s.tables;
  const ended = ENDED.has(one.status);
  const awoken = one.status === "stuck" && run.inboxSeq > one.consumed;
  const result = run.result ?? one.result;
  const progress = one.kind !== null || ended;
  const position = one.position + (one.kind === null ? 0 : 1);
  if (ended || one.kind === "base") {
    for (const old of s.seen(segments, (row) => row.run === run.id && row.position <= one.position))
      s.put(segments, segmentKey(run.id, old.position), undefined);
  }
  if (one.kind !== null && !ended) append(s, run.id, position, one.kind, one.text!);
  for (const { seq, entry } of one.outbox) {
    const id = s.next("outbox");
    s.put(outbox, outgoingKey(run.id, seq), { id, run: run.id, seq, entry });
  }
  const sleeps = ended || (DORMANT.has(one.status) && !awoken);
  s.put(runs, run.run, {
    ...run,
    status: awoken ? (result === null ? "waiting" : "finishing") : one.status,
    reason: awoken ? null : one.reason,
    result,
    codes: one.codes,
    position,
    base: one.kind === "base" && !ended ? position : run.base,
    consumed: one.consumed,
    wakeAt: sleeps ? null : one.wake_at,
    suspect: run.suspect && !progress,
    strikes: progress ? 0 : run.strikes,
    updatedAt: one.now,
    lastCommit: one.commit_id,
    owner: one.release || ended || DORMANT.has(one.status) ? null : run.owner,
    missed: run.inboxSeq > one.consumed && !mailWaits(s, run, one.consumed) ? run.inboxSeq : 0,
  });
  s.then(() => committed(one.commit_id, position, run.inboxSeq));
}

const holdsLease =
  ([, incarnation, epoch, owner]: readonly unknown[]) =>
  (row: Run): boolean =>
    row.incarnation === incarnation && row.epoch === epoch && row.owner === owner;

export function compact(s: Statement): Row[] {
  const [name, , , , position, text] = s.values as [string, string, number, string, number, string];
  const { runs, segments } = s.tables;
  const run = s.lock(runs, name, holdsLease(s.values));
  if (run === undefined) return [];
  const old = segments.at(s.snapshot, segmentKey(run.id, position));
  const replaced = old !== undefined && position > run.base && position <= run.position;
  if (replaced) {
    s.put(segments, segmentKey(run.id, position), { ...old, kind: "base", text });
    for (const one of s.seen(segments, (row) => row.run === run.id && row.position < position))
      s.put(segments, segmentKey(run.id, one.position), undefined);
    s.put(runs, name, { ...run, base: position });
  }
  return [[String(run.position), String(run.base), replaced ? "t" : "f"]];
}

function whole(s: Statement, n: number, run: Run): Row[] {
  const { segments, inbox, outbox } = s.tables;
  const saved = s.seen(segments, (one) => one.run === run.id && one.position >= run.base);
  const mail = s.seen(inbox, (one) => one.run === run.id && one.seq > run.consumed);
  const sent = s.seen(outbox, (one) => one.run === run.id);
  const whose = String(n);
  return [
    [whose, "head", "0", headOf(s, run), null],
    ...saved.map(({ position, kind, text }): Row => [whose, "segment", String(position), kind, text]),
    ...mail.map(({ seq, key, body }): Row => [whose, "message", String(seq), key, body]),
    ...sent.map(({ id, entry }): Row => [whose, "outgoing", String(id), null, entry]),
  ];
}

export function load(s: Statement): Row[] {
  const [names, incarnations] = s.values.slice(0, 2).map(textsIn) as [string[], string[]];
  const [epochs, owners] = [numbersIn(s.values[2]), textsIn(s.values[3])];
  return names.flatMap((name, n) => {
    const run = s.tables.runs.at(s.snapshot, name);
    const lease = [name, incarnations[n], epochs[n], owners[n]];
    return run !== undefined && holdsLease(lease)(run) ? whole(s, n + 1, run) : [];
  });
}
export function inspect(s: Statement): Row[] {
  const run = s.tables.runs.at(s.snapshot, s.values[0] as string);
  return run === undefined ? [] : whole(s, 1, run);
}
export function read(s: Statement): Row[] {
  return textsIn(s.values[0]).flatMap((name, n) => {
    const run = s.tables.runs.at(s.snapshot, name!);
    return run === undefined ? [] : [[String(n + 1), headOf(s, run)]];
  });
}
