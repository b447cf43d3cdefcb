import type { Census } from "../../store/store.ts";
import { equal, rejects } from "./expect.ts";
import { base, CODE, delta, END, LATER, NOW, OTHER_CODE, PARK, type StoreCase } from "./world.ts";

export const keeping: readonly StoreCase[] = [
  {
    name: "compact replaces the segments up to its position by one base",
    async run({ store, driven, commit, texts, head }) {
      const { lease } = await driven("a");
      for (let position = 0; position < 5; position++) await commit(lease, position);
      equal(await store.compact(lease, 3, base("0..3")), "ok", "compact");
      equal(await texts(lease), ["0..3", "4", "5"], "later segments stay");
      equal((await head("a")).position, 5, "the position stays");
      equal(await store.compact(lease, 5, base("0..5")), "ok", "up to the last");
      equal(await texts(lease), ["0..5"], "one base");
      equal((await commit(lease, 5, { segment: delta("6") })).type, "ok", "and on");
      equal(await texts(lease), ["0..5", "6"], "a delta after it");
    },
  },
  {
    name: "compact at or before the last base changes nothing",
    async run({ store, driven, commit, texts }) {
      const { lease } = await driven("a");
      for (let position = 0; position < 3; position++) await commit(lease, position);
      await store.compact(lease, 2, base("0..2"));
      for (const position of [0, 1, 2])
        equal(await store.compact(lease, position, base("late")), "ok", `at ${position}`);
      equal(await texts(lease), ["0..2", "3"], "the segments");
    },
  },
  {
    name: "compact beyond the saved position is refused",
    async run({ store, driven, commit, texts }) {
      const { lease } = await driven("a");
      await commit(lease, 0);
      await rejects(store.compact(lease, 2, base("invented")), "refused", "a state that nobody saved");
      equal(await texts(lease), ["0", "1"], "the segments");
    },
  },
  {
    name: "a compacted run is loaded whole by the next worker",
    async run({ store, driven, commit, worker, take, texts }) {
      const { lease } = await driven("a");
      await commit(lease, 0);
      await store.compact(lease, 1, base("0..1"));
      await commit(lease, 1, { ...PARK, wakeAt: NOW });
      const { lease: next } = await take(await worker("w"), "a");
      equal(await texts(next), ["0..1", "2"], "the segments");
    },
  },
  {
    name: "list pages through the heads in the order of ids, each once",
    async run({ store, create }) {
      const ids = ["a", "B", "a b", "aa", "z", "é", "\u{ff5e}", "\u{1f600}", "10", "9", "A/1"];
      for (const id of ids) await create(id);
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await store.list(after === undefined ? { limit: 3 } : { after, limit: 3 });
        seen.push(...page.map(({ run }) => run));
        after = page.at(-1)?.run;
        if (page.length < 3) break;
      }
      // Compared by code point: U+FF5E stands before U+1F600, although UTF-16 has it the other way round.
      equal(seen, ["10", "9", "A/1", "B", "a", "a b", "aa", "z", "é", "\u{ff5e}", "\u{1f600}"], "all ids in order");
    },
  },
  {
    name: "list filters by status and function, and finds tombstones",
    async run({ store, create, driven, commit }) {
      await create("a");
      await create("b", { fn: "other" });
      const { lease } = await driven("c");
      await commit(lease, 0, END);
      const ids = async (query: Parameters<typeof store.list>[0]) => (await store.list(query)).map(({ run }) => run);
      equal(await ids({ status: "done" }), ["c"], "by status");
      equal(await ids({ fn: "other" }), ["b"], "by function");
      equal(await ids({ status: "running", fn: "other" }), ["b"], "by both");
      equal(await ids({ status: "done", fn: "other" }), [], "by both, and none");
      equal(await ids({}), ["a", "b", "c"], "all");
      equal(await ids({ after: "a", limit: 1 }), ["b"], "a page");
      equal(await ids({ limit: 0 }), [], "none");
    },
  },
  {
    name: "list gives a hundred heads when no limit is named",
    async run({ store, create }) {
      for (let n = 0; n < 101; n++) await create(`run-${n}`);
      equal((await store.list({})).length, 100, "the default limit");
    },
  },
  {
    name: "inspect shows what load does, without a lease",
    async run({ store, driven, commit }) {
      const { lease } = await driven("a");
      await store.deliver("a", null, { key: "k", body: "1" });
      await commit(lease, 0, {
        outbox: [{ type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "" } }],
      });
      equal(await store.inspect("a"), await store.load(lease), "the same");
      equal(await store.inspect("nothing"), null, "no such run");
      equal(await store.read("nothing"), null, "nor can it be read");
    },
  },
  {
    name: "nextWake is the earliest wakeAt of runs that wait for a worker",
    async run({ store, create, worker, claim, commit }) {
      const codes = new Set([CODE]);
      equal(await store.nextWake(codes), null, "an empty store");
      for (const run of ["a", "b", "c", "d"]) await create(run, { now: NOW - 5 });
      equal(await store.nextWake(codes), NOW - 5, "fresh runs are due at once");
      await worker("w");
      const wakes: Record<string, number | null> = { a: NOW + 30, b: NOW + 20, c: null, d: NOW + 10 };
      for (const { lease } of await claim("w")) {
        const { run } = lease;
        await commit(lease, 0, {
          ...PARK,
          wakeAt: wakes[run]!,
          codes: run === "d" ? [OTHER_CODE] : [CODE],
          release: run !== "b",
        });
      }
      equal(await store.nextWake(codes), NOW + 30, "b is owned, c waits for mail, d is not linked");
      equal(await store.nextWake(new Set([CODE, OTHER_CODE])), NOW + 10, "with d's code");
      equal(await store.nextWake(new Set()), null, "with none");
      await store.deliver("c", null, { key: "k", body: "1" });
      equal(await store.nextWake(codes), 0, "mail is due at once");
    },
  },
  {
    name: "unlinked gives a waiting run of each set of codes that is not here",
    async run({ store, create, worker, claim, commit }) {
      if (store.unlinked === undefined) return;
      const unlinked = async (...codes: string[]): Promise<string> =>
        (await store.unlinked!(new Set(codes)))
          .map(({ run }) => run[0])
          .sort()
          .join();
      equal(await unlinked(), "", "an empty store");
      for (const run of ["a1", "a2", "b1", "b2", "c1", "d1", "e1"]) await create(run);
      equal(await unlinked(CODE), "", "all are linked");
      await worker("w");
      const changes: Record<string, Parameters<typeof commit>[2]> = {
        a1: { ...PARK, wakeAt: NOW + 1_000_000 },
        a2: { ...PARK, wakeAt: null },
        b1: { ...PARK, wakeAt: NOW, codes: [OTHER_CODE] },
        b2: { ...PARK, wakeAt: NOW + 10, codes: [OTHER_CODE] },
        c1: { ...PARK, wakeAt: null, codes: [CODE, OTHER_CODE] },
        d1: { status: "blocked", wakeAt: NOW, codes: ["unlinked@1"] },
        e1: { ...END, codes: ["unlinked@2"] },
      };
      for (const { lease } of await claim("w")) await commit(lease, 0, changes[lease.run]!);
      equal(await unlinked(CODE, OTHER_CODE), "", "what is dormant or ended waits for no worker");
      equal(await unlinked(CODE), "b", "c waits for mail, and has none");
      await store.deliver("c1", null, { key: "k", body: "1" });
      equal(await unlinked(CODE), "b,c", "with mail");
      equal(await unlinked(OTHER_CODE), "a,c", "also of what sleeps");
      const [head] = await store.unlinked(new Set([CODE, "other"]));
      equal(head, await store.read(head!.run), "the whole head");
    },
  },
  {
    name: "nextWake leaves out dormant and ended runs",
    async run({ store, driven, commit }) {
      await commit((await driven("a")).lease, 0, { status: "blocked", wakeAt: NOW });
      await commit((await driven("b")).lease, 0, { ...END, wakeAt: NOW });
      await store.deliver("a", null, { key: "k", body: "1" });
      equal(await store.nextWake(new Set([CODE])), null, "neither wakes by itself");
      await store.revive("a", NOW);
      equal(await store.nextWake(new Set([CODE])), 0, "revived, with mail");
    },
  },
  {
    name: "sweep deletes what ended before the instant, and nothing else",
    async run({ store, create, worker, claim, commit }) {
      for (const run of ["old", "new", "alive", "stuck"]) await create(run, { now: 0 });
      await worker("w");
      const changes = {
        old: { ...END, now: 100 },
        new: { ...END, now: 200 },
        alive: { now: 0 },
        stuck: { status: "stuck", now: 0 },
      } as const;
      for (const { lease } of await claim("w")) await commit(lease, 0, changes[lease.run as keyof typeof changes]);
      equal(await store.sweep(100, 10), 0, "not at its own instant");
      equal(await store.sweep(200, 10), 1, "one is older");
      equal(
        (await store.list({})).map(({ run }) => run),
        ["alive", "new", "stuck"],
        "the others stay",
      );
      equal(await store.sweep(LATER, 0), 0, "a limit of none");
    },
  },
  {
    name: "sweep deletes at most its limit",
    async run({ store, create, worker, claim, commit }) {
      for (let n = 0; n < 5; n++) await create(`a${n}`);
      await worker("w");
      for (const { lease } of await claim("w")) await commit(lease, 0, END);
      equal(await store.sweep(NOW + 1, 3), 3, "three");
      equal(await store.sweep(NOW + 1, 3), 2, "the rest");
      equal(await store.sweep(NOW + 1, 3), 0, "none");
    },
  },
  {
    name: "sweep forgets dead workers, but not while they own a run",
    async run({ store, create, worker, claim, take, commit }) {
      await create("a");
      await worker("dead", NOW + 10);
      await claim("dead");
      await store.sweep(LATER, 10);
      await worker("w", LATER);
      const { lease, takenOver } = await take("w", "a", { now: NOW + 100 });
      equal(takenOver, true, "its run can still be taken over");
      equal(await store.renew("dead", NOW + 100, LATER), false, "and it still learns that it lost");
      await store.sweep(LATER, 10);
      equal(await store.renew("dead", NOW + 100, LATER), true, "now it is forgotten");
      equal((await commit(lease, 0)).type, "ok", "a living worker goes on");
    },
  },
  {
    name: "a census counts runs by status, and those that are due",
    async run({ store, create, driven, commit, take, worker }) {
      if (store.census === undefined) return;
      const census = (now: number, ...codes: string[]) => store.census!(now, new Set(codes));
      equal(await census(NOW, CODE), { statuses: {}, due: 0, dueSince: null, unlinked: 0 }, "of an empty store");
      const ended = await driven("ended");
      await commit(ended.lease, 0, END);
      const asleep = await driven("asleep");
      await commit(asleep.lease, 0, { ...PARK, wakeAt: NOW + 500 });
      const mailed = await driven("mailed");
      await commit(mailed.lease, 0, PARK);
      await worker("w");
      await create("owned");
      await take("w", "owned");
      await store.deliver("mailed", null, { key: "k", body: "1" });
      await create("new", { now: NOW - 7 });
      const before = await census(NOW, CODE);
      equal(before.statuses, { done: 1, waiting: 2, running: 2 }, "by status");
      equal([before.due, before.dueSince], [2, NOW - 7], "due: what is new, and what has mail");
      equal((await census(NOW + 500, CODE)).due, 3, "and later what slept until then");

      await create("other", { now: NOW - 60, codes: [CODE, OTHER_CODE] });
      const shown = ({ due, dueSince, unlinked }: Census) => [due, dueSince, unlinked];
      equal(shown(await census(NOW, CODE)), [2, NOW - 7, 1], "apart from those that need other code");
      equal(shown(await census(NOW, CODE, OTHER_CODE)), [3, NOW - 60, 0], "which are due where that is linked");
      equal(shown(await census(NOW)), [0, null, 3], "and where nothing is linked, all are apart");
    },
  },
  {
    name: "close lets calls under way finish, refuses later ones, and may be repeated",
    async run({ store, driven, commit, create }) {
      const { lease } = await driven("a");
      const under = commit(lease, 0);
      const closed = store.close();
      equal((await under).type, "ok", "a commit under way");
      await closed;
      await store.close();
      await rejects(store.read("a"), "refused", "a read after close");
      await rejects(create("b"), "refused", "a write after close");
    },
  },
];
