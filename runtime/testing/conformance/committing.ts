import { equal, ok, rejects } from "./expect.ts";
import { base, delta, END, LATER, NOW, OTHER_CODE, PARK, type StoreCase } from "./world.ts";

export const committing: readonly StoreCase[] = [
  {
    name: "a commit appends its segment and moves the position",
    async run({ driven, commit, texts, head }) {
      const { lease } = await driven("a");
      equal(await commit(lease, 0), { type: "ok", position: 1, inboxSeq: 0 }, "the first");
      equal(await commit(lease, 1), { type: "ok", position: 2, inboxSeq: 0 }, "the second");
      equal(await texts(lease), ["0", "1", "2"], "the segments");
      equal((await head("a")).position, 2, "the head's position");
    },
  },
  {
    name: "a commit writes the head",
    async run({ driven, commit, head }) {
      const { lease } = await driven("a");
      const change = { status: "finishing", result: "{}", codes: [OTHER_CODE], wakeAt: LATER, now: NOW + 7 } as const;
      await commit(lease, 0, change);
      const { status, result, codes, wakeAt, updatedAt, createdAt, owner, epoch } = await head("a");
      equal(
        { status, result, codes, wakeAt, updatedAt, createdAt, owner, epoch },
        { ...change, now: undefined, updatedAt: NOW + 7, createdAt: NOW, owner: lease.worker, epoch: lease.epoch },
        "the head",
      );
    },
  },
  {
    name: "a base in a commit replaces all segments before it",
    async run({ driven, commit, texts }) {
      const { lease } = await driven("a");
      await commit(lease, 0);
      await commit(lease, 1, { segment: base("whole") });
      equal(await texts(lease), ["whole"], "only the base");
      await commit(lease, 2);
      equal(await texts(lease), ["whole", "3"], "and what follows");
    },
  },
  {
    name: "a commit without a segment leaves the position",
    async run({ driven, commit, texts, head }) {
      const { lease } = await driven("a");
      equal(
        await commit(lease, 0, { segment: null, status: "running" }),
        { type: "ok", position: 0, inboxSeq: 0 },
        "ok",
      );
      equal((await head("a")).status, "running", "the head changed");
      equal(await texts(lease), ["0"], "the segments did not");
      equal((await commit(lease, 0)).type, "ok", "the next commit goes on from there");
    },
  },
  {
    name: "a result is set once and never changes",
    async run({ driven, commit, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { result: "first", status: "finishing" });
      await commit(lease, 1, { result: null, status: "finishing" });
      equal((await head("a")).result, "first", "null leaves it");
      await commit(lease, 2, { ...END, result: "second" });
      equal((await head("a")).result, "first", "another does not replace it");
    },
  },
  {
    name: "parking with a message that the turn did not consume leaves the run due: no lost wake-up",
    async run({ store, driven, commit, worker, take, claim }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "k", body: "1" });
      const outcome = await commit(lease, 0, PARK);
      equal(outcome, { type: "ok", position: 1, inboxSeq: 1 }, "the committer is told how far the inbox is");
      await worker("w");
      const again = await take("w", "a");
      await commit(again.lease, 1, { ...PARK, consumed: 1 });
      equal(await claim("w"), [], "once consumed, it sleeps");
    },
  },
  {
    name: "whatever the order of a delivery and a parking commit, the run ends up due",
    async run({ store, create, commit, worker, claim }) {
      for (let n = 0; n < 20; n++) await create(`a${n}`);
      await worker("first");
      for (const [n, { lease }] of (await claim("first")).entries()) {
        const parking = () => commit(lease, 0, PARK);
        const delivery = () => store.deliver(lease.run, null, { key: "k", body: "1" });
        await Promise.all(n % 2 === 0 ? [parking(), delivery()] : [delivery(), parking()]);
      }
      await worker("w");
      equal((await claim("w")).length, 20, "none sleeps with mail");
    },
  },
  {
    name: "a stuck run with unread mail is waiting and due instead; a message wakes one that is stuck",
    async run({ store, driven, commit, worker, take, head }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "k", body: "1" });
      await commit(lease, 0, { status: "stuck", reason: "{}" });
      equal([(await head("a")).status, (await head("a")).reason], ["waiting", null], "not stuck");
      const again = await take(await worker("w"), "a");
      await commit(again.lease, 1, { status: "stuck", reason: "{}", consumed: 1 });
      equal([(await head("a")).status, (await head("a")).reason], ["stuck", "{}"], "stuck");
      await store.deliver("a", null, { key: "cancel", body: "1" });
      equal([(await head("a")).status, (await head("a")).reason], ["waiting", null], "woken");
      await take("w", "a");
    },
  },
  {
    name: "an ended run keeps its tombstone and loses its segments",
    async run({ store, driven, commit, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...END, segment: delta("last"), wakeAt: LATER, release: false });
      const { status, owner, wakeAt, result, position } = await head("a");
      equal(
        { status, owner, wakeAt, result, position },
        { status: "done", owner: null, wakeAt: null, result: END.result, position: 1 },
        "the head",
      );
      equal((await store.inspect("a"))!.segments, [], "no segments");
      equal(await store.load(lease), "fenced", "the lease has ended with the run");
      equal((await commit(lease, 1)).type, "fenced", "nothing follows the end");
    },
  },
  {
    name: "a group's outcomes are in the order given, and one refusal touches no other run",
    async run({ store, driven, commitOf, commit, texts }) {
      const leases = [];
      for (const run of ["c", "a", "b"]) leases.push((await driven(run)).lease);
      await commit(leases[1]!, 0);
      const group = leases.map((lease) => commitOf(lease, 0));
      const outcomes = await store.commit(group);
      equal(
        outcomes.map(({ type }) => type),
        ["ok", "fenced", "ok"],
        "the one in the middle has another position",
      );
      equal(await texts(leases[0]!), ["0", "1"], "the first");
      equal(await texts(leases[2]!), ["0", "1"], "the last");
    },
  },
  {
    name: "an empty group has no outcomes",
    async run({ store }) {
      equal(await store.commit([]), [], "nothing");
    },
  },
  {
    name: "a group with two commits of one run is refused whole",
    async run({ store, driven, commitOf, head }) {
      const { lease } = await driven("a");
      await rejects(store.commit([commitOf(lease, 0), commitOf(lease, 1)]), "refused", "twice the same run");
      equal((await head("a")).position, 0, "nothing was written");
    },
  },
  {
    name: "concurrent groups that touch the same runs in opposite orders all finish",
    async run({ store, driven, commitOf, head }) {
      const leases = [];
      for (let n = 0; n < 8; n++) leases.push((await driven(`a${n}`)).lease);
      for (let round = 0; round < 10; round++) {
        const forth = leases.map((lease) => commitOf(lease, round));
        const back = [...leases].reverse().map((lease) => commitOf(lease, round));
        const [one, other] = await Promise.all([store.commit(forth), store.commit(back)]);
        const winners = [...one, ...other].filter(({ type }) => type === "ok").length;
        equal(winners, leases.length, `round ${round}: each run moves once`);
      }
      for (let n = 0; n < 8; n++) equal((await head(`a${n}`)).position, 10, `position of a${n}`);
    },
  },
  {
    name: "commits of many runs made at once are all applied",
    async run({ driven, commit, head }) {
      const leases = [];
      for (let n = 0; n < 40; n++) leases.push((await driven(`a${n}`)).lease);
      const outcomes = await Promise.all(leases.map((lease) => commit(lease, 0)));
      ok(
        outcomes.every(({ type }) => type === "ok"),
        "every one is ok",
      );
      for (let n = 0; n < 40; n++) equal((await head(`a${n}`)).position, 1, `position of a${n}`);
    },
  },
  {
    name: "revive makes a dormant run due, without strikes and reason, and only a dormant one",
    async run({ store, driven, commit, worker, take, head, claim }) {
      const { lease } = await driven("a");
      equal(await store.revive("a", NOW), false, "it is not dormant");
      await store.deliver("a", null, { key: "k", body: "1" });
      await commit(lease, 0, { segment: null, status: "blocked", reason: "{}" });
      equal((await head("a")).status, "blocked", "a blocked run stays so with mail");
      equal(await claim(await worker("w")), [], "and is not due");
      equal(await store.revive("a", NOW), true, "revived");
      equal(await store.revive("a", NOW), false, "the repetition");
      equal([(await head("a")).status, (await head("a")).reason], ["waiting", null], "the head");
      equal((await take("w", "a")).head.inboxSeq, 1, "its mail is still there");
      equal(await store.revive("nothing", NOW), false, "no such run");
    },
  },
  {
    name: "a revived run that has a result is finishing",
    async run({ store, driven, commit, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { status: "quarantined", result: "{}", reason: "{}" });
      await store.revive("a", NOW);
      equal((await head("a")).status, "finishing", "its status");
    },
  },
];
