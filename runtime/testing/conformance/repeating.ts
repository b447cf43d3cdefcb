import type { Store } from "../../store/store.ts";
import { equal, ok, rejects } from "./expect.ts";
import { loseAnswers } from "./lost-answers.ts";
import { base, CODE, END, LATER, makeWorld, NOW, PARK, type StoreCase } from "./world.ts";

/** Calls, loses the answer, and gives that of the repetition. */
async function twice<T>(store: Store, call: (store: Store) => Promise<T>): Promise<T> {
  const lossy = loseAnswers(store);
  lossy.loseNext();
  await rejects(call(lossy.store), "unknown", "the first answer is lost");
  return call(lossy.store);
}

export const repeating: readonly StoreCase[] = [
  {
    name: "lost answer: create",
    async run({ store, create, head }) {
      const template = await create("template");
      const run = { ...template, run: "a", incarnation: "i" };
      equal(await twice(store, (lossy) => lossy.create(run)), { type: "created" }, "the repetition");
      equal((await head("a")).incarnation, "i", "it is there once");
    },
  },
  {
    name: "lost answer: commit",
    async run({ store, driven, commitOf, texts, commit }) {
      const { lease } = await driven("a");
      const one = commitOf(lease, 0);
      const [outcome] = await twice(store, (lossy) => lossy.commit([one]));
      equal(outcome, { type: "ok", position: 1, inboxSeq: 0 }, "the repetition");
      equal(await texts(lease), ["0", "1"], "applied once");
      equal((await commit(lease, 1)).type, "ok", "and the next follows");
    },
  },
  {
    name: "lost answer: a commit that sends, repeated after its entries were acknowledged, sends nothing again",
    async run({ store, driven, commitOf }) {
      const { lease } = await driven("a");
      const message = { key: "k", body: "1" };
      const one = commitOf(lease, 0, { outbox: [{ type: "message", seq: 1, to: "b", incarnation: null, message }] });
      const lossy = loseAnswers(store);
      lossy.loseNext();
      await rejects(lossy.store.commit([one]), "unknown", "lost");
      await store.acknowledge("a", lease.incarnation, [1]);
      equal((await store.commit([one]))[0]!.type, "ok", "the repetition");
      equal(await store.pendingOutbox(10), [], "nothing is pending");
    },
  },
  {
    name: "lost answer: a commit that releases, repeated while another drives the run, is ok and writes nothing",
    async run({ store, driven, commitOf, worker, take, commit, texts }) {
      const { lease } = await driven("a");
      const one = commitOf(lease, 0, { ...PARK, wakeAt: NOW });
      const lossy = loseAnswers(store);
      lossy.loseNext();
      await rejects(lossy.store.commit([one]), "unknown", "lost");
      const { lease: next } = await take(await worker("w"), "a");
      equal((await store.commit([one]))[0], { type: "ok", position: 1, inboxSeq: 0 }, "the repetition");
      equal((await store.owned("w")).length, 1, "the other worker keeps the run");
      equal((await commit(next, 1)).type, "ok", "and goes on");
      equal((await store.commit([one]))[0]!.type, "fenced", "a repetition after another commit writes nothing either");
      equal(await texts(next), ["0", "1", "2"], "each segment once");
    },
  },
  {
    name: "lost answer: the commit that ends a run",
    async run({ store, driven, commitOf, head }) {
      const { lease } = await driven("a");
      const [outcome] = await twice(store, (lossy) => lossy.commit([commitOf(lease, 0, { ...END, commitId: "end" })]));
      equal(outcome!.type, "ok", "the repetition");
      equal((await head("a")).status, "done", "the run");
    },
  },
  {
    name: "lost answer: a commit repeated tells of mail that came since",
    async run({ store, driven, commitOf }) {
      const { lease } = await driven("a");
      const one = commitOf(lease, 0);
      await store.commit([one]);
      await store.deliver("a", null, { key: "k", body: "1" });
      equal((await store.commit([one]))[0], { type: "ok", position: 1, inboxSeq: 1 }, "the repetition");
    },
  },
  {
    name: "lost answer: in a group, what was applied and what was fenced stay so",
    async run({ store, driven, commitOf, texts }) {
      const a = (await driven("a")).lease;
      const b = (await driven("b")).lease;
      const group = [commitOf(a, 0), commitOf(b, 3)];
      const outcomes = await twice(store, (lossy) => lossy.commit(group));
      equal(
        outcomes.map(({ type }) => type),
        ["ok", "fenced"],
        "the repetition",
      );
      equal(await texts(a), ["0", "1"], "applied once");
    },
  },
  {
    name: "lost answer: a commit id is known in its own incarnation only",
    async run({ store, driven, commit, create, worker, take }) {
      const { lease } = await driven("a");
      await commit(lease, 0, { ...END, commitId: "same" });
      await store.sweep(NOW + 1, 10);
      await create("a");
      const { lease: young } = await take(await worker("w"), "a");
      equal((await commit(young, 0, { commitId: "same" })).type, "ok", "a new run, the same id");
      equal((await store.read("a"))!.position, 1, "it was applied");
      equal((await commit(lease, 0, { ...END, commitId: "same" })).type, "fenced", "the old lease");
    },
  },
  {
    name: "lost answer: deliver",
    async run({ store, create, head }) {
      await create("a");
      const answer = await twice(store, (lossy) => lossy.deliver("a", null, { key: "k", body: "mine" }));
      equal(answer, { type: "duplicate", body: "mine" }, "the repetition finds its own body");
      equal((await head("a")).inboxSeq, 1, "delivered once");
    },
  },
  {
    name: "lost answer: claim; owned tells what was claimed",
    async run({ store, create, worker, commit }) {
      await create("a");
      await worker("w");
      const request = { worker: "w", limit: 10, suspects: 1, codes: new Set([CODE]), now: NOW };
      equal(await twice(store, (lossy) => lossy.claim(request)), [], "nothing is left to claim");
      const [owned] = await store.owned("w");
      ok(owned !== undefined, "but the worker owns the run");
      equal((await commit(owned.lease, 0)).type, "ok", "and drives it under the lease that owned gives");
    },
  },
  {
    name: "lost answer: renew, retire, revive, acknowledge, compact and sweep",
    async run({ store, driven, commit }) {
      equal(await twice(store, (lossy) => lossy.renew("w", NOW, LATER)), true, "renew");
      const { lease } = await driven("a");
      await commit(lease, 0, {
        outbox: [{ type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "" } }],
      });
      equal(await twice(store, (lossy) => lossy.compact(lease, 1, base("all"))), "ok", "compact");
      await twice(store, (lossy) => lossy.acknowledge("a", lease.incarnation, [1]));
      await commit(lease, 1, { status: "blocked", reason: "{}" });
      equal(await twice(store, (lossy) => lossy.revive("a", NOW)), false, "revive: it is no longer dormant");
      const { take, commit: commitAgain } = makeWorld(store);
      const { lease: next } = await take("w", "a");
      await twice(store, (lossy) => lossy.retire("w"));
      equal((await commitAgain(next, 2)).type, "fenced", "retired");
      const again = await driven("b");
      await commit(again.lease, 0, { ...END, commitId: "the end of b" });
      equal(await twice(store, (lossy) => lossy.sweep(NOW + 1, 10)), 0, "sweep: nothing is left");
      equal(await store.read("b"), null, "swept");
    },
  },
];
