import type { Outgoing } from "../../store/store.ts";
import { equal, ok } from "./expect.ts";
import { base, CODE, END, NOW, PARK, type StoreCase } from "./world.ts";

const outgoing = (seq: number, to = "b"): Outgoing => ({
  type: "message",
  seq,
  to,
  incarnation: null,
  message: { key: `k${seq}`, body: '{"n":1}' },
});

export const mailing: readonly StoreCase[] = [
  {
    name: "messages are numbered from 1 in the order of their delivery",
    async run({ store, driven, head }) {
      const { lease } = await driven("a");
      for (const key of ["x", "y", "z"])
        equal(await store.deliver("a", null, { key, body: key }), { type: "accepted" }, key);
      equal((await head("a")).inboxSeq, 3, "the head counts them");
      equal(
        (await store.inbox(lease, 1)).map(({ seq, key, body }) => [seq, key, body]),
        [
          [2, "y", "y"],
          [3, "z", "z"],
        ],
        "after 1",
      );
      const loaded = await store.load(lease);
      ok(loaded !== "fenced", "it loads");
      equal(
        loaded.inbox.map(({ seq }) => seq),
        [1, 2, 3],
        "load has them all",
      );
    },
  },
  {
    name: "the second delivery of a key is a duplicate with the body that won",
    async run({ store, create, head }) {
      await create("a");
      await store.deliver("a", null, { key: "token", body: "first" });
      equal(
        await store.deliver("a", null, { key: "token", body: "second" }),
        { type: "duplicate", body: "first" },
        "again",
      );
      equal((await head("a")).inboxSeq, 1, "nothing was added");
    },
  },
  {
    name: "a key is remembered after its message was consumed, and after the run ended",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "token", body: "first" });
      await commit(lease, 0, { consumed: 1 });
      equal(await store.inbox(lease, 0), [], "consumed");
      equal(
        await store.deliver("a", null, { key: "token", body: "2" }),
        { type: "duplicate", body: "first" },
        "consumed",
      );
      await commit(lease, 1, { ...END, consumed: 1 });
      equal(await store.deliver("a", null, { key: "token", body: "3" }), { type: "duplicate", body: "first" }, "ended");
      equal(await store.deliver("a", null, { key: "new", body: "3" }), { type: "gone" }, "a new key for an ended run");
      await store.sweep(NOW + 1, 10);
      equal(await store.deliver("a", null, { key: "token", body: "4" }), { type: "gone" }, "swept");
    },
  },
  {
    name: "of many concurrent deliveries of one key, one wins and the others learn its body",
    async run({ store, create }) {
      await create("a");
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.deliver("a", null, { key: "token", body: String(n) })),
      );
      equal(answers.filter(({ type }) => type === "accepted").length, 1, "how many were accepted");
      const winner = (await store.inspect("a"))!.inbox[0]!.body;
      for (const { type, body } of answers) if (type === "duplicate") equal(body, winner, "the body that won");
    },
  },
  {
    name: "a message for no run is gone",
    async run({ store, create }) {
      await create("a", { incarnation: "i" });
      equal(await store.deliver("b", null, { key: "k", body: "1" }), { type: "gone" }, "no such run");
      equal(await store.deliver("a", "other", { key: "k", body: "1" }), { type: "gone" }, "no such incarnation");
      equal(await store.deliver("a", "i", { key: "k", body: "1" }), { type: "accepted" }, "the right one");
    },
  },
  {
    name: "consumed messages are not read again; the others stay",
    async run({ store, driven, commit, worker, take }) {
      const { lease } = await driven("a");
      for (const key of ["x", "y", "z"]) await store.deliver("a", null, { key, body: key });
      await commit(lease, 0, { ...PARK, consumed: 2 });
      const claim = await take(await worker("w"), "a");
      equal([claim.head.inboxSeq, claim.head.consumed], [3, 2], "the head");
      equal(await store.inbox(claim.lease, 0), [{ seq: 3, key: "z", body: "z" }], "what is left");
    },
  },
  {
    name: "outgoing entries leave with the commit that holds them, and wait until acknowledged",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { outbox: [outgoing(1), outgoing(2)] });
      const { run, incarnation } = lease;
      equal(
        await store.pendingOutbox(10),
        [outgoing(1), outgoing(2)].map((entry) => ({ run, incarnation, entry })),
        "both",
      );
      await store.acknowledge(run, incarnation, [1]);
      await store.acknowledge(run, incarnation, [1, 99]);
      equal(
        (await store.pendingOutbox(10)).map(({ entry }) => entry.seq),
        [2],
        "one acknowledged, twice",
      );
      const loaded = await store.load(lease);
      ok(loaded !== "fenced", "it loads");
      equal(loaded.outbox, [outgoing(2)], "load has the other");
    },
  },
  {
    name: "a fenced commit sends nothing",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      await commit(lease, 5, { outbox: [outgoing(1)] });
      equal(await store.pendingOutbox(10), [], "the outbox");
    },
  },
  {
    name: "an outgoing start keeps the whole run that it makes",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      const create = {
        run: "child",
        incarnation: "c",
        fn: "f",
        argsDigest: "x",
        segment: base("0"),
        codes: [CODE],
        parent: "{}",
        now: NOW,
      };
      await commit(lease, 0, { outbox: [{ type: "start", seq: 1, create }] });
      const [pending] = await store.pendingOutbox(10);
      equal(pending?.entry, { type: "start", seq: 1, create }, "the entry");
    },
  },
  {
    name: "pending outgoing entries come oldest first, over all runs, up to the limit",
    async run({ store, driven, commit }) {
      const z = (await driven("z")).lease;
      const a = (await driven("a")).lease;
      await commit(z, 0, { outbox: [outgoing(5), outgoing(3)] });
      await commit(a, 0, { outbox: [outgoing(1)] });
      await commit(z, 1, { outbox: [outgoing(4)] });
      const seen = (await store.pendingOutbox(10)).map(({ run, entry }) => [run, entry.seq]);
      equal(
        seen,
        [
          ["z", 5],
          ["z", 3],
          ["a", 1],
          ["z", 4],
        ],
        "the order of commits",
      );
      equal((await store.pendingOutbox(2)).length, 2, "the limit");
    },
  },
  {
    name: "what an ended run still has to send is kept, and keeps its tombstone",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...END, outbox: [outgoing(1, "parent")] });
      equal((await store.pendingOutbox(10)).length, 1, "its parent is still to be told");
      equal(await store.sweep(NOW + 1, 10), 0, "so it is not swept");
      await store.acknowledge("a", lease.incarnation, [1]);
      equal(await store.sweep(NOW + 1, 10), 1, "told, it is");
    },
  },
];
