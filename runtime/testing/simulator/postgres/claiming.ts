/** What the statements of workers do: leases, claims, and what they wait for. */
import type { Row, Statement } from "./database.ts";
import { dueAt, headText, type Run, type WorkerRow } from "./rows.ts";

export const flag = (value: boolean): string => (value ? "t" : "f");
const earlier = (a: Run, b: Run): number => dueAt(a)! - dueAt(b)!;

/** The run's head, with its codes as the statement sees them. */
export const headOf = (s: Statement, run: Run): string =>
  headText(run, s.seen(s.tables.codesets, ({ id }) => id === run.codes)[0]?.codes);

export function unknownSets(s: Statement, known: readonly number[]): string | null {
  const sets = s.seen(s.tables.codesets, ({ id }) => !known.includes(id));
  return sets.length === 0 ? null : JSON.stringify(sets.map(({ id, codes }) => [id, codes]));
}

export function renew(s: Statement): Row[] {
  const [id, until] = s.values as [string, number];
  const { workers } = s.tables;
  // ON CONFLICT DO UPDATE judges the row as it is, seen or not.
  const now = workers.current(id);
  if (now === undefined) {
    s.put(workers, id, { id, until, ended: false });
    return [[id]];
  }
  s.lock(workers, id, () => true);
  if (now.ended) return [];
  s.put(workers, id, { ...now, until: Math.max(now.until, until) });
  return [[id]];
}

export function endWorker(s: Statement): Row[] {
  const [id] = s.values as [string];
  const worker = s.lock(s.tables.workers, id, () => true);
  if (worker !== undefined) s.put(s.tables.workers, id, { ...worker, ended: true });
  return [];
}

export function freeRuns(s: Statement): Row[] {
  const [worker] = s.values as [string];
  const { runs } = s.tables;
  const owned = (row: Run): boolean => row.owner === worker;
  const names = s.seen(runs, owned).map(({ run }) => run);
  return names.sort().flatMap((name) => {
    const run = s.lock(runs, name, owned);
    if (run === undefined) return [];
    s.put(runs, name, { ...run, owner: null, wakeAt: 0 });
    return [[name]];
  });
}

function dueRuns(s: Statement, suspect: boolean, sets: readonly number[], now: number, limit: number): Run[] {
  const { runs } = s.tables;
  const chosen: Run[] = [];
  for (const set of sets) {
    const isDue = (row: Run): boolean =>
      row.codes === set && row.suspect === suspect && dueAt(row) !== null && dueAt(row)! <= now;
    let some = 0;
    for (const { run } of s.seen(runs, isDue).sort(earlier)) {
      if (some >= limit) break;
      const locked = s.lockFree(runs, run, isDue);
      if (locked === undefined) continue;
      chosen.push(locked);
      some++;
    }
  }
  return chosen.sort(earlier).slice(0, Math.max(0, limit));
}

/** `claimed` is told of each run that was claimed, once it is. */
export function claim(s: Statement, claimed: (run: Run) => void): Row[] {
  const [known, worker, now, sets, limit, suspectLimit] = s.values as [
    number[],
    string,
    number,
    number[],
    number,
    number,
  ];
  const { runs, workers } = s.tables;
  const isDead = ({ id, ended, until }: WorkerRow): boolean => id !== worker && (ended || until < now);
  const orphans: Run[] = [];
  for (const { id } of s.seen(workers, isDead)) {
    const isOrphan = (row: Run): boolean => row.owner === id && sets.includes(row.codes);
    for (const { run } of s.seen(runs, isOrphan)) {
      if (orphans.length >= suspectLimit) break;
      const locked = s.lockFree(runs, run, isOrphan);
      if (locked !== undefined) orphans.push(locked);
    }
  }
  const suspects = dueRuns(s, true, sets, now, suspectLimit - orphans.length);
  const innocent = dueRuns(s, false, sets, now, limit - orphans.length - suspects.length);
  const rows: Row[] = [];
  const isClaimant = ({ ended, until }: WorkerRow): boolean => !ended && until >= now;
  const something = orphans.length + suspects.length + innocent.length > 0;
  if (something && s.lock(workers, worker, isClaimant) !== undefined) {
    const lost = new Set<string>();
    for (const owner of new Set(orphans.map((one) => one.owner!))) {
      const dead = s.lock(workers, owner, ({ ended, until }) => ended || until < now);
      if (dead === undefined) continue;
      lost.add(owner);
      s.put(workers, owner, { ...dead, ended: true });
    }
    const take = (before: Run, takenOver: boolean): void => {
      const run: Run = {
        ...before,
        owner: worker,
        epoch: s.next("epochs"),
        suspect: before.suspect || takenOver,
        strikes: before.strikes + (takenOver && before.suspect ? 1 : 0),
      };
      s.put(runs, run.run, run);
      s.then(() => claimed(run));
      rows.push([null, headOf(s, run), flag(takenOver)]);
    };
    for (const one of orphans) if (lost.has(one.owner!)) take(one, true);
    for (const one of [...suspects, ...innocent]) take(one, false);
  }
  const unknown = unknownSets(s, known);
  return rows.length === 0 ? [[unknown, null, null]] : rows.map(([, ...rest]) => [unknown, ...rest]);
}

export function setAside(s: Statement): Row[] {
  const [name, worker, reason] = s.values as [string, string, string];
  const run = s.lock(s.tables.runs, name, ({ owner }) => owner === worker);
  if (run !== undefined) s.put(s.tables.runs, name, { ...run, status: "blocked", reason, owner: null });
  return [];
}

export function owned(s: Statement): Row[] {
  const [worker] = s.values as [string];
  const mine = s.seen(s.tables.runs, ({ owner }) => owner === worker).sort((a, b) => (a.run < b.run ? -1 : 1));
  return mine.map(({ run, incarnation, epoch, inboxSeq, consumed }) => [
    JSON.stringify([run, incarnation, epoch, inboxSeq, consumed]),
  ]);
}

export function nextWake(s: Statement): Row[] {
  const [known, sets] = s.values as [number[], number[]];
  const due = s.seen(s.tables.runs, ({ codes }) => sets.includes(codes)).map(dueAt);
  const earliest = due.reduce((least, at) => (least === null || (at !== null && at < least) ? at : least), null);
  return [[unknownSets(s, known), earliest === null ? null : String(earliest)]];
}

export function unlinked(s: Statement): Row[] {
  const [known, sets] = s.values as [number[], number[]];
  const unknown = unknownSets(s, known);
  const waiting = sets.flatMap((set) =>
    s.seen(s.tables.runs, (run) => run.codes === set && dueAt(run) !== null).slice(0, 1),
  );
  return waiting.length === 0 ? [[unknown, null]] : waiting.map((run) => [unknown, headOf(s, run)]);
}
