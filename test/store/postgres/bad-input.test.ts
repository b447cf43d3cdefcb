/** What a database may be that this store cannot use: a coded error that says so, before anything is written; and it works once it is mended. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Store } from "perdure/internal/store/store";
import { postgres, postgresSchema } from "perdure/postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, failure, newRun, temporary } from "../fixtures.ts";

let server: PostgresServer;
let pool: pg.Pool;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 10 });
  pool.on("error", () => {});
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const kept = (store: Store): Store => {
  open.push(store);
  return store;
};
/** The server's address with another user, database or settings. */
const address = (change: (url: URL) => void): string => {
  const url = new URL(server.url);
  change(url);
  return url.href;
};
const create = (store: Store) => failure(store.create(newRun("a")));

test("a server that is not there, and one that comes back", async () => {
  const nobody = kept(postgres(address((url) => (url.port = "1"))));
  expect(await create(nobody)).toMatchObject({ code: "PD3202", outcome: "refused" });
  // The same where a session is opened and ended by the administrator.
  const store = kept(postgres(pool, { schema: "ended" }));
  await store.create(newRun("a"));
  await pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
  );
  for (let n = 0; (await store.read("a").catch(() => null)) === null; n++) expect(n).toBeLessThan(20);
});

describe("an account", () => {
  test("with a wrong password", async () => {
    const store = kept(postgres(address((url) => (url.password = "wrong"))));
    expect(await create(store)).toMatchObject({ code: "PD3203", outcome: "refused" });
  });

  test("of a database that does not exist", async () => {
    const store = kept(postgres(address((url) => (url.pathname = "/nowhere"))));
    expect(await create(store)).toMatchObject({ code: "PD3203", outcome: "refused" });
  });

  test("that may not make a schema, nor use one; and goes on once it may", async () => {
    await pool.query("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const store = kept(
      postgres(
        address((url) => Object.assign(url, { username: "guest", password: "guest" })),
        { schema: "guests" },
      ),
    );
    expect(await create(store)).toMatchObject({ code: "PD3203", outcome: "refused" });
    await pool.query("GRANT CREATE ON DATABASE postgres TO guest");
    expect(await store.create(newRun("a"))).toEqual({ type: "created" });
  });
});

test("a database in another encoding", async () => {
  await pool.query("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  const store = kept(postgres(address((url) => (url.pathname = "/latin"))));
  expect(await create(store)).toMatchObject({ code: "PD3204", outcome: "refused" });
});

describe("a schema", () => {
  test("with tables of somebody else's is left alone", async () => {
    await pool.query("CREATE SCHEMA foreign_runs; CREATE TABLE foreign_runs.runs (mine text)");
    expect(await create(kept(postgres(pool, { schema: "foreign_runs" })))).toMatchObject({ code: "PD3205" });
    expect((await pool.query("SELECT * FROM foreign_runs.runs")).fields.map(({ name }) => name)).toEqual(["mine"]);
  });

  test.each(["", "a b", 'a"; DROP SCHEMA public; --', "x".repeat(41)])("cannot be named %j", (schema) => {
    expect(() => postgres(pool, { schema })).toThrow("PD3205");
  });

  test("of a newer version is refused untouched", async () => {
    await kept(postgres(pool, { schema: "newer" })).create(newRun("a"));
    await pool.query("INSERT INTO newer.migrations (version) VALUES (99)");
    const store = kept(postgres(pool, { schema: "newer" }));
    expect(await create(store)).toMatchObject({ code: "PD3206", outcome: "refused" });
    expect((await failure(store.create(newRun("a")))).message).toContain("99");
  });

  test("that is missing is not made without leave; by hand it is", async () => {
    const store = kept(postgres(pool, { schema: "by_hand", migrate: false }));
    expect(await create(store)).toMatchObject({ code: "PD3207", outcome: "refused" });
    await pool.query(postgresSchema("by_hand"));
    expect(await store.create(newRun("a"))).toEqual({ type: "created" });
    // Taken away under the open store.
    await pool.query("DROP SCHEMA by_hand CASCADE");
    expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3207", outcome: "refused" });
  });
});

/** A pool whose statements fail as the server would say. */
const failing = (state: string, message: string): pg.Pool =>
  new Proxy(pool, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property !== "connect") return typeof value === "function" ? value.bind(target) : value;
      return async () => {
        const client = await target.connect();
        const query = async (one: { text: string }) => {
          if (/INSERT INTO "\w+"\.runs/.test(one.text))
            throw Object.assign(new Error(message), { code: state, severity: "ERROR" });
          return client.query(one);
        };
        return new Proxy(client, {
          get(of, name) {
            if (name === "query") return query;
            const own: unknown = Reflect.get(of, name);
            return typeof own === "function" ? own.bind(of) : own;
          },
        });
      };
    },
  });

test.each([
  ["53100", "PD3208", "refused"],
  ["25006", "PD3209", "refused"],
  ["53300", "PD3202", "refused"],
  ["57P01", "PD3211", "unknown"],
  ["40003", "PD3211", "unknown"],
  ["XX000", "PD3211", "unknown"],
  ["22003", "PD3211", "refused"],
])("what the server says with SQLSTATE %s is %s, %s", async (state, code, outcome) => {
  const schema = `state_${state.toLowerCase()}`;
  const store = kept(postgres(failing(state, "says the server"), { schema }));
  expect(await create(store)).toMatchObject({ code, outcome });
  expect((await create(store)).message).toContain("says the server");
  expect(await kept(postgres(pool, { schema })).create(newRun("a"))).toEqual({ type: "created" });
});

describe("numbers of a run that somebody else has written", () => {
  const HUGE = "9200000000000000000";
  const damaged = async (schema: string, column: string, value: string) => {
    const store = kept(postgres(pool, { schema }));
    const leases = await drive(store, "a", "b");
    await pool.query(`UPDATE ${schema}.runs SET ${column} = ${value} WHERE run = 'a'`);
    return { store, leases };
  };

  test("an epoch that is none: the lease is not valid, and no number is made up", async () => {
    const { store, leases } = await damaged("epochs", "epoch", `-${HUGE}`);
    expect(await store.commit(leases.map((lease) => commitOf(lease, 0)))).toEqual([
      { type: "fenced", epoch: null },
      { type: "ok", position: 1, inboxSeq: 0 },
    ]);
  });

  test("more mail than there can be: what is committed is known all the same, alone, in a group, and repeated", async () => {
    const { store, leases } = await damaged("mail", "inbox_seq", HUGE);
    const turn = (position: number) => leases.map((lease) => commitOf(lease, position));
    const ok = (position: number) => ({ type: "ok", position, inboxSeq: 0 });
    expect(await store.commit(turn(0).slice(0, 1))).toEqual([ok(1)]);
    expect(await store.commit(turn(0).slice(0, 1))).toEqual([ok(1)]);
    await store.commit(turn(0).slice(1));
    expect(await store.commit(turn(1))).toEqual([ok(2), ok(2)]);
    expect(await store.commit(leases.map((lease) => commitOf(lease, 2, { release: true })))).toEqual([ok(3), ok(3)]);
  });
});

test("a database that takes no writes", async () => {
  await kept(postgres(pool, { schema: "standby" })).create(newRun("a"));
  const readOnly = address((url) => url.searchParams.set("options", "-c default_transaction_read_only=on"));
  const store = kept(postgres(readOnly, { schema: "standby" }));
  expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3209", outcome: "refused" });
  expect((await store.read("a"))!.run).toBe("a");
});

test("ids and keys that an index cannot hold", async () => {
  const store = kept(postgres(pool, { schema: "long" }));
  const [lease] = await drive(store, "a");
  const long = "é".repeat(1_301);
  expect(await failure(store.create(newRun(long)))).toMatchObject({ code: "PD3210", outcome: "refused" });
  const message = { key: long, body: "1" };
  expect(await failure(store.deliver("a", null, message))).toMatchObject({ code: "PD3210", outcome: "refused" });
  expect(await store.commit([commitOf(lease!, 0)])).toMatchObject([{ type: "ok", inboxSeq: 0 }]);
  // The longest that fits.
  const longest = "é".repeat(1_300);
  expect(await store.create(newRun(longest))).toEqual({ type: "created" });
  expect((await store.read(longest))!.run).toBe(longest);
});

test("without pg the error says what to install, and only when the store is used", async () => {
  const directory = temporary();
  cpSync(new URL("../../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const alone = (await import(pathToFileURL(join(directory, "dist/store/postgres/index.js")).href)) as {
    postgres: typeof postgres;
  };
  const error = await create(alone.postgres("postgres://nobody@localhost/nowhere"));
  expect(error).toMatchObject({ code: "PD3201", outcome: "refused", message: expect.stringContaining("npm i pg") });
});
