import { equal, ok } from "./expect.ts";
import { CODE, END, LATER, NOW, OTHER_CODE, PARK, type StoreCase, type World } from "./world.ts";

const names = (claims: readonly { lease: { run: string } }[]): string[] => claims.map(({ lease }) => lease.run).sort();

/** Runs `a1` … that were resident in `dead`, whose lease has run out at `LATER + 1`. */
async function orphans(world: World, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await world.create(`a${n}`);
  await world.worker("dead", NOW + 10);
  equal((await world.claim("dead")).length, count, "the worker that is to die claims them");
}
const AFTER = NOW + 100;

export const claiming: readonly StoreCase[] = [
  {
    name: "a claim takes no more than its limit, the longest due first",
    async run({ create, worker, claim }) {
      for (const n of [3, 1, 4, 2, 5]) await create(`run-${n}`, { now: NOW - 100 + n });
      await worker("w");
      equal(names(await claim("w", { limit: 2 })), ["run-1", "run-2"], "the first claim");
      equal(names(await claim("w", { limit: 2 })), ["run-3", "run-4"], "the second claim");
      equal(names(await claim("w", { limit: 0 })), [], "a claim of none");
    },
  },
  {
    name: "a parked run is due at its wakeAt and not before",
    async run({ driven, commit, worker, claim, take }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...PARK, wakeAt: NOW + 500 });
      await worker("w");
      equal(await claim("w", { now: NOW + 499 }), [], "a millisecond before");
      const { head } = await take("w", "a", { now: NOW + 500 });
      equal([head.wakeAt, head.suspect], [NOW + 500, false], "at its time");
    },
  },
  {
    name: "a parked run without a wakeAt is due when a message comes, whatever the time",
    async run({ store, driven, commit, worker, claim, take }) {
      const { lease } = await driven("a");
      await commit(lease, 0, PARK);
      await worker("w");
      equal(await claim("w"), [], "no message, no claim");
      await store.deliver("a", null, { key: "k", body: "1" });
      const { head } = await take("w", "a", { now: 0 });
      equal([head.inboxSeq, head.consumed], [1, 0], "its mail");
    },
  },
  {
    name: "a message makes a run due before its wakeAt",
    async run({ store, driven, commit, worker, take }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...PARK, wakeAt: LATER });
      await store.deliver("a", null, { key: "k", body: "1" });
      await take(await worker("w"), "a");
    },
  },
  {
    name: "an owned run is not claimed while its owner's lease runs, whatever is in its inbox",
    async run({ store, driven, worker, claim }) {
      await driven("a");
      await store.deliver("a", null, { key: "k", body: "1" });
      await worker("w");
      equal(await claim("w", { now: LATER }), [], "until the last instant of the lease");
      equal(await claim("w", { now: NOW }), [], "and before");
    },
  },
  {
    name: "a worker does not claim again what it owns",
    async run({ create, worker, claim }) {
      await create("a");
      await worker("w");
      equal(names(await claim("w")), ["a"], "the first claim");
      equal(await claim("w"), [], "the second");
    },
  },
  {
    name: "only runs all of whose codes are linked are claimed",
    async run({ create, worker, claim }) {
      await create("old", { codes: [OTHER_CODE] });
      await create("both", { codes: [CODE, OTHER_CODE] });
      await create("none", { codes: [] });
      await worker("w");
      equal(names(await claim("w")), ["none"], "a worker with one code");
      equal(names(await claim("w", { codes: new Set([OTHER_CODE]) })), ["old"], "a worker with the other");
      equal(names(await claim("w", { codes: new Set([CODE, OTHER_CODE]) })), ["both"], "a worker with both");
    },
  },
  {
    name: "due runs whose code nobody links do not starve the others",
    async run({ create, worker, claim }) {
      for (let n = 0; n < 50; n++) await create(`old-${n}`, { codes: [OTHER_CODE], now: NOW - 1_000 });
      await create("new");
      await worker("w");
      equal(names(await claim("w", { limit: 5 })), ["new"], "fifty older runs of a code that is not here");
    },
  },
  {
    name: "the codes that a commit wrote are the ones that count",
    async run({ driven, commit, worker, claim, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...PARK, wakeAt: NOW, codes: [OTHER_CODE] });
      equal((await head("a")).codes, [OTHER_CODE], "the head's codes");
      await worker("w");
      equal(await claim("w"), [], "the old code is of no use");
      equal(names(await claim("w", { codes: new Set([OTHER_CODE]) })), ["a"], "the new one is");
    },
  },
  {
    name: "each claim has a greater epoch",
    async run({ driven, commit, worker, take }) {
      const first = await driven("a");
      await commit(first.lease, 0, { ...PARK, wakeAt: NOW });
      const second = await take(await worker("w"), "a");
      ok(second.lease.epoch > first.lease.epoch, `${second.lease.epoch} after ${first.lease.epoch}`);
    },
  },
  {
    name: "a worker that never registered claims nothing",
    async run({ create, claim }) {
      await create("a");
      equal(await claim("nobody"), [], "nobody could tell when it died");
    },
  },
  {
    name: "a worker whose own lease has run out claims nothing until it renews",
    async run({ store, create, worker, claim }) {
      await create("a");
      await worker("w", NOW + 10);
      equal(await claim("w", { now: AFTER }), [], "its lease has run out");
      equal(await store.renew("w", AFTER, LATER), true, "it renews, since nobody took anything");
      equal(names(await claim("w", { now: AFTER })), ["a"], "and claims");
    },
  },
  {
    name: "runs of a worker whose lease ran out are taken over as suspects",
    async run(world) {
      await orphans(world, 1);
      await world.worker("w");
      equal(await world.claim("w", { now: NOW + 10 }), [], "not at the last instant of the lease");
      const { takenOver, head } = await world.take("w", "a1", { now: NOW + 11 });
      equal([takenOver, head.suspect, head.strikes, head.owner], [true, true, 0, "w"], "a takeover");
    },
  },
  {
    name: "takeovers obey the suspects limit, and leave room for other runs",
    async run(world) {
      await orphans(world, 5);
      await world.create("innocent");
      await world.worker("w");
      const none = await world.claim("w", { now: AFTER, suspects: 0, limit: 1 });
      equal(names(none), ["innocent"], "no suspects wanted");
      await world.create("innocent 2");
      const claims = await world.claim("w", { now: AFTER, suspects: 1, limit: 5 });
      equal(claims.filter(({ takenOver }) => takenOver).length, 1, "one suspect");
      equal(claims.length, 2, "and the other run that is due");
    },
  },
  {
    name: "suspects are not starved by other runs",
    async run(world) {
      await orphans(world, 1);
      for (let n = 0; n < 10; n++) await world.create(`b${n}`, { now: 0 });
      await world.worker("w");
      const claims = await world.claim("w", { now: AFTER, suspects: 1, limit: 2 });
      ok(names(claims).includes("a1"), `a suspect is among ${names(claims)}`);
    },
  },
  {
    name: "takeovers need the codes too",
    async run({ create, worker, claim }) {
      await create("a", { codes: [OTHER_CODE] });
      await worker("dead", NOW + 10);
      await claim("dead", { codes: new Set([OTHER_CODE]) });
      await worker("w");
      equal(await claim("w", { now: AFTER }), [], "not linked here");
    },
  },
  {
    name: "a suspect that loses its worker again gets a strike; other runs do not",
    async run(world) {
      await orphans(world, 2);
      await world.worker("u", AFTER + 10);
      await world.claim("u", { now: AFTER, suspects: 1 });
      const isolated = (await world.store.owned("u"))[0]!.lease.run;
      await world.worker("v", AFTER + 110);
      const again = await world.claim("v", { now: AFTER + 100 });
      for (const { lease, head, takenOver } of again) {
        equal([takenOver, head.suspect], [true, true], `${lease.run} is taken over`);
        equal(head.strikes, lease.run === isolated ? 1 : 0, `strikes of ${lease.run}`);
      }
      equal(again.length, 2, "both are taken over");
      await world.worker("w", LATER);
      const third = await world.take("w", isolated, { now: AFTER + 200 });
      equal(third.head.strikes, 2, "and once more");
    },
  },
  {
    name: "a commit with a segment clears suspicion and strikes",
    async run(world) {
      await orphans(world, 1);
      await world.worker("u", AFTER + 10);
      await world.claim("u", { now: AFTER });
      await world.worker("w");
      const { lease, head } = await world.take("w", "a1", { now: AFTER + 100 });
      equal([head.suspect, head.strikes], [true, 1], "before");
      await world.commit(lease, 0);
      const after = await world.head("a1");
      equal([after.suspect, after.strikes], [false, 0], "after");
    },
  },
  {
    name: "a commit that only parks a suspect clears nothing",
    async run(world) {
      await orphans(world, 1);
      await world.worker("u", AFTER + 10);
      await world.claim("u", { now: AFTER });
      await world.worker("w");
      const { lease } = await world.take("w", "a1", { now: AFTER + 100 });
      await world.commit(lease, 0, { ...PARK, segment: null, wakeAt: AFTER + 200 });
      const parked = await world.head("a1");
      equal([parked.suspect, parked.strikes], [true, 1], "parked");
      equal(await world.claim("w", { now: AFTER + 200, suspects: 0 }), [], "it is claimed as a suspect only");
      const again = await world.take("w", "a1", { now: AFTER + 200, suspects: 1 });
      equal([again.takenOver, again.head.strikes], [false, 1], "a claim alone is no strike");
    },
  },
  {
    name: "retire frees a worker's runs at once, not as suspects, and fences its leases",
    async run({ store, driven, commit, worker, take, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { wakeAt: LATER });
      await store.retire(lease.worker);
      equal([(await head("a")).owner, (await head("a")).suspect], [null, false], "freed");
      equal((await commit(lease, 1)).type, "fenced", "a late commit of the retired worker");
      const { takenOver, head: claimed } = await take(await worker("w"), "a", { suspects: 0 });
      equal([takenOver, claimed.position], [false, 1], "claimed before its wakeAt");
      await store.retire(lease.worker);
      equal((await head("a")).owner, "w", "a repeated retire touches nothing");
    },
  },
  {
    name: "a retired worker cannot renew",
    async run({ store, worker, claim, create }) {
      await worker("w");
      await store.retire("w");
      equal(await store.renew("w", NOW, LATER), false, "renew after retire");
      await create("a");
      equal(await claim("w"), [], "nor claim");
    },
  },
  {
    name: "renew extends a lease and never shortens it",
    async run({ store, create, worker, claim }) {
      await create("a");
      await worker("w", NOW + 10);
      await claim("w");
      equal(await store.renew("w", NOW, NOW + 1_000), true, "extended");
      equal(await store.renew("w", NOW, NOW + 5), true, "an older renewal that comes late");
      await worker("v");
      equal(await claim("v", { now: NOW + 1_000 }), [], "the longer lease holds");
      equal(names(await claim("v", { now: NOW + 1_001 })), ["a"], "until it runs out");
    },
  },
  {
    name: "a worker from which a run was taken over learns it from renew",
    async run(world) {
      await orphans(world, 2);
      await world.worker("w");
      equal(await world.store.renew("dead", AFTER, AFTER + 1), true, "late, but nobody was quicker");
      await world.claim("w", { now: AFTER + 50, suspects: 1 });
      equal(await world.store.renew("dead", AFTER + 60, LATER), false, "one of its runs is another's now");
      equal((await world.claim("w", { now: AFTER + 60 })).length, 1, "so its other run may go too");
      equal(await world.claim("dead", { now: AFTER + 60 }), [], "and it claims nothing");
    },
  },
  {
    name: "owned tells what a worker holds, with mail",
    async run({ store, create, worker, claim, commit }) {
      await create("a");
      await create("b");
      await worker("w");
      const claims = await claim("w");
      const lease = claims.find((one) => one.lease.run === "b")!.lease;
      await store.deliver("a", null, { key: "k", body: "1" });
      const owned = [...(await store.owned("w"))].sort((x, y) => (x.lease.run < y.lease.run ? -1 : 1));
      equal(
        owned.map((one) => [one.lease.run, one.inboxSeq, one.consumed]),
        [
          ["a", 1, 0],
          ["b", 0, 0],
        ],
        "owned",
      );
      equal(owned[1]!.lease, lease, "with the lease that was given");
      await commit(lease, 0, PARK);
      equal(names(await store.owned("w")), ["a"], "after a release");
      equal(await store.owned("nobody"), [], "an unknown worker owns nothing");
    },
  },
  {
    name: "ended and dormant runs are never claimed",
    async run({ store, create, worker, claim, commit }) {
      const statuses = ["done", "failed", "cancelled", "stuck", "blocked", "quarantined"] as const;
      for (const status of statuses) await create(status);
      await worker("w");
      for (const { lease } of await claim("w")) {
        const status = lease.run as (typeof statuses)[number];
        // Neither `wakeAt` nor a missing `release` keeps such a run alive.
        await commit(lease, 0, { ...END, status, wakeAt: NOW, release: false, reason: '{"code":"PD2001"}' });
      }
      await store.deliver("blocked", null, { key: "k", body: "1" });
      await worker("v", LATER + 100);
      equal(await claim("v"), [], "due in name only");
      equal(await claim("v", { now: LATER + 1 }), [], "nor taken over from a worker that died");
      equal(await store.owned("w"), [], "they were released");
    },
  },
];
