import type { Ending } from "../../store/store.ts";
import { equal, rejects } from "./expect.ts";
import { CODE, END, LATER, NOW, OTHER_CODE, PARK, type StoreCase, type World } from "./world.ts";

/** The end of a run from outside, as its head is now. */
async function endingOf({ head }: World, run: string, change: Partial<Ending> = {}): Promise<Ending> {
  const { incarnation, position } = await head(run);
  return {
    ...{ run, incarnation, position, commitId: `the end of ${run}`, now: NOW + 9, outbox: [] },
    ...{ status: "cancelled", result: '{"status":"cancelled"}' },
    ...change,
  };
}

const message = (key: string) => ({ key, body: "1" });
const entry = (seq: number, to = "b") =>
  ({ type: "message", seq, to, incarnation: null, message: message(`${seq}`) }) as const;

export const ending: readonly StoreCase[] = [
  {
    name: "a run that waits has ended, with its result and without its segments",
    async run(world) {
      const { store, driven, commit, head, claim, worker } = world;
      const { lease } = await driven("a");
      await commit(lease, 0, { ...PARK, wakeAt: LATER });
      equal(await store.end(await endingOf(world, "a")), "ended", "the answer");
      const { status, result, reason, position, wakeAt, owner, updatedAt, codes } = await head("a");
      equal(
        { status, result, reason, position, wakeAt, owner, updatedAt, codes },
        {
          ...{ status: "cancelled", result: '{"status":"cancelled"}', reason: null, position: 1, wakeAt: null },
          ...{ owner: null, updatedAt: NOW + 9, codes: [CODE] },
        },
        "the head",
      );
      equal((await store.inspect("a"))?.segments, [], "its segments");
      equal(await claim(await worker("w"), { now: LATER }), [], "it is not due");
      equal(await store.nextWake(new Set([CODE])), null, "nor will it be");
    },
  },
  {
    name: "whoever drives the run is fenced, and goes on with its others",
    async run(world) {
      const { store, create, worker, claim, commit, texts, head } = world;
      await create("a");
      await create("b");
      const claims = await claim(await worker("w"));
      const [a, b] = ["a", "b"].map((run) => claims.find(({ lease }) => lease.run === run)!.lease);
      await commit(a!, 0);
      equal(await store.end(await endingOf(world, "a")), "ended", "the answer");
      equal((await commit(a!, 1)).type, "fenced", "a turn");
      equal((await commit(a!, 1, { ...PARK, segment: null })).type, "fenced", "a release");
      equal(await store.load(a!), "fenced", "load");
      equal(await store.compact(a!, 1, { kind: "base", text: "all" }), "fenced", "compact");
      equal(
        (await store.owned("w")).map(({ lease }) => lease.run),
        ["b"],
        "what it owns",
      );
      equal((await commit(b!, 0)).type, "ok", "a turn of the other");
      equal(await texts(b!), ["0", "1"], "the other's segments");
      equal((await head("a")).status, "cancelled", "it stays ended");
    },
  },
  {
    name: "no commit that comes after it undoes it",
    async run(world) {
      const late = {
        turn: {},
        release: { ...PARK, segment: null },
        stop: { segment: null, status: "blocked", reason: "{}" },
        end: END,
      } as const;
      for (const [what, change] of Object.entries(late)) {
        const { lease } = await world.driven(what);
        await world.commit(lease, 0);
        equal(await world.store.end(await endingOf(world, what)), "ended", `the end before the ${what}`);
        equal((await world.commit(lease, 1, change)).type, "fenced", `the ${what}`);
        const { status, position, owner } = await world.head(what);
        equal([status, position, owner], ["cancelled", 1, null], `the head after the ${what}`);
      }
    },
  },
  {
    name: "a run that was never claimed",
    async run(world) {
      await world.create("a");
      equal(await world.store.end(await endingOf(world, "a")), "ended", "the answer");
      equal(await world.claim(await world.worker("w")), [], "it is not due");
    },
  },
  {
    name: "runs that are stuck, blocked or quarantined",
    async run(world) {
      for (const status of ["stuck", "blocked", "quarantined"] as const) {
        const { lease } = await world.driven(status);
        await world.commit(lease, 0, { segment: null, status, reason: "{}" });
        equal(await world.store.end(await endingOf(world, status)), "ended", status);
        const head = await world.head(status);
        equal([head.status, head.reason], ["cancelled", null], `the head of the ${status} one`);
        equal(await world.store.revive(status, NOW), false, `revive of the ${status} one`);
        equal(await world.store.list({ status }), [], `the list of the ${status} ones`);
      }
    },
  },
  {
    name: "a run whose code nobody links, with mail",
    async run(world) {
      const { store, create } = world;
      await create("a", { codes: [OTHER_CODE] });
      await store.deliver("a", null, message("k"));
      equal(await store.end(await endingOf(world, "a")), "ended", "the answer");
      equal(await store.nextWake(new Set([CODE, OTHER_CODE])), null, "nothing is due");
      equal((await store.unlinked?.(new Set([CODE]))) ?? [], [], "nothing is asked for");
      equal((await store.deliver("a", null, message("other"))).type, "gone", "a message");
      equal((await store.deliver("a", null, message("k"))).type, "duplicate", "one that it had");
    },
  },
  {
    name: "a suspect with strikes is like any run that has ended",
    async run(world) {
      const { store, driven, claim, worker, head } = world;
      await driven("a");
      await claim(await worker("second", LATER + 2), { now: LATER + 1 });
      await claim(await worker("third", LATER + 9), { now: LATER + 3 });
      const { suspect, strikes } = await head("a");
      equal([suspect, strikes], [true, 1], "before");
      equal(await store.end(await endingOf(world, "a")), "ended", "the answer");
      const after = await head("a");
      equal([after.suspect, after.strikes, after.owner], [false, 0, null], "after");
      equal(await store.owned("third"), [], "its last owner");
    },
  },
  {
    name: "a result that is there stays",
    async run(world) {
      const { lease } = await world.driven("a");
      await world.commit(lease, 0, { status: "finishing", result: "first" });
      equal(await world.store.end(await endingOf(world, "a", { status: "done", result: "second" })), "ended", "first");
      const { status, result } = await world.head("a");
      equal([status, result], ["done", "first"], "the head");
      await world.driven("b");
      equal(await world.store.end(await endingOf(world, "b", { result: null })), "ended", "without a result");
      equal((await world.head("b")).result, null, "there is none");
    },
  },
  {
    name: "what it sends is pending until it is acknowledged, and keeps the tombstone",
    async run(world) {
      const { store, driven, commit, head } = world;
      const { lease } = await driven("a");
      await commit(lease, 0, { outbox: [entry(1)] });
      await store.end(await endingOf(world, "a", { outbox: [entry(7, "parent"), entry(8, "child")] }));
      const pending = await store.pendingOutbox(10);
      equal(
        pending.map(({ run, entry: { seq } }) => [run, seq]),
        [
          ["a", 1],
          ["a", 7],
          ["a", 8],
        ],
        "what is pending",
      );
      equal(await store.sweep(NOW + 100, 10), 0, "it stays");
      await store.acknowledge("a", (await head("a")).incarnation, [1, 7, 8]);
      equal(await store.sweep(NOW + 100, 10), 1, "it goes");
      equal(await store.read("a"), null, "it is gone");
    },
  },
  {
    name: "of another position, or with a number that is pending, changes nothing",
    async run(world) {
      const { store, driven, commit, head, texts } = world;
      const { lease } = await driven("a");
      await commit(lease, 0, { outbox: [entry(1)] });
      const before = await head("a");
      equal(await store.end(await endingOf(world, "a", { position: 0 })), "moved", "behind");
      equal(await store.end(await endingOf(world, "a", { position: 2 })), "moved", "ahead");
      equal(await store.end(await endingOf(world, "a", { outbox: [entry(1)] })), "moved", "a number that is pending");
      equal(await head("a"), before, "the head");
      equal(await texts(lease), ["0", "1"], "the segments");
      equal((await store.pendingOutbox(10)).length, 1, "what is pending");
    },
  },
  {
    name: "of a run that is not there, is another, or has ended",
    async run(world) {
      const { store, create } = world;
      await create("a");
      const one = await endingOf(world, "a");
      equal(await store.end({ ...one, run: "nobody" }), "gone", "not there");
      equal(await store.end({ ...one, incarnation: "another" }), "gone", "another");
      equal((await world.head("a")).status, "running", "it is as it was");
      equal(await store.end(one), "ended", "it");
      equal(await store.end({ ...one, commitId: "a second end" }), "gone", "again, by somebody else");
    },
  },
  {
    name: "a repetition is recognized, in its own incarnation",
    async run(world) {
      const { store, create, head } = world;
      await create("a");
      const one = await endingOf(world, "a", { outbox: [entry(7)] });
      equal([await store.end(one), await store.end(one)], ["ended", "ended"], "twice");
      equal((await store.pendingOutbox(10)).length, 1, "it sends once");
      await store.acknowledge("a", one.incarnation, [7]);
      equal(await store.end(one), "ended", "after what it sent has arrived");
      equal(await store.pendingOutbox(10), [], "it sends no more");
      await store.sweep(NOW + 100, 10);
      await create("a");
      equal(await store.end(one), "gone", "of another run under the same id");
      equal((await head("a")).status, "running", "which goes on");
    },
  },
  {
    name: "the lease of a run that was ended is fenced in a later one of the same id",
    async run(world) {
      const { store, driven, create, commit, take, worker } = world;
      const { lease } = await driven("a");
      await store.end(await endingOf(world, "a"));
      await store.sweep(NOW + 100, 10);
      await create("a");
      equal((await commit(lease, 0)).type, "fenced", "before it is claimed");
      const young = await take(await worker("w"), "a");
      equal((await commit(lease, 0)).type, "fenced", "after that");
      equal((await commit(young.lease, 0)).type, "ok", "the new one's");
    },
  },
  {
    name: "of an end and a turn at once, one wins",
    async run(world) {
      const { store, driven, commit, head } = world;
      for (let n = 0; n < 10; n++) {
        const { lease } = await driven(`a${n}`);
        const one = await endingOf(world, `a${n}`);
        const [outcome, turn] = await Promise.all([store.end(one), commit(lease, 0)]);
        equal(turn.type, outcome === "ended" ? "fenced" : "ok", `run ${n}: the turn`);
        const { status, position } = await head(`a${n}`);
        equal([status, position], outcome === "ended" ? ["cancelled", 0] : ["waiting", 1], `run ${n}: the head`);
      }
    },
  },
  {
    name: "refuses what no end is",
    async run(world) {
      const { store, create } = world;
      await create("a");
      const one = await endingOf(world, "a");
      await rejects(store.end({ ...one, status: "waiting" as "done" }), "refused", "a status");
      await rejects(store.end({ ...one, position: -1 }), "refused", "a position");
      await rejects(store.end({ ...one, result: "\0" }), "refused", "a result");
      await rejects(store.end({ ...one, outbox: [entry(7), entry(7)] }), "refused", "a number twice");
      equal((await world.head("a")).status, "running", "it is as it was");
    },
  },
];
