/** What `transaction` promises, on Postgres and SQLite, in this process. Deaths are in killed.test.ts. */
import { join } from "node:path";
import type { Store } from "perdure";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";
import { type Product, product, QUICK } from "../product.ts";
import { commitOf, drive } from "../store/fixtures.ts";

type App = typeof import("../../fixtures/transactions/app.ts");

let built: Product<App>;
let app: App;
let server: PostgresServer;
let pool: pg.Pool;
let stores = 0;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  built = await product<App>("transactions", "app");
  app = await built.open();
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 20 });
  pool.on("error", () => {});
  await pool.query(`CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL);
    INSERT INTO accounts VALUES (1, 100), (2, 0);
    CREATE TABLE moves (run text NOT NULL, n integer NOT NULL)`);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
  built.remove();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const kept = <S extends Store>(store: S): S => {
  open.push(store);
  return store;
};
const onPostgres = (): Store => kept(app.postgres(pool, { schema: `store_${++stores}` }));
const onSqlite = (): Store => kept(app.sqlite(join(built.folder, `runs-${++stores}.db`)));

const KEYS = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
const sealing = (make: () => Store) => (): Store => kept(app.encrypted(make(), { keys: KEYS }));

/** An engine at work, until the test ends. */
function working(store: Store, seen: unknown[] = []) {
  const engine = app.createEngine({ store, observe: (event) => seen.push(event) });
  void engine.work(QUICK);
  open.push({ close: () => engine.stop() });
  return engine;
}
/** The reason of the run once it is blocked. */
async function blocked(store: Store, fn: (...args: never[]) => unknown, ...args: unknown[]): Promise<string> {
  const run = await working(store).start(fn as (...args: unknown[]) => unknown, args);
  const error = await run.result().then(
    (value) => new Error(`it gave ${String(value)}`),
    (reason: unknown) => reason as Error,
  );
  return error.message;
}

describe.each([
  ["postgres", onPostgres],
  ["sqlite", onSqlite],
  ["postgres, encrypted", sealing(() => onPostgres())],
  ["sqlite, encrypted", sealing(() => onSqlite())],
] as const)("on %s", (name, make) => {
  it("gives back what the body changed, captured and returned, as any step does", async () => {
    const run = await working(make()).start(app.captured, [name.startsWith("sqlite") ? "sqlite" : "postgres"]);
    expect(await run.result()).toEqual({
      same: true,
      inside: true,
      order: { items: ["tea", "cup"], total: 5 },
      at: 0,
      more: 1n,
    });
  });

  it("runs nothing for a lease that is not valid, or for a message that was delivered", async () => {
    const store = make();
    const [lease] = await drive(store, "a");
    let calls = 0;
    const work = async (): Promise<string> => `"${++calls}"`;
    expect(await store.transaction!({ ...lease!, epoch: 99 }, "step:1", work)).toBe("fenced");
    expect(calls).toBe(0);
    expect(await store.transaction!(lease!, "step:1", work)).toBe("committed");
    expect(await store.transaction!(lease!, "step:1", work)).toBe("duplicate");
    expect(calls).toBe(1);
    expect(await store.inbox(lease!, 0)).toEqual([{ seq: 1, key: "step:1", body: '"1"' }]);
    expect(await store.transaction!(lease!, "step:2", async () => null)).toBe("rolled-back");
    expect((await store.inspect("a"))!.head.inboxSeq).toBe(1);
  });

  it("is fenced at its end when the lease ended meanwhile", async () => {
    const store = make();
    const [lease] = await drive(store, "a");
    if (name.startsWith("sqlite")) return; // Nothing comes between: the lock of the file is held.
    const outcome = store.transaction!(lease!, "step:1", async () => {
      await store.commit([commitOf(lease!, 0, { release: true })]);
      return '"late"';
    });
    expect(await outcome).toBe("fenced");
    expect((await store.inspect("a"))!.inbox).toEqual([]);
  });
});

it.each([
  ["postgres", onPostgres],
  ["sqlite", onSqlite],
])("on an encrypted %s the result is committed sealed, and only there", async (_, make) => {
  const inner = make();
  const store = kept(app.encrypted(inner, { keys: KEYS }));
  const [lease] = await drive(store, "a");
  expect(await store.transaction!(lease!, "step:1", async () => '"Tyrannosaurus"')).toBe("committed");
  const [raw] = await inner.inbox(lease!, 0);
  expect(raw!.body).toMatch(/^perdure-sealed:1:k:/);
  expect(await store.inbox(lease!, 0)).toEqual([{ seq: 1, key: "step:1", body: '"Tyrannosaurus"' }]);
  // Closing waits for a transaction that is under way.
  const late = store.transaction!(lease!, "step:2", async () => '"late"');
  await store.close();
  expect(await late).toBe("committed");
  await expect(store.transaction!(lease!, "step:3", async () => "1")).rejects.toThrow("PD3002");
});

it("a store without transactions has none when it is encrypted", async () => {
  const message = await blocked(app.encrypted(app.memory(), { keys: KEYS }), app.captured, "memory");
  expect(message).toMatch(/PD2513: .*encrypted memory/);
});

it("runs the body again after a serialization failure", async () => {
  const store = onPostgres();
  const [a, b] = await drive(store, "a", "b");
  await pool.query("UPDATE accounts SET balance = 100 WHERE id = 1");
  let calls = 0;
  let meet: () => void = () => {};
  const both = new Promise<void>((resolve) => (meet = resolve));
  const work = async (client: unknown): Promise<string> => {
    const { query } = client as pg.PoolClient;
    const { rows } = await query("SELECT balance FROM accounts WHERE id = 1");
    if (++calls === 2) meet();
    await both;
    await query("UPDATE accounts SET balance = $1 WHERE id = 1", [Number(rows[0].balance) - 1]);
    return "null";
  };
  const outcomes = [a, b].map((lease) => store.transaction!(lease!, "step:1", work, "serializable"));
  expect(await Promise.all(outcomes)).toEqual(["committed", "committed"]);
  expect(calls).toBeGreaterThan(2);
  expect((await pool.query("SELECT balance FROM accounts WHERE id = 1")).rows).toEqual([{ balance: 98 }]);
});

describe("what cannot be committed blocks the run, and is rolled back", () => {
  it.each([
    ["COMMIT", /PD3212: .*may not run `COMMIT`/],
    ["swallowed", /PD3212: .*savepoint/],
    ["unsavable", /PD4\d\d\d/],
  ])("%s", async (what, message) => {
    expect(await blocked(onPostgres(), app.misused, what)).toMatch(message);
  });

  it("an asynchronous body on SQLite", async () => {
    expect(await blocked(onSqlite(), app.asynchronous)).toMatch(/PD3112: .*asynchronous/);
  });

  it("a store without transactions", async () => {
    expect(await blocked(app.memory(), app.captured, "memory")).toMatch(/PD2513: .*memory/);
  });
});

it("a savepoint may be rolled back to", async () => {
  const run = await working(onPostgres()).start(app.misused, ["SAVEPOINT a; ROLLBACK TO a"]);
  expect(await run.result()).toBe("done");
});

it("outside a run there is no transaction", async () => {
  await expect(app.captured("sqlite")).rejects.toThrow("PD2214");
});
