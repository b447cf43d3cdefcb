import {
  checkCompaction,
  checkCount,
  checkEnding,
  checkGroup,
  checkMessage,
  checkName,
  checkNewRun,
  checkTime,
  compareIds,
} from "../arguments.ts";
import { dueAt, holds, livelyStatus } from "../judgements.ts";
import { storeError } from "../messages.ts";
import type { Claim, Commit, CommitOutcome, Lease, Outgoing, RunHead, Store, StoredStatus } from "../store.ts";
import { DORMANT, ENDED } from "../store.ts";
import { copied, followsAll, newRecord, type RunRecord, saved, sendsAgain, whole } from "./record.ts";

interface Worker {
  until: number;
  /** Retired or taken over from: never valid again. */
  ended: boolean;
}

/**
 * A store in this process's memory: for tests, for the simulator, and for programs that need no durability.
 *
 * It is exact: every method does the whole of its work in one synchronous step when it is called, so calls take effect in
 * the order in which they are made. Nothing survives the process. Values are copied in, and what comes out is fresh or
 * immutable.
 *
 * @example
 * const engine = createEngine({ store: memory() });
 */
export function memory(): Store {
  const runs = new Map<string, RunRecord>();
  const workers = new Map<string, Worker>();
  let epochs = 0;
  let outboxOrder = 0;
  let closed = false;

  const opened = (method: string): void => {
    if (closed) throw storeError("PD3002", "refused", { method, store: "memory" });
  };
  const current = (lease: Lease): RunRecord | undefined => {
    const record = runs.get(lease.run);
    return record !== undefined && holds(record.head, lease) ? record : undefined;
  };
  /** Of all runs that were ever started, few are wanted as a rule: sorted are these alone. */
  const inOrder = (isWanted: (head: RunHead) => boolean): RunHead[] => {
    const wanted: RunHead[] = [];
    for (const { head } of runs.values()) if (isWanted(head)) wanted.push(head);
    return wanted.sort((a, b) => compareIds(a.run, b.run));
  };
  const linked = (head: RunHead, codes: ReadonlySet<string>): boolean => head.codes.every((code) => codes.has(code));
  const update = (record: RunRecord, change: Partial<RunHead>): void => {
    record.head = Object.freeze({ ...record.head, ...change });
  };

  function apply(commit: Commit): CommitOutcome {
    const record = runs.get(commit.lease.run);
    if (record?.head.incarnation === commit.lease.incarnation && record.lastCommit === commit.commitId) {
      return { type: "ok", position: record.head.position, inboxSeq: record.head.inboxSeq };
    }
    if (record === undefined || !holds(record.head, commit.lease) || !followsAll(record, commit)) {
      return { type: "fenced", epoch: record?.head.epoch ?? null };
    }
    const { head } = record;
    const ended = ENDED.has(commit.status);
    const result = head.result ?? commit.result;
    const mail = head.inboxSeq > commit.consumed;
    const status = commit.status === "stuck" && mail ? livelyStatus(result) : commit.status;
    const progress = commit.segment !== null;
    if (ended) record.segments = [];
    else if (commit.segment !== null) {
      if (commit.segment.kind === "base") record.segments = [];
      record.segments.push({ seq: commit.position + 1, segment: saved(commit.segment) });
    }
    record.inbox = record.inbox.filter((entry) => entry.seq > commit.consumed);
    for (const entry of commit.outbox) record.outbox.push({ order: ++outboxOrder, entry: copied(entry) });
    record.lastCommit = commit.commitId;
    update(record, {
      status,
      reason: status === commit.status ? commit.reason : null,
      result,
      codes: Object.freeze([...commit.codes]),
      position: commit.position + (progress ? 1 : 0),
      consumed: commit.consumed,
      wakeAt: ended || DORMANT.has(status) ? null : commit.wakeAt,
      owner: commit.release || ended || DORMANT.has(commit.status) ? null : head.owner,
      suspect: head.suspect && !progress && !ended,
      strikes: progress || ended ? 0 : head.strikes,
      updatedAt: commit.now,
    });
    return { type: "ok", position: record.head.position, inboxSeq: record.head.inboxSeq };
  }

  const store: Store = {
    name: "memory",

    async create(run) {
      opened("create");
      checkNewRun("create", run);
      const taken = runs.get(run.run);
      if (taken?.head.incarnation === run.incarnation) return { type: "created" };
      if (taken !== undefined) return { type: "exists", head: taken.head };
      runs.set(run.run, newRecord(run));
      return { type: "created" };
    },

    async renew(id, now, until) {
      opened("renew");
      checkName("renew", "worker", id);
      checkTime("renew", "now", now);
      checkTime("renew", "until", until);
      const worker = workers.get(id);
      if (worker === undefined) workers.set(id, { until, ended: false });
      else if (worker.ended) return false;
      else worker.until = Math.max(worker.until, until);
      return true;
    },

    async retire(id) {
      opened("retire");
      const worker = workers.get(id);
      if (worker !== undefined) worker.ended = true;
      for (const record of runs.values()) if (record.head.owner === id) update(record, { owner: null, wakeAt: 0 });
    },

    async claim(request) {
      opened("claim");
      checkCount("claim", "limit", request.limit);
      checkCount("claim", "suspects", request.suspects);
      checkTime("claim", "now", request.now);
      const { now, codes } = request;
      const running = (id: string): boolean => {
        const worker = workers.get(id);
        return worker !== undefined && !worker.ended && worker.until >= now;
      };
      if (!running(request.worker)) return [];
      const ordinary: RunRecord[] = [];
      const suspects: RunRecord[] = [];
      for (const record of runs.values()) {
        const { head } = record;
        if (ENDED.has(head.status) || DORMANT.has(head.status) || !linked(head, codes)) continue;
        const due = dueAt(record.head);
        if (head.owner !== null) {
          if (!running(head.owner)) suspects.push(record);
        } else if (due !== null && due <= now) (head.suspect ? suspects : ordinary).push(record);
      }
      const oldestFirst = ({ head: a }: RunRecord, { head: b }: RunRecord): number =>
        (dueAt(a) ?? 0) - (dueAt(b) ?? 0) || compareIds(a.run, b.run);
      const chosen = suspects.sort(oldestFirst).slice(0, Math.min(request.suspects, request.limit));
      chosen.push(...ordinary.sort(oldestFirst).slice(0, request.limit - chosen.length));
      return chosen.map((record): Claim => {
        const { head } = record;
        const takenOver = head.owner !== null;
        if (head.owner !== null) workers.get(head.owner)!.ended = true;
        const strikes = head.strikes + (takenOver && head.suspect ? 1 : 0);
        const lease: Lease = { run: head.run, incarnation: head.incarnation, worker: request.worker, epoch: ++epochs };
        update(record, { owner: lease.worker, epoch: lease.epoch, suspect: head.suspect || takenOver, strikes });
        return { lease, head: record.head, takenOver };
      });
    },

    async owned(worker) {
      opened("owned");
      return inOrder((head) => head.owner === worker).map(({ run, incarnation, epoch, inboxSeq, consumed }) => ({
        lease: { run, incarnation, worker, epoch },
        inboxSeq,
        consumed,
      }));
    },

    async load(lease) {
      opened("load");
      const record = current(lease);
      return record === undefined ? "fenced" : whole(record);
    },

    async inspect(run) {
      opened("inspect");
      const record = runs.get(run);
      return record === undefined ? null : whole(record);
    },

    async inbox(lease, after) {
      opened("inbox");
      const record = runs.get(lease.run);
      if (record?.head.incarnation !== lease.incarnation) return [];
      return record.inbox.filter((entry) => entry.seq > after);
    },

    async commit(group) {
      opened("commit");
      checkGroup(group);
      return group.map(apply);
    },

    async compact(lease, position, base) {
      opened("compact");
      checkCount("compact", "position", position);
      const record = current(lease);
      if (record === undefined) return "fenced";
      checkCompaction(position, record.head.position);
      if (position <= record.segments[0]!.seq) return "ok";
      const later = record.segments.filter(({ seq }) => seq > position);
      record.segments = [{ seq: position, segment: saved({ kind: "base", text: base.text }) }, ...later];
      return "ok";
    },

    async acknowledge(run, incarnation, seqs) {
      opened("acknowledge");
      const record = runs.get(run);
      if (record?.head.incarnation !== incarnation) return;
      record.outbox = record.outbox.filter(({ entry }) => !seqs.includes(entry.seq));
    },

    async pendingOutbox(limit) {
      opened("pendingOutbox");
      checkCount("pendingOutbox", "limit", limit);
      const all: { order: number; run: string; incarnation: string; entry: Outgoing }[] = [];
      for (const { head, outbox } of runs.values()) {
        for (const { order, entry } of outbox) all.push({ order, run: head.run, incarnation: head.incarnation, entry });
      }
      all.sort((a, b) => a.order - b.order);
      return all.slice(0, limit).map(({ run, incarnation, entry }) => ({ run, incarnation, entry: copied(entry) }));
    },

    async deliver(run, incarnation, message) {
      opened("deliver");
      checkMessage("deliver", message);
      const record = runs.get(run);
      if (record === undefined || (incarnation !== null && record.head.incarnation !== incarnation))
        return { type: "gone" };
      const won = record.keys.get(message.key);
      if (won !== undefined) return { type: "duplicate", body: won };
      const { head } = record;
      if (ENDED.has(head.status)) return { type: "gone" };
      const seq = head.inboxSeq + 1;
      record.keys.set(message.key, message.body);
      record.inbox.push(Object.freeze({ seq, key: message.key, body: message.body }));
      const revived = head.status === "stuck" ? { status: livelyStatus(head.result), reason: null } : {};
      update(record, { inboxSeq: seq, ...revived });
      return { type: "accepted" };
    },

    async revive(run, now) {
      opened("revive");
      checkTime("revive", "now", now);
      const record = runs.get(run);
      if (record === undefined || !DORMANT.has(record.head.status)) return false;
      update(record, {
        status: livelyStatus(record.head.result),
        reason: null,
        wakeAt: now,
        strikes: 0,
        updatedAt: now,
      });
      return true;
    },

    async end(ending) {
      opened("end");
      checkEnding(ending);
      const { commitId, status, outbox, now: updatedAt } = ending;
      const record = runs.get(ending.run);
      if (record === undefined || record.head.incarnation !== ending.incarnation) return "gone";
      const { head } = record;
      if (record.lastCommit === commitId) return "ended";
      if (ENDED.has(head.status)) return "gone";
      if (head.position !== ending.position || sendsAgain(record, outbox)) return "moved";
      record.segments = [];
      for (const entry of outbox) record.outbox.push({ order: ++outboxOrder, entry: copied(entry) });
      record.lastCommit = commitId;
      const result = head.result ?? ending.result;
      const over = { reason: null, wakeAt: null, owner: null, suspect: false, strikes: 0 };
      update(record, { ...over, status, result, updatedAt });
      return "ended";
    },

    async read(run) {
      opened("read");
      return runs.get(run)?.head ?? null;
    },

    async list({ status, fn, after, limit = 100 }) {
      opened("list");
      checkCount("list", "limit", limit);
      const isListed = (head: RunHead): boolean =>
        (after === undefined || compareIds(head.run, after) > 0) &&
        (status === undefined || head.status === status) &&
        (fn === undefined || head.fn === fn);
      return inOrder(isListed).slice(0, limit);
    },

    async census(now, codes) {
      opened("census");
      checkTime("census", "now", now);
      const statuses: { [status in StoredStatus]?: number } = {};
      const due: number[] = [];
      let unlinked = 0;
      for (const record of runs.values()) {
        const { status, owner } = record.head;
        statuses[status] = (statuses[status] ?? 0) + 1;
        const at = owner === null ? dueAt(record.head) : null;
        if (at === null || at > now) continue;
        if (linked(record.head, codes)) due.push(at);
        else unlinked++;
      }
      const known = due.filter((at) => at > 0);
      return { statuses, due: due.length, dueSince: known.length === 0 ? null : Math.min(...known), unlinked };
    },

    async nextWake(codes) {
      opened("nextWake");
      let earliest: number | null = null;
      for (const record of runs.values()) {
        const due = record.head.owner === null && linked(record.head, codes) ? dueAt(record.head) : null;
        if (due !== null && (earliest === null || due < earliest)) earliest = due;
      }
      return earliest;
    },

    async unlinked(codes) {
      opened("unlinked");
      const bySet = new Map<string, RunHead>();
      for (const { head } of runs.values())
        if (head.owner === null && !linked(head, codes) && dueAt(head) !== null) {
          const set = head.codes.join("\n");
          const other = bySet.get(set);
          if (other === undefined || dueAt(head)! < dueAt(other)!) bySet.set(set, head);
        }
      return [...bySet.values()];
    },

    async sweep(before, limit) {
      opened("sweep");
      checkTime("sweep", "before", before);
      checkCount("sweep", "limit", limit);
      const old = [...runs.values()].filter(
        ({ head, outbox }) => ENDED.has(head.status) && head.updatedAt < before && outbox.length === 0,
      );
      const swept = old.slice(0, limit);
      for (const { head } of swept) runs.delete(head.run);
      const owners = new Set([...runs.values()].map(({ head }) => head.owner));
      for (const [id, worker] of workers) if (worker.until < before && !owners.has(id)) workers.delete(id);
      return swept.length;
    },

    async close() {
      closed = true;
    },
  };
  return store;
}
