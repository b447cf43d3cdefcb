/** Processes that wake up late, and packets that arrive late: each store object here stands for a process of its own. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import type { Store } from "perdure/internal/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Command,
  claim,
  commitOf,
  driven,
  failure,
  newRun,
  one,
  pause,
  register,
  takeOver,
  through,
} from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

let tables = 0;
const freshTable = async (slots: number): Promise<string> => {
  const table = `zombies-${++tables}`;
  await ensureTable({ table, client: server.client, shards: 2, slots });
  return table;
};
const open = (table: string, client = server.client as Parameters<typeof through>[0]): Store =>
  dynamodb({ table, client });
const isSlot = ({ constructor, input }: Command): boolean =>
  constructor.name === "PutItemCommand" && input.Item?.["seq"] !== undefined;

/** What a process would do that does not know that it is late: the next turn of its run. */
const SPAN = 40;

for (const slots of [4, 1024]) {
  describe(`with a ring of ${slots}`, () => {
    test("a turn whose answer was lost, and that others went on from, is not known to be fenced", async () => {
      const table = await freshTable(slots);
      const heir = open(table);
      let meanwhile: (() => Promise<void>) | undefined;
      const late = open(
        table,
        through(server.client, async (command, send) => {
          const answer = await send();
          const takenOver = isSlot(command) ? meanwhile : undefined;
          if (takenOver === undefined) return answer;
          // It pauses before it sends the same bytes again.
          meanwhile = undefined;
          await takenOver();
          throw new Error("socket hang up");
        }),
      );
      const lease = await driven(late, "a", SPAN);
      await one(late, commitOf(lease, 0));
      meanwhile = async () => {
        const { lease: next, head } = await takeOver(heir, "heir", "a", SPAN);
        expect(head.position).toBe(2);
        await one(heir, commitOf(next, 2, { status: "done", result: "{}" }));
      };
      const commit = commitOf(lease, 1);
      expect(await failure(late.commit([commit]))).toMatchObject({ code: "PD3305", outcome: "unknown" });
      // Asked again, nothing of it is on its way any more.
      expect((await one(late, commit)).type).toBe("fenced");
    });

    test("a worker that pauses before its turn writes nothing: taken over, compacted, ended, swept, begun anew", async () => {
      const table = await freshTable(slots);
      let puts = 0;
      const late = open(
        table,
        through(server.client, (command, send) => {
          if (isSlot(command)) puts++;
          return send();
        }),
      );
      const heir = open(table);
      const lease = await driven(late, "a", SPAN);
      for (let position = 0; position < 5; position++) await one(late, commitOf(lease, position));
      const wakesUp = async (what: string) => {
        puts = 0;
        // Another commit id each time: what it has sent before must not be what refuses it.
        const outcome = await one(late, commitOf(lease, 5, { commitId: `late, when ${what}` }));
        expect([what, outcome.type]).toEqual([what, "fenced"]);
        return puts;
      };

      const { lease: next, head } = await takeOver(heir, "heir", "a", SPAN);
      expect([head.position, head.suspect]).toEqual([5, true]);
      // The first refusal comes from the slot itself: the late process believed that it may write.
      expect(await wakesUp("taken over")).toBe(1);
      for (let position = 5; position < 21; position++) {
        expect((await one(heir, commitOf(next, position))).type).toBe("ok");
        if (position % 5 === 0)
          expect(await heir.compact(next, position, { kind: "base", text: `${position}` })).toBe("ok");
      }
      await wakesUp("overwritten");
      await one(heir, commitOf(next, 21, { status: "done", result: "{}" }));
      await wakesUp("ended");
      expect(await heir.sweep(1, 10)).toBe(1);
      await wakesUp("swept");
      expect(await heir.read("a")).toBeNull();
      await heir.create({ ...newRun("a"), incarnation: "another" });
      const [again] = await claim(heir, "heir");
      expect(again!.lease.epoch).toBeGreaterThan(next.epoch);
      await wakesUp("begun anew");
      expect((await one(heir, commitOf(again!.lease, 0))).type).toBe("ok");
    });

    // The process was frozen between reading and writing: it has no chance to look again.
    test("a put that leaves a frozen process years later is refused by the slot alone", async () => {
      const table = await freshTable(slots);
      const heir = open(table);
      for (const stage of ["taken over", "went on", "ended", "swept"] as const) {
        let freeze: Promise<void> | undefined;
        let left = 0;
        const frozen = open(
          table,
          through(server.client, async (command, send) => {
            if (isSlot(command) && freeze !== undefined) {
              await freeze;
              left++;
            }
            return send();
          }),
        );
        const run = `frozen until ${stage}`;
        const lease = await driven(frozen, run, SPAN);
        await one(frozen, commitOf(lease, 0));
        let thaw = () => {};
        freeze = new Promise((resolve) => {
          thaw = resolve;
        });
        const late = one(frozen, commitOf(lease, 1));
        const { lease: next } = await takeOver(heir, `heir of ${run}`, run, SPAN);
        if (stage !== "taken over") for (let n = 1; n < 7; n++) await one(heir, commitOf(next, n));
        const position = stage === "taken over" ? 1 : 7;
        if (stage === "ended" || stage === "swept")
          await one(heir, commitOf(next, position, { status: "done", result: "{}" }));
        if (stage === "swept") expect(await heir.sweep(1, 10)).toBeGreaterThan(0);
        const before = await heir.inspect(run);
        thaw();
        expect([stage, (await late).type, left]).toEqual([stage, "fenced", 1]);
        expect(await heir.inspect(run)).toEqual(before);
      }
    });
  });
}

/** A client of which some commands are answered with a timeout at once, and are sent only later. */
function delaying(delays: (command: Command) => boolean) {
  const held: (() => Promise<unknown>)[] = [];
  const client = through(server.client, async (command, send) => {
    if (!delays(command)) return send();
    held.push(send);
    throw Object.assign(new Error("timed out"), { name: "TimeoutError" });
  });
  /** Everything arrives now; what the server says nobody hears. */
  const arrive = () => Promise.allSettled(held.splice(0).map((send) => send()));
  return { client, arrive };
}

test("a put that arrives after its process has given the run back changes nothing", async () => {
  const table = await freshTable(1024);
  let delay = false;
  const { client, arrive } = delaying((command) => delay && isSlot(command));
  const store = open(table, client);
  const lease = await driven(store, "a");
  await one(store, commitOf(lease, 0));
  delay = true;
  expect((await failure(store.commit([commitOf(lease, 1)]))).outcome).toBe("unknown");
  delay = false;
  const release = commitOf(lease, 1, { segment: null, release: true, wakeAt: 0, commitId: "give back" });
  expect((await one(store, release)).type).toBe("ok");
  await arrive();
  const other = open(table);
  const [next] = await register(other, "other");
  expect(next!.head.position).toBe(1);
  expect((await one(other, commitOf(next!.lease, 1, { segment: { kind: "delta", text: "other" } }))).type).toBe("ok");
  expect((await other.inspect("a"))!.segments.map(({ text }) => text)).toEqual(['"0"', "1", "other"]);
});

test("a put that arrives before its repetition is recognized, one that arrives after it is refused", async () => {
  const table = await freshTable(1024);
  let delay = false;
  const { client, arrive } = delaying((command) => delay && isSlot(command));
  const store = open(table, client);
  const lease = await driven(store, "a");
  delay = true;
  const first = commitOf(lease, 0);
  await failure(store.commit([first]));
  delay = false;
  await arrive();
  expect(await one(store, first)).toEqual({ type: "ok", position: 1, inboxSeq: 0 });
  delay = true;
  const second = commitOf(lease, 1);
  await failure(store.commit([second]));
  delay = false;
  expect(await one(store, second)).toEqual({ type: "ok", position: 2, inboxSeq: 0 });
  await one(store, commitOf(lease, 2));
  await arrive();
  expect((await store.inspect("a"))!.segments.map(({ text }) => text)).toEqual(['"0"', "1", "2", "3"]);
});

test("a release that arrives after its process went on does not take the run away", async () => {
  const table = await freshTable(1024);
  let delay = false;
  const { client, arrive } = delaying((command) => delay && command.constructor.name === "TransactWriteItemsCommand");
  const store = open(table, client);
  const lease = await driven(store, "a");
  delay = true;
  const release = commitOf(lease, 0, { segment: null, release: true, commitId: "give back" });
  await failure(store.commit([release]));
  delay = false;
  expect((await one(store, commitOf(lease, 0))).type).toBe("ok");
  await arrive();
  expect((await store.read("a"))!).toMatchObject({ position: 1, owner: lease.worker });
  expect((await one(store, commitOf(lease, 1))).type).toBe("ok");
});

test("clocks that differ by an hour take no run from a worker whose heart beats", async () => {
  const table = await freshTable(1024);
  const [steady, hasty] = [open(table), open(table)];
  const lease = await driven(steady, "a", 200);
  const hour = 3_600_000;
  await register(hasty, "hasty", 60_000, hour);
  for (let n = 0; n < 8; n++) {
    await steady.renew(lease.worker, 0, 200);
    await pause(60);
    expect(await claim(hasty, "hasty", hour)).toEqual([]);
  }
  await pause(250);
  expect((await claim(hasty, "hasty", hour)).map(({ takenOver }) => takenOver)).toEqual([true]);
  expect(await steady.renew(lease.worker, 0, 200)).toBe(false);
});

test("a worker that dies while it retires leaves no suspects", async () => {
  const table = await freshTable(1024);
  let dead = false;
  const dying = open(
    table,
    through(server.client, (command, send) => {
      if (dead && command.constructor.name === "TransactWriteItemsCommand") return Promise.reject(new Error("dead"));
      return send();
    }),
  );
  const lease = await driven(dying, "a");
  dead = true;
  await failure(dying.retire(lease.worker));
  const other = open(table);
  const [taken] = await register(other, "other");
  expect([taken!.lease.run, taken!.takenOver, taken!.head.suspect]).toEqual(["a", false, false]);
  dead = false;
  expect((await one(dying, commitOf(lease, 0))).type).toBe("fenced");
});

test("a sweep that dies half-way is finished by the next, or by whoever uses the id again", async () => {
  const table = await freshTable(4);
  let dead = false;
  const dying = open(
    table,
    through(server.client, (command, send) =>
      dead && command.constructor.name === "BatchWriteItemCommand" ? Promise.reject(new Error("dead")) : send(),
    ),
  );
  for (const run of ["a", "b"]) {
    const lease = await driven(dying, run);
    await one(dying, commitOf(lease, 0, { status: "done", result: "{}" }));
  }
  dead = true;
  await failure(dying.sweep(1, 1));
  await failure(dying.sweep(1, 1));
  const other = open(table);
  const left = (await other.list({})).map(({ run }) => run);
  expect(left.length).toBe(1);
  const gone = left[0] === "a" ? "b" : "a";
  expect(await other.deliver(gone, null, { key: "k", body: "1" })).toEqual({ type: "gone" });
  expect(await other.create({ ...newRun(gone), incarnation: "again" })).toEqual({ type: "created" });
  expect(await other.sweep(1, 10)).toBe(1);
  expect((await other.list({})).map(({ run }) => run)).toEqual([gone]);
});

test("a thread renews the lease while the event loop is busy, where the client can be made there", {
  timeout: 60_000,
}, async () => {
  const table = await freshTable(1024);
  expect(open(table).thread).toBeUndefined();
  expect(
    dynamodb({ table, client: { ...server.config, credentials: async () => server.config.credentials } }).thread,
  ).toBeUndefined();
  const store = dynamodb({ table, client: server.config });
  const { module, options } = store.thread!;
  const { open: openThere } = (await import(module)) as { open(options: unknown): Pick<Store, "renew" | "close"> };
  const there = openThere(options);
  const lease = await driven(store, "a", 50);
  const other = open(table);
  await register(other, "other");
  for (let n = 0; n < 4; n++) {
    expect(await there.renew(lease.worker, 0, 60_000)).toBe(true);
    await pause(30);
    expect(await claim(other, "other")).toEqual([]);
  }
  await Promise.all([there.close(), store.close()]);
});
