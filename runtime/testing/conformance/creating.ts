import { equal, ok, rejects } from "./expect.ts";
import { base, CODE, END, LATER, NOW, type StoreCase } from "./world.ts";

export const creating: readonly StoreCase[] = [
  {
    name: "a created run is running, due at once, and holds its first segment",
    async run({ store, create, worker, take }) {
      const { incarnation } = await create("a", { segment: base("first"), parent: '{"run":"p"}' });
      const { lease, head, takenOver } = await take(await worker("w"), "a");
      const {
        fn,
        status,
        position,
        inboxSeq,
        consumed,
        createdAt,
        argsDigest,
        codes,
        suspect,
        strikes,
        result,
        parent,
      } = head;
      equal(
        { fn, status, position, inboxSeq, consumed, createdAt, argsDigest, codes, suspect, strikes, result, parent },
        {
          fn: "orders.ts#checkout",
          status: "running",
          position: 0,
          inboxSeq: 0,
          consumed: 0,
          createdAt: NOW,
          argsDigest: "args",
          codes: [CODE],
          suspect: false,
          strikes: 0,
          result: null,
          parent: '{"run":"p"}',
        },
        "the head of a fresh run",
      );
      equal(
        [head.owner, head.epoch, head.incarnation],
        ["w", lease.epoch, incarnation],
        "a claim's head is as after the claim",
      );
      equal(takenOver, false, "a fresh run is not taken over");
      equal(await store.load(lease), { head, segments: [base("first")], inbox: [], outbox: [] }, "the whole run");
    },
  },
  {
    name: "create answers created again for the same incarnation, and changes nothing",
    async run({ store, driven, commit, create, head }) {
      const { lease } = await driven("a", { incarnation: "i" });
      await commit(lease, 0);
      const before = await head("a");
      const again = { ...(await create("b")), run: "a", incarnation: "i", segment: base("other") };
      equal(await store.create(again), { type: "created" }, "the repetition");
      equal(await head("a"), before, "the run is untouched");
    },
  },
  {
    name: "create answers exists, with the head, for another incarnation, and writes nothing",
    async run({ store, create, head }) {
      await create("a", { argsDigest: "mine" });
      const answer = await store.create({ ...(await create("b")), run: "a", incarnation: "another" });
      equal(answer, { type: "exists", head: await head("a") }, "the second create");
      equal((await head("a")).argsDigest, "mine", "the first stands");
    },
  },
  {
    name: "create finds a tombstone in the way",
    async run({ store, driven, commit, create, head }) {
      const { lease } = await driven("a");
      await commit(lease, 0, END);
      const answer = await store.create({ ...(await create("b")), run: "a", incarnation: "another" });
      equal(answer, { type: "exists", head: await head("a") }, "a create over a tombstone");
      ok((await head("a")).result !== null, "the tombstone keeps the result");
    },
  },
  {
    name: "of many concurrent creates of one id, one wins",
    async run({ store, create }) {
      const template = await create("template");
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.create({ ...template, run: "a", incarnation: `i${n}` })),
      );
      const created = answers.filter(({ type }) => type === "created");
      equal(created.length, 1, "how many creates won");
      const winner = (await store.read("a"))!.incarnation;
      for (const answer of answers) {
        if (answer.type === "exists") equal(answer.head.incarnation, winner, "the losers are shown the winner");
      }
    },
  },
  {
    name: "texts come back unchanged, whatever characters they hold",
    async run({ store, create, worker, take, commit }) {
      const text = '{"a":"\\u0000 \\ud800 \u{1f600} é \u2028 \'quoted\' %s ? $1 --"}';
      const run = "id/with '\" % _ \\ \u{1f600} é";
      await create(run, { segment: base(text), argsDigest: text, fn: text });
      await store.deliver(run, null, { key: text, body: text });
      const { lease, head } = await take(await worker("w'\" %"), run);
      equal([head.run, head.fn, head.argsDigest], [run, text, text], "the head's texts");
      equal((await store.inbox(lease, 0))[0], { seq: 1, key: text, body: text }, "the message");
      await commit(lease, 0, { segment: { kind: "delta", text }, reason: text, result: text });
      const loaded = await store.load(lease);
      ok(loaded !== "fenced", "it loads");
      equal(
        [loaded.segments[1]!.text, loaded.head.reason, loaded.head.result],
        [text, text, text],
        "what a commit wrote",
      );
    },
  },
  {
    name: "a large segment comes back whole",
    async run({ driven, commit, texts }) {
      const { lease } = await driven("a");
      const large = JSON.stringify("é".repeat(1_000_000));
      await commit(lease, 0, { segment: { kind: "delta", text: large } });
      ok((await texts(lease))[1] === large, "a segment of two megabytes");
    },
  },
  {
    name: "text that some store could not hold is refused, and nothing is written",
    async run({ store, create, driven, commitOf, head }) {
      const template = await create("template");
      for (const run of ["", "nul\0", "half \ud800"]) {
        await rejects(store.create({ ...template, run, incarnation: "x" }), "refused", `the id ${JSON.stringify(run)}`);
      }
      const { lease } = await driven("a");
      const before = await head("a");
      await rejects(store.commit([commitOf(lease, 0, { segment: base("\0") })]), "refused", "a segment with U+0000");
      await rejects(store.deliver("a", null, { key: "k", body: "\0" }), "refused", "a body with U+0000");
      equal(await head("a"), before, "the run is untouched");
      equal((await store.list({})).length, 2, "no run was made");
    },
  },
  {
    name: "two workers never claim the same run",
    async run({ create, worker, claim }) {
      for (let n = 0; n < 30; n++) await create(`run-${n}`);
      const names = await Promise.all(["u", "v", "w"].map((name) => worker(name)));
      const claims = (await Promise.all(names.map((name) => claim(name, { limit: 20, now: NOW })))).flat();
      equal(new Set(claims.map(({ lease }) => lease.run)).size, claims.length, "each claim is of another run");
      equal(claims.length, 30, "all of them are claimed");
      ok(
        claims.every(({ lease }) => lease.epoch > 0),
        `every claim has an epoch (until ${LATER})`,
      );
    },
  },
];
