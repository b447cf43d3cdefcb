import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { commitOf, drive, failure, newRun, sqlite, sqliteWith, temporary } from "./fixtures.ts";

test("stores on one file see each other's calls, and one goes on when another closes", async () => {
  const path = join(temporary(), "runs.db");
  const stores = [sqlite(path), sqlite(path), sqlite(path)];
  const [one, two, three] = stores;
  // All three make the file at the same time.
  await Promise.all(stores.map((store, n) => store.create(newRun(`run-${n}`))));
  expect((await one!.list({})).length).toBe(3);
  await two!.close();
  expect(await one!.create(newRun("later"))).toEqual({ type: "created" });
  expect((await three!.read("later"))!.run).toBe("later");
  await one!.close();
  expect(await three!.deliver("later", null, { key: "k", body: "1" })).toEqual({ type: "accepted" });
  await three!.close();
});

test("one store's claim fences another's lease", async () => {
  const path = join(temporary(), "runs.db");
  const [one, two] = [sqlite(path), sqlite(path)];
  await one.create(newRun("a"));
  const codes = new Set(["code"]);
  await one.renew("u", 0, 10);
  const [old] = await one.claim({ worker: "u", limit: 1, suspects: 1, codes, now: 0 });
  await two.renew("v", 20, 30);
  const [heir] = await two.claim({ worker: "v", limit: 1, suspects: 1, codes, now: 20 });
  expect(heir!.takenOver).toBe(true);
  expect(await one.commit([commitOf(old!.lease, 0)])).toMatchObject([{ type: "fenced", epoch: heir!.lease.epoch }]);
  expect(await one.renew("u", 20, 30)).toBe(false);
  await Promise.all([one.close(), two.close()]);
});

test("a thread renews a lease while the main thread is busy", async () => {
  const store = sqlite(join(temporary(), "runs.db"));
  await drive(store, "a");
  await store.renew("worker-in-thread", 0, 10);
  const { module, options } = store.thread!;
  const code = `
    const { workerData, parentPort } = require("node:worker_threads");
    import(workerData.module).then(async ({ open }) => {
      const store = open(workerData.options);
      const answer = await store.renew("worker-in-thread", 5, 1000);
      await store.close();
      Atomics.store(workerData.flag, 0, 1);
      parentPort.postMessage(answer);
    });`;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(code, { eval: true, workerData: { module, options, flag } });
  const answer = new Promise((resolve, reject) => thread.once("message", resolve).once("error", reject));
  await new Promise((resolve) => thread.once("online", resolve));
  // Busy until the thread has renewed: it needs nothing of this event loop.
  const deadline = Date.now() + 10_000;
  while (Atomics.load(flag, 0) === 0 && Date.now() < deadline);
  expect(Atomics.load(flag, 0)).toBe(1);
  expect(await answer).toBe(true);
  await store.renew("other", 0, 10_000);
  await store.create(newRun("b"));
  const claims = await store.claim({
    worker: "worker-in-thread",
    limit: 9,
    suspects: 0,
    codes: new Set(["code"]),
    now: 900,
  });
  expect(claims.map(({ lease }) => lease.run)).toEqual(["b"]);
  await store.close();
  await thread.terminate();
});

test("what a transaction saw that was undone is forgotten: a set of codes whose number another takes", async () => {
  const path = join(temporary(), "runs.db");
  let broken = false;
  const one = sqliteWith(path, (db) => ({
    run: (sql, ...values) => {
      if (sql !== "COMMIT" || !broken) return db.run(sql, ...values);
      broken = false;
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    },
  }));
  const two = sqlite(path);
  await one.renew("u", 0, 1_000);
  const claim = (code: string) =>
    one
      .claim({ worker: "u", limit: 9, suspects: 0, codes: new Set([code]), now: 1 })
      .then((claims) => claims.map(({ lease }) => lease.run));
  broken = true;
  // One transaction: the claim sees the codes of a run that is never made.
  const undone = await Promise.allSettled([one.create({ ...newRun("undone"), codes: ["old"] }), claim("old")]);
  expect(undone.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await two.create({ ...newRun("made"), codes: ["new"] });
  expect(await claim("old")).toEqual([]);
  expect(await claim("new")).toEqual(["made"]);
  await Promise.all([one.close(), two.close()]);
});

test("a closed store says so, and its file can be opened again", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path);
  await store.create(newRun("a"));
  await store.close();
  expect(await failure(store.read("a"))).toMatchObject({ code: "PD3002", outcome: "refused" });
  const again = sqlite(path);
  expect((await again.read("a"))!.run).toBe("a");
  await again.close();
  const unused = sqlite(path);
  await unused.close();
  expect((await failure(unused.read("a"))).code).toBe("PD3002");
});
