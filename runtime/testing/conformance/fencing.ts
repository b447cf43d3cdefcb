import type { CommitOutcome, Lease, Store, StoreFailure } from "../../store/store.ts";
import { equal, ok } from "./expect.ts";
import { base, delta, END, NOW, PARK, type StoreCase, type World } from "./world.ts";

/** Runs `a`, driven by a worker that pauses, and then by one that takes over. */
async function zombie(world: World): Promise<{ old: Lease; lease: Lease }> {
  await world.create("a");
  await world.worker("paused", NOW + 10);
  const { lease: old } = await world.take("paused", "a");
  await world.worker("heir");
  const { lease } = await world.take("heir", "a", { now: NOW + 100 });
  return { old, lease };
}

/** Nothing that the old lease tries has any effect. */
async function powerless(
  { store, commitOf }: World,
  old: Lease,
  positions: readonly number[],
  what: string,
): Promise<void> {
  const before = await whole(store, old.run);
  for (const position of positions) {
    for (const change of [{}, { segment: base("zombie") }, { segment: null, ...PARK }, END]) {
      const [outcome] = await store.commit([commitOf(old, position, change)]);
      equal(outcome!.type, "fenced", `${what}: a zombie's commit at position ${position}`);
      equal((outcome as { epoch: number | null }).epoch, before?.head.epoch ?? null, "it is told the epoch of the run");
    }
    equal(
      await store.compact(old, position, base("zombie")),
      "fenced",
      `${what}: a zombie's compaction at ${position}`,
    );
  }
  equal(await store.load(old), "fenced", `${what}: a zombie's load`);
  equal(await whole(store, old.run), before, `${what}: what is saved`);
}
const whole = (store: Store, run: string) => store.inspect(run);

/** Where its answer was lost and the heir went on meanwhile, a store may not know what has become of a commit. */
const fateOf = (commit: Promise<CommitOutcome>): Promise<CommitOutcome["type"] | "unknown"> =>
  commit.then(
    ({ type }) => type,
    (error: Partial<StoreFailure>) => {
      if (error.outcome !== "unknown") throw error;
      return "unknown";
    },
  );

export const fencing: readonly StoreCase[] = [
  {
    name: "a worker whose lease ran out, but whose run nobody took, may still commit",
    async run({ create, worker, take, commit }) {
      await create("a");
      await worker("w", NOW + 10);
      const { lease } = await take("w", "a");
      equal((await commit(lease, 0, { now: NOW + 5_000 })).type, "ok", "clocks do not fence");
    },
  },
  {
    name: "after a takeover the old worker writes nothing",
    async run(world) {
      const { old, lease } = await zombie(world);
      await powerless(world, old, [0], "taken over");
      await world.commit(lease, 0);
      await powerless(world, old, [0, 1], "the heir has committed");
    },
  },
  {
    name: "compaction does not un-fence a zombie",
    async run(world) {
      const { old, lease } = await zombie(world);
      for (let position = 0; position < 6; position++) await world.commit(lease, position);
      equal(await world.store.compact(lease, 6, base("all six")), "ok", "the heir compacts");
      await powerless(world, old, [0, 1, 5, 6, 7], "segments that the zombie would follow are gone");
      equal(await world.texts(lease), ["all six"], "the run");
    },
  },
  {
    name: "a zombie stays fenced after the run has ended",
    async run(world) {
      const { old, lease } = await zombie(world);
      await world.commit(lease, 0, END);
      await powerless(world, old, [0, 1], "ended");
    },
  },
  {
    name: "a zombie stays fenced after the run is gone",
    async run(world) {
      const { old, lease } = await zombie(world);
      await world.commit(lease, 0, END);
      equal(await world.store.sweep(NOW + 1, 10), 1, "swept");
      await powerless(world, old, [0, 1], "gone");
      equal(await world.store.read("a"), null, "the zombie did not bring it back");
    },
  },
  {
    name: "a zombie of one incarnation has no power over the next of the same id",
    async run(world) {
      const { old, lease } = await zombie(world);
      await world.commit(lease, 0, END);
      await world.store.sweep(NOW + 1, 10);
      await world.create("a");
      await powerless(world, old, [0], "a new incarnation, not yet claimed");
      const { lease: young } = await world.take("heir", "a");
      ok(young.epoch > lease.epoch, `epochs grow across incarnations: ${young.epoch} after ${lease.epoch}`);
      await powerless(world, old, [0], "a new incarnation, claimed");
      await powerless(world, { ...old, incarnation: young.incarnation }, [0], "the old epoch in the new incarnation");
      equal((await world.commit(young, 0)).type, "ok", "its own worker goes on");
    },
  },
  {
    name: "messages, acknowledgements and reads for an old incarnation do not touch the next",
    async run({ store, driven, commit, create }) {
      const { lease } = await driven("a", { incarnation: "old" });
      const entry = { type: "message", seq: 7, to: "b", incarnation: null, message: { key: "k", body: "1" } } as const;
      await commit(lease, 0, END);
      await store.sweep(NOW + 1, 10);
      await create("a", { incarnation: "new" });
      equal(await store.deliver("a", "old", { key: "k", body: "1" }), { type: "gone" }, "a message for the old one");
      await store.deliver("a", "new", { key: "k", body: "2" });
      equal(await store.inbox(lease, 0), [], "the old lease reads no mail of the new");
      const { lease: young } = await driven("b");
      await commit(young, 0, { outbox: [entry] });
      await store.acknowledge("b", "old", [7]);
      equal((await store.pendingOutbox(10)).length, 1, "an acknowledgement for another incarnation");
    },
  },
  {
    name: "keys of messages start anew in a new incarnation",
    async run({ store, driven, commit, create }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "k", body: "old" });
      await commit(lease, 0, { ...END, consumed: 1 });
      await store.sweep(NOW + 1, 10);
      await create("a");
      equal(await store.deliver("a", null, { key: "k", body: "new" }), { type: "accepted" }, "the same key");
      equal((await store.inspect("a"))!.inbox, [{ seq: 1, key: "k", body: "new" }], "numbered from 1");
    },
  },
  {
    name: "a release ends the lease",
    async run(world) {
      const { lease } = await world.driven("a");
      await world.commit(lease, 0, PARK);
      await powerless(world, lease, [0, 1], "released");
    },
  },
  {
    name: "a lease with another worker, epoch or incarnation is none",
    async run(world) {
      const { lease } = await world.driven("a");
      await powerless(world, { ...lease, worker: "thief" }, [0], "a forged worker");
      await powerless(world, { ...lease, epoch: lease.epoch + 1 }, [0], "a guessed epoch");
      await powerless(world, { ...lease, incarnation: "another" }, [0], "another incarnation");
      equal((await world.commit(lease, 0)).type, "ok", "the true lease");
    },
  },
  {
    name: "a commit that does not follow from the saved run is fenced and writes nothing",
    async run({ store, driven, commit, commitOf }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "k", body: "1" });
      await store.deliver("a", null, { key: "l", body: "2" });
      const entry = { type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "1" } } as const;
      await commit(lease, 0, { consumed: 1, outbox: [entry] });
      const before = await store.inspect("a");
      const wrong = {
        "an older position": commitOf(lease, 0, { consumed: 1 }),
        "a position ahead": commitOf(lease, 2, { consumed: 1 }),
        "consumed going back": commitOf(lease, 1, { consumed: 0 }),
        "consumed ahead of the inbox": commitOf(lease, 1, { consumed: 3 }),
        "an outgoing number that is pending": commitOf(lease, 1, { consumed: 1, outbox: [entry] }),
      };
      for (const [what, one] of Object.entries(wrong)) equal((await store.commit([one]))[0]!.type, "fenced", what);
      equal(await store.inspect("a"), before, "nothing changed");
      equal((await commit(lease, 1, { consumed: 2, segment: delta("2") })).type, "ok", "one that follows");
    },
  },
  {
    name: "of two workers that race with one takeover, only the later epoch commits",
    async run(world) {
      for (let n = 0; n < 10; n++) {
        await world.create(`r${n}`);
        await world.worker(`p${n}`, NOW + 10);
        const { lease: old } = await world.take(`p${n}`, `r${n}`);
        await world.worker(`h${n}`);
        let [late, claims] = await Promise.all([
          fateOf(world.commit(old, 0)),
          world.claim(`h${n}`, { now: NOW + 100 }),
        ]);
        const found = () => claims.find(({ lease }) => lease.run === `r${n}`);
        // A store may pass over a run at which another call is just then.
        for (let i = 0; found() === undefined && i < 100; i++) claims = await world.claim(`h${n}`, { now: NOW + 100 });
        const heir = found()!;
        if (late !== "unknown")
          equal(heir.head.position, late === "ok" ? 1 : 0, "the claim saw the commit, or the commit was fenced");
        equal((await world.commit(old, heir.head.position)).type, "fenced", "after the claim");
        equal((await world.commit(heir.lease, heir.head.position)).type, "ok", "the heir");
      }
    },
  },
];
