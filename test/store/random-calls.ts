/** Random sequences of calls of a store, and what comes of them: for tests that compare two stores. */
import fc from "fast-check";
import type { Commit, Lease, Store, StoredStatus } from "perdure/internal/store/store";
import { memory } from "perdure/memory";
import { expect } from "vitest";
import { newRun } from "./fixtures.ts";

/** Calls name runs, workers and leases by small numbers, so that they meet. */
export type Call =
  | { type: "create"; run: number; incarnation: number; code: number }
  | { type: "renew" | "retire"; worker: number; until: number }
  | { type: "claim"; worker: number; suspects: number; codes: number }
  | { type: "commit"; commits: readonly Draft[] }
  | { type: "repeat"; nth: number }
  | { type: "compact"; lease: number; back: number }
  | { type: "deliver"; run: number; incarnation: number | null; key: number }
  | { type: "acknowledge"; run: number; incarnation: number; seq: number }
  | { type: "revive"; run: number }
  | { type: "end"; run: number; incarnation: number; off: number; send: boolean }
  | { type: "sweep"; age: number }
  | { type: "wait"; ms: number };

interface Draft {
  readonly lease: number;
  /** How far off the true position, and how much mail is left. */
  readonly off: number;
  readonly unread: number;
  readonly segment: "base" | "delta" | null;
  readonly status: StoredStatus;
  readonly release: boolean;
  readonly wake: number | null;
  readonly send: boolean;
}

const small = fc.nat({ max: 3 });
const mostly = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const draft: fc.Arbitrary<Draft> = fc.record({
  lease: fc.nat({ max: 9 }),
  off: mostly(0, fc.constantFrom(-1, 1)),
  unread: fc.nat({ max: 1 }),
  segment: fc.constantFrom("base", "delta", "delta", null),
  status: mostly<StoredStatus>(
    "waiting",
    fc.constantFrom("running", "finishing", "stuck", "blocked", "quarantined", "done", "failed", "cancelled"),
  ),
  release: fc.boolean(),
  wake: fc.option(fc.nat({ max: 50 })),
  send: mostly(false, fc.constant(true)),
});
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ type: fc.constant("create" as const), run: small, incarnation: small, code: fc.nat({ max: 1 }) }),
  fc.record({ type: fc.constant("renew" as const), worker: small, until: fc.nat({ max: 60 }) }),
  fc.record({
    type: mostly<"renew" | "retire">("renew", fc.constant("retire")),
    worker: small,
    until: fc.nat({ max: 60 }),
  }),
  fc.record({
    type: fc.constant("claim" as const),
    worker: small,
    suspects: mostly(9, fc.constant(0)),
    codes: fc.nat({ max: 3 }),
  }),
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("commit" as const), commits: fc.array(draft, { maxLength: 3 }) }),
  },
  fc.record({ type: fc.constant("repeat" as const), nth: fc.nat({ max: 9 }) }),
  fc.record({ type: fc.constant("compact" as const), lease: fc.nat({ max: 9 }), back: fc.nat({ max: 2 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("deliver" as const),
      run: small,
      incarnation: mostly<number | null>(null, small),
      key: small,
    }),
  },
  fc.record({ type: fc.constant("acknowledge" as const), run: small, incarnation: small, seq: fc.nat({ max: 6 }) }),
  fc.record({ type: fc.constant("revive" as const), run: small }),
  fc.record({
    type: fc.constant("end" as const),
    run: small,
    incarnation: mostly(0, small),
    off: mostly(0, fc.constantFrom(-1, 1)),
    send: fc.boolean(),
  }),
  fc.record({ type: fc.constant("sweep" as const), age: fc.nat({ max: 50 }) }),
  fc.record({ type: fc.constant("wait" as const), ms: fc.nat({ max: 40 }) }),
);

const CODES = [new Set<string>(), new Set(["code-0"]), new Set(["code-1"]), new Set(["code-0", "code-1"])];

/** So that most sequences have something to play with. */
const PROLOGUE: readonly Call[] = [0, 1, 2, 3].flatMap((n): Call[] => [
  { type: "create", run: n, incarnation: 0, code: n % 2 },
  { type: "renew", worker: n, until: 20 * n },
  { type: "claim", worker: n, suspects: 9, codes: 3 },
]);

/** Plays the calls on one store and notes every answer. */
async function play(store: Store, calls: readonly Call[]): Promise<unknown[]> {
  const log: unknown[] = [];
  const leases: Lease[] = [];
  const commits: Commit[] = [];
  let now = 100;
  let serial = 0;

  const commitOf = async (one: Draft): Promise<Commit | undefined> => {
    const lease = leases.at(-1 - one.lease);
    const head = lease && (await store.read(lease.run));
    if (!lease || !head) return undefined;
    const commit: Commit = {
      lease,
      commitId: `commit-${++serial}`,
      position: Math.max(0, head.position + one.off),
      segment: one.segment && { kind: one.segment, text: `${head.position + 1}` },
      status: one.status,
      reason: one.status === "blocked" ? "{}" : null,
      result: one.status === "finishing" ? `{"n":${serial}}` : null,
      codes: head.codes,
      consumed: Math.max(head.consumed, head.inboxSeq - one.unread),
      wakeAt: one.wake === null ? null : now + one.wake,
      outbox: one.send
        ? [{ type: "message", seq: serial, to: "x", incarnation: null, message: { key: "k", body: "1" } }]
        : [],
      release: one.release,
      now,
    };
    return commit;
  };

  const perform = async (one: Call): Promise<unknown> => {
    switch (one.type) {
      case "create": {
        const run = {
          ...newRun(`run-${one.run}`),
          incarnation: `i-${one.incarnation}`,
          codes: [`code-${one.code}`],
          now,
        };
        return store.create(run);
      }
      case "renew":
        return store.renew(`worker-${one.worker}`, now, now + one.until);
      case "retire":
        return store.retire(`worker-${one.worker}`);
      case "claim": {
        const request = {
          worker: `worker-${one.worker}`,
          limit: 9,
          suspects: one.suspects,
          codes: CODES[one.codes]!,
          now,
        };
        const claims = await store.claim(request);
        const sorted = [...claims].sort((a, b) => (a.lease.run < b.lease.run ? -1 : 1));
        leases.push(...sorted.map(({ lease }) => lease));
        return sorted.map(({ head, takenOver }) => [head, takenOver]);
      }
      case "commit": {
        const group: Commit[] = [];
        for (const entry of one.commits) {
          const commit = await commitOf(entry);
          if (commit && !group.some(({ lease }) => lease.run === commit.lease.run)) group.push(commit);
        }
        commits.push(...group);
        return await store.commit(group);
      }
      case "repeat": {
        const commit = commits.at(-1 - one.nth);
        return commit && (await store.commit([commit]));
      }
      case "compact": {
        const lease = leases.at(-1 - one.lease);
        const head = lease && (await store.read(lease.run));
        if (!lease || !head) return undefined;
        return store.compact(lease, Math.max(0, head.position - one.back), {
          kind: "base",
          text: `compacted ${++serial}`,
        });
      }
      case "deliver": {
        const incarnation = one.incarnation === null ? null : `i-${one.incarnation}`;
        return store.deliver(`run-${one.run}`, incarnation, { key: `key-${one.key}`, body: `${++serial}` });
      }
      case "acknowledge":
        return store.acknowledge(`run-${one.run}`, `i-${one.incarnation}`, [one.seq]);
      case "revive":
        return store.revive(`run-${one.run}`, now);
      case "end": {
        const head = await store.read(`run-${one.run}`);
        return store.end({
          run: `run-${one.run}`,
          incarnation: `i-${one.incarnation}`,
          commitId: `commit-${++serial}`,
          position: Math.max(0, (head?.position ?? 0) + one.off),
          status: "cancelled",
          result: `{"n":${serial}}`,
          outbox: one.send
            ? [{ type: "message", seq: serial, to: "x", incarnation: null, message: { key: "k", body: "1" } }]
            : [],
          now,
        });
      }
      case "sweep":
        return store.sweep(now - one.age, 2);
      case "wait":
        now += one.ms;
        return now;
    }
  };

  for (const one of [...PROLOGUE, ...calls]) {
    log.push([one, (await perform(one)) ?? null]);
    log.push(await store.list({}));
    log.push(await store.pendingOutbox(99));
    for (const codes of CODES) log.push(await store.nextWake(codes));
    for (let n = 0; n < 4; n++) {
      const whole = await store.inspect(`run-${n}`);
      log.push(whole && { ...whole, head: whole.head.run });
      log.push((await store.owned(`worker-${n}`)).map(({ lease, ...rest }) => [lease.run, rest]));
    }
    const lease = leases.at(-1);
    if (lease) log.push(await store.inbox(lease, 0), (await store.load(lease)) === "fenced");
  }
  // Which of several claims gets which epoch is not promised.
  return JSON.parse(JSON.stringify(log, (key, value: unknown) => (key === "epoch" ? 0 : value))) as unknown[];
}

/**
 * The stores were written apart. Any sequence of calls must give the same answers as on the memory store, and leave the same
 * state. `make` gives an empty store for each sequence.
 */
export async function agreesWithMemory(make: () => Store | Promise<Store>, sequences: number): Promise<void> {
  const seen = { ok: 0, fenced: 0, takenOver: 0, duplicate: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 30, maxLength: 60, size: "max" }), async (calls) => {
      const store = await make();
      try {
        const [expected, actual] = [await play(memory(), calls), await play(store, calls)];
        expect(actual).toEqual(expected);
        const text = JSON.stringify(expected);
        seen.ok += text.split('"type":"ok"').length - 1;
        seen.fenced += text.split('"type":"fenced"').length - 1;
        seen.takenOver += text.split('"suspect":true').length - 1;
        seen.duplicate += text.split('"type":"duplicate"').length - 1;
      } finally {
        await store.close();
      }
    }),
    { numRuns: sequences, seed: 20261120 },
  );
  // The sequences must reach what they are for.
  for (const [what, count] of Object.entries(seen)) expect([what, count > 20]).toEqual([what, true]);
}
