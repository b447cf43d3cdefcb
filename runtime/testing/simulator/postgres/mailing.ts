/** What the statements of messages do, and of what is listed and forgotten. */
import { compareIds } from "../../../store/arguments.ts";
import { DORMANT, ENDED } from "../../../store/store.ts";
import { headOf, unknownSets } from "./claiming.ts";
import type { Row, Statement } from "./database.ts";
import { dueAt, endedAt, messageKey, outgoingKey, type Run } from "./rows.ts";

const lively = ({ result }: Run) => (result === null ? ("waiting" as const) : ("finishing" as const));

export function deliver(s: Statement): Row[] {
  const [name, incarnation, key, body] = s.values as [string, string | null, string, string];
  const { runs, inbox } = s.tables;
  const run = s.lock(runs, name, (row) => incarnation === null || row.incarnation === incarnation);
  if (run === undefined) return [];
  const at = messageKey(run.id, key);
  // ON CONFLICT sees what the statement cannot.
  if (ENDED.has(run.status) || inbox.current(at) !== undefined) return [[String(run.id), null, run.owner]];
  const seq = run.inboxSeq + 1;
  s.put(inbox, at, { run: run.id, seq, key, body });
  const stuck = run.status === "stuck";
  s.put(runs, name, { ...run, inboxSeq: seq, ...(stuck && { status: lively(run), reason: null }) });
  return [[String(run.id), String(seq), run.owner]];
}

export function body(s: Statement): Row[] {
  const [id, key] = s.values as [number, string];
  const found = s.tables.inbox.at(s.snapshot, messageKey(id, key));
  return found === undefined ? [] : [[found.body]];
}

export function revive(s: Statement): Row[] {
  const [name, now] = s.values as [string, number];
  const run = s.lock(s.tables.runs, name, ({ status }) => DORMANT.has(status));
  if (run === undefined) return [];
  const awake = { status: lively(run), reason: null, wakeAt: now, strikes: 0, updatedAt: now };
  s.put(s.tables.runs, name, { ...run, ...awake });
  return [[String(run.id)]];
}

export function acknowledge(s: Statement): Row[] {
  const [name, incarnation, seqs] = s.values as [string, string, number[]];
  const run = s.tables.runs.at(s.snapshot, name);
  if (run?.incarnation !== incarnation) return [];
  for (const seq of seqs) {
    const key = outgoingKey(run.id, seq);
    if (s.lock(s.tables.outbox, key, () => true) !== undefined) s.put(s.tables.outbox, key, undefined);
  }
  return [];
}

function runOf(s: Statement, id: number): Run | undefined {
  return s.seen(s.tables.runs, (run) => run.id === id)[0];
}

export function pending(s: Statement): Row[] {
  const [limit] = s.values as [number];
  const entries = s.seen(s.tables.outbox).sort((a, b) => a.id - b.id);
  const rows = entries.flatMap((one): Row[] => {
    const run = runOf(s, one.run);
    return run === undefined ? [] : [[run.run, run.incarnation, one.entry]];
  });
  return rows.slice(0, limit);
}

export function inbox(s: Statement): Row[] {
  const [name, incarnation, after] = s.values as [string, string, number];
  const run = s.tables.runs.at(s.snapshot, name);
  if (run?.incarnation !== incarnation) return [];
  const first = Math.max(run.consumed, after);
  const mail = s.seen(s.tables.inbox, (one) => one.run === run.id && one.seq > first).sort((a, b) => a.seq - b.seq);
  return mail.map(({ seq, key, body: text }) => [String(seq), key, text]);
}

export function list(s: Statement, status: string | undefined): Row[] {
  const [fn, after, limit] = s.values as [string | null, string, number];
  const fits = (one: Run): boolean =>
    (status === undefined || one.status === status) && (fn === null || one.fn === fn) && compareIds(one.run, after) > 0;
  const heads = s.seen(s.tables.runs, fits).sort((a, b) => compareIds(a.run, b.run));
  return heads.slice(0, limit).map((one) => [headOf(s, one)]);
}

export function census(s: Statement): Row[] {
  const [known, sets, now] = s.values as [number[], number[], number];
  const unknown = unknownSets(s, known);
  const runs = s.seen(s.tables.runs);
  return [...new Set(runs.map(({ status }) => status))].map((status) => {
    const all = runs.filter((one) => one.status === status);
    const due = all.filter((one) => (dueAt(one) ?? Number.POSITIVE_INFINITY) <= now);
    const linked = due.filter((one) => sets.includes(one.codes)).map((one) => dueAt(one)!);
    const since = linked.filter((at) => at !== 0);
    const counts = [since.length === 0 ? null : String(Math.min(...since)), String(due.length)];
    return [unknown, status, String(all.length), String(linked.length), ...counts];
  });
}

export function sweep(s: Statement): Row[] {
  const [before, limit] = s.values as [number, number];
  const { runs, outbox, inbox: messages } = s.tables;
  const isOld = (row: Run): boolean => {
    const at = endedAt(row);
    return at !== null && at < before;
  };
  const owes = ({ id }: Run): boolean => s.seen(outbox, (one) => one.run === id).length > 0;
  const old = s.seen(runs, (row) => isOld(row) && !owes(row)).sort((a, b) => endedAt(a)! - endedAt(b)!);
  const swept: Row[] = [];
  for (const one of old) {
    if (swept.length >= limit) break;
    if (s.lockFree(runs, one.run, isOld) === undefined) continue;
    for (const message of s.seen(messages, (row) => row.run === one.id))
      s.put(messages, messageKey(one.id, message.key), undefined);
    s.put(runs, one.run, undefined);
    swept.push([String(one.id)]);
  }
  return swept;
}

const isIdle =
  (s: Statement, before: number) =>
  ({ id, until }: { id: string; until: number }): boolean =>
    until < before && s.seen(s.tables.runs, ({ owner }) => owner === id).length === 0;

export function idleWorkers(s: Statement): Row[] {
  const [before] = s.values as [number];
  const idle = s.seen(s.tables.workers, isIdle(s, before)).map(({ id }) => id);
  return idle.sort().flatMap((id) => (s.lockFree(s.tables.workers, id, isIdle(s, before)) === undefined ? [] : [[id]]));
}

export function forgetWorkers(s: Statement): Row[] {
  const [before, ids] = s.values as [number, string[]];
  for (const id of ids)
    if (s.lock(s.tables.workers, id, isIdle(s, before)) !== undefined) s.put(s.tables.workers, id, undefined);
  return [];
}
