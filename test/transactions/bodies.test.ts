/** Bodies of `transaction` that do what would end it, undo it or hold it up: nothing is committed by halves, and the run is told. */
import { join } from "node:path";
import Database from "libsql";
import type { Store } from "perdure";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";
import { type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("../../fixtures/transactions/app.ts");

const LESS = "UPDATE accounts SET balance = balance - 10 WHERE id = 1";
const MORE = "UPDATE accounts SET balance = balance + 10 WHERE id = 2";

let built: Product<App>;
let app: App;
let stores = 0;
const open: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  built = await product<App>("transactions", "app");
});
beforeEach(async () => {
  app = await built.open();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(() => built.remove());

function working(store: Store) {
  open.push(store);
  const engine = app.createEngine({ store, observe: () => {} });
  void engine.work(QUICK);
  open.push({ close: () => engine.stop() });
  return engine;
}

/** Its result, or the message of the reason for which it is blocked. */
async function ended(store: Store, fn: unknown, ...args: unknown[]): Promise<unknown> {
  const run = await working(store).start(fn as (...args: unknown[]) => unknown, args);
  return run.result().catch((error: Error) => error.message);
}

describe("on SQLite", () => {
  const tables = `CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL); INSERT INTO accounts VALUES (1, 100), (2, 0);
    CREATE TABLE seen (k text PRIMARY KEY); INSERT INTO seen VALUES ('x'); CREATE TABLE audit (t text);
    CREATE TABLE parent (id integer PRIMARY KEY);
    CREATE TABLE child (parent integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER undoing BEFORE INSERT ON audit WHEN NEW.t = 'undo' BEGIN SELECT RAISE(ROLLBACK, 'undone'); END`;

  async function on(options: object = {}) {
    const path = join(built.folder, `bodies-${++stores}.db`);
    const store = app.sqlite(path, options);
    await store.read("none");
    const db = new Database(path);
    db.exec(tables);
    const rows = (sql: string) => db.prepare(sql).all() as Record<string, number>[];
    const balances = () => rows("SELECT balance FROM accounts ORDER BY id").map(({ balance }) => balance);
    open.push({ close: async () => void db.close() });
    return { store, rows, balances };
  }

  it.each([
    ["INSERT OR ROLLBACK", "?INSERT OR ROLLBACK INTO seen VALUES ('x')"],
    ["RAISE(ROLLBACK)", "?INSERT INTO audit VALUES ('undo')"],
  ])("a statement that undoes all before it, caught: %s", async (_, sql) => {
    const { store, balances } = await on();
    expect(await ended(store, app.statementsOnSqlite, LESS, sql, MORE)).toMatch(/PD3112: .*rolled everything back/);
    expect(balances()).toEqual([100, 0]);
  });

  it("the same as the last statement", async () => {
    const { store, balances } = await on();
    const sql = "?INSERT OR ROLLBACK INTO seen VALUES ('x')";
    expect(await ended(store, app.statementsOnSqlite, LESS, sql)).toMatch(/PD3112: .*rolled everything back/);
    expect(balances()).toEqual([100, 0]);
  });

  it("the same, thrown, is the body's own error", async () => {
    const { store, balances } = await on();
    const sql = "INSERT OR ROLLBACK INTO seen VALUES ('x')";
    expect(await ended(store, app.statementsOnSqlite, LESS, sql)).toMatch(/^caught UNIQUE constraint failed/);
    expect([balances(), app.bodies.calls]).toEqual([[100, 0], 1]);
  });

  it("a file that may not grow, caught: it is tried again until there is room", async () => {
    const { store, balances, rows } = await on({ maxBytes: 400_000 });
    const engine = working(store);
    const audit = Array.from({ length: 60 }, () => "?INSERT INTO audit VALUES (hex(zeroblob(9000)))");
    const run = await engine.start(app.statementsOnSqlite, [LESS, ...audit, MORE]);
    await until(() => app.bodies.calls > 1);
    expect(balances()).toEqual([100, 0]);
    expect(rows("PRAGMA page_count")[0]!["page_count"]! * 4096).toBeLessThan(410_000);
    expect((await run.status()).status).toBe("waiting");
  });

  it.each([
    "COMMIT",
    "-- done\nCOMMIT",
    "/* app:bank */ commit",
    " ;ROLLBACK",
    "PRAGMA foreign_keys = OFF",
  ])("%s is refused", async (sql) => {
    const { store, balances } = await on();
    expect(await ended(store, app.statementsOnSqlite, LESS, `?${sql}`)).toMatch(/PD3112: .*may not run/);
    expect([balances(), app.bodies.calls]).toEqual([[100, 0], 1]);
  });

  it("several statements in one text are refused, as only the first would be run", async () => {
    const { store, balances } = await on();
    expect(await ended(store, app.statementsOnSqlite, `${LESS}; ${MORE}`)).toMatch(/PD3112: .*several statements/);
    expect(balances()).toEqual([100, 0]);
  });

  it("semicolons in texts, comments, triggers and at the end are none", async () => {
    const { store, rows } = await on();
    const statements = [
      "INSERT INTO audit VALUES ('a; b'';c') ; -- done; really",
      "CREATE TRIGGER t AFTER UPDATE ON accounts BEGIN INSERT INTO audit VALUES ('u'); INSERT INTO audit VALUES ('v'); END;",
      LESS,
    ];
    expect(await ended(store, app.statementsOnSqlite, ...statements)).toBe("committed");
    expect(rows("SELECT t FROM audit")).toEqual([{ t: "a; b';c" }, { t: "u" }, { t: "v" }]);
  });

  it("a constraint that is judged at COMMIT is the body's own error", async () => {
    const { store, rows } = await on();
    expect(await ended(store, app.statementsOnSqlite, "INSERT INTO child VALUES (99)")).toMatch(
      /^caught .*FOREIGN KEY constraint failed/,
    );
    expect([rows("SELECT * FROM child"), app.bodies.calls]).toEqual([[], 1]);
  });

  it("run() counts what a statement with RETURNING has changed", async () => {
    const { store, rows } = await on();
    expect(await ended(store, app.statementsOnSqlite, "INSERT INTO audit VALUES ('a') RETURNING t")).toBe("committed");
    expect(rows("SELECT t FROM audit")).toEqual([{ t: "a" }]);
  });

  it.each([
    ["SELECT ? AS a, ? AS b", [1], /takes 2 values, and was given 1/],
    ["SELECT :a + :b + :a AS n", [1, 2], [{ n: 4 }]],
    ["SELECT ?2 AS n", [1, 2], [{ n: 2 }]],
    ["SELECT 1 AS a$b, [x:y] FROM (SELECT 2 AS [x:y])", [], [{ a$b: 1, "x:y": 2 }]],
    ["SELECT '?' AS q, ? AS n", [2], [{ q: "?", n: 2 }]],
    ["SELECT ? AS a", [true], /value 1 of .* is true: a text, a number, bytes or null is wanted/],
    ["SELECT ? AS a", [undefined], /is undefined/],
    ["SELECT ? AS a", [new Date(0)], /is an object/],
    ["SELECT ? AS a, typeof(?) AS t", [null, "x"], [{ a: null, t: "text" }]],
  ])("%s with %j", async (sql, values, wanted) => {
    const { store } = await on();
    const answer = await ended(store, app.valuesOnSqlite, sql, ...values);
    if (wanted instanceof RegExp) expect(answer).toMatch(wanted);
    else expect(answer).toEqual(wanted);
  });
});

describe("on Postgres", () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on("error", () => {});
    await pool.query(`CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL); INSERT INTO accounts VALUES (1, 100), (2, 0);
      CREATE TABLE slots (id int PRIMARY KEY, place int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO slots VALUES (1, 1), (2, 2);
      CREATE ROLE tenant; GRANT SELECT ON accounts TO tenant;
      CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$`);
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  beforeEach(() => pool.query("UPDATE accounts SET balance = 100"));
  const on = (options: object = {}): Store => app.postgres(server.url, { schema: `bodies_${++stores}`, ...options });
  const balance = async () => (await pool.query("SELECT balance FROM accounts WHERE id = 1")).rows[0].balance;

  it.each([
    "/* app:bank */ COMMIT",
    "-- done\nEND",
    `${LESS}; COMMIT`,
    "SELECT $a$;$a$; rollback",
  ])("%s is refused", async (sql) => {
    expect(await ended(on(), app.statementsOnPostgres, "commits", LESS, sql)).toMatch(/PD3212: .*may not run/);
    expect([await balance(), app.bodies.calls]).toEqual([100, 1]);
  });

  it.each([
    "SELECT '; COMMIT' AS text",
    'SELECT 1 AS "; COMMIT"',
    "SELECT $q$; COMMIT$q$",
    "SELECT 1 -- ; COMMIT",
  ])("%s is not", async (sql) =>
    expect(await ended(on(), app.statementsOnPostgres, "commits", LESS, sql)).toBe("committed"));

  it("a constraint that is judged at COMMIT is the body's own error", async () => {
    const sql = "UPDATE slots SET place = 2 WHERE id = 1";
    expect(await ended(on(), app.statementsOnPostgres, "commits", sql)).toMatch(/^caught duplicate key value/);
    expect(app.bodies.calls).toBe(1);
  });

  it("a transaction that the body has made read-only blocks the run", async () => {
    const sql = "SET TRANSACTION READ ONLY";
    expect(await ended(on(), app.statementsOnPostgres, "commits", sql)).toMatch(/PD3212: .*read-only/);
  });

  it("the body may take another role", async () => {
    const statements = ["SET LOCAL ROLE tenant", "SELECT 1 FROM accounts"];
    expect(await ended(on(), app.statementsOnPostgres, "commits", ...statements)).toBe("committed");
  });

  it("one whose worker stops lets go of its locks, so that another can take the run up", async () => {
    const [first, second] = [on({ schema: "bodies_handed" }), on({ schema: "bodies_handed" })];
    const engine = app.createEngine({ store: first, observe: () => {} });
    void engine.work(QUICK);
    const run = await engine.start(app.hangsOnce, []);
    await until(() => app.bodies.calls === 1);
    await engine.stop();
    await first.close();
    expect(await working(second).run(run.id).result()).toBe("committed");
  });

  it("bodies that wait for calls of the store leave it connections for them", async () => {
    const engine = working(on());
    app.bodies.meanwhile = (n) => engine.start(app.child, [n], { id: `child-${n}` });
    const run = await engine.start(app.besides, [8]);
    expect(await run.result()).toBe(8);
  });

  it("one connection is enough", async () => {
    expect(await ended(on({ connections: 1 }), app.statementsOnPostgres, "commits", LESS)).toBe("committed");
  });
});
