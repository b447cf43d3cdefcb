/** Encrypted stores under whole runs: what a reader of the file sees, what a writer of the file can do, and lost keys. */
import { readFileSync } from "node:fs";
import Database from "libsql";
import type { Engine, Store } from "perdure";
import type { SecretKey } from "perdure/encryption";
import type { Commit } from "perdure/internal/store/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { storeFile } from "../end-to-end/app.ts";
import { type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("../../fixtures/triggers/app.ts");

const first: SecretKey = { id: "2026-10", secret: "a first secret of at least 32 bytes" };
const second: SecretKey = { id: "2026-11", secret: "a second secret of at least 32 bytes" };
const third: SecretKey = { id: "2026-12", secret: "a third secret of at least 32 bytes." };
const MARK = "Tyrannosaurus";

let built: Product<App>;
let app: App;
beforeAll(async () => {
  built = await product<App>("triggers", "app");
  app = await built.open();
});
afterAll(() => built.remove());

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
});

/** An engine at work on the file with these keys. */
function working(file: string, keys: readonly SecretKey[], plaintext?: "read"): Engine {
  const store = app.encrypted(app.sqlite(file), { keys, ...(plaintext && { plaintext }) });
  const engine = app.createEngine({ store, observe: () => {} }) as Engine;
  engines.push(engine);
  void engine.work(QUICK);
  return engine;
}
const stop = async (engine: Engine) => {
  engines.splice(engines.indexOf(engine), 1);
  await engine.stop();
};
const file = () => storeFile(built);
/** Changes the file as somebody would who can write it. */
const tamper = (path: string, sql: string): void => {
  const db = new Database(path);
  db.exec(sql);
  db.close();
};
const bytesOf = (path: string): string => ["", "-wal"].map((end) => readFileSync(`${path}${end}`, "latin1")).join("\n");

const waiting = async (engine: Engine, subject: string) => {
  const run = await engine.start(app.approval, [subject], { id: subject });
  await until(async () => app.invited.has(subject) && (await run.status()).status === "waiting");
  return run;
};

describe("the file", () => {
  it("shows nothing that a run holds, is sent or returns", async () => {
    const path = file();
    const engine = working(path, [first]);
    const run = await engine.start(app.approval, [MARK], { id: "quiet" });
    await until(() => app.invited.has(MARK));
    await engine.resume(app.invited.get(MARK)!, { ok: true, by: `${MARK} rex` });
    expect(await run.result()).toBe(`${MARK}: true by ${MARK} rex`);
    expect(bytesOf(path)).not.toContain(MARK);
    expect(bytesOf(path)).toContain("perdure-sealed:1:2026-10:");

    // The same without encryption is there to be read: the test can fail.
    const open = file();
    const plain = app.createEngine({ store: app.sqlite(open) }) as Engine;
    engines.push(plain);
    void plain.work(QUICK);
    await (await plain.start(app.echo, [MARK])).result();
    expect(bytesOf(open)).toContain(MARK.toUpperCase());
  });

  it("shows nothing of why a run is blocked", async () => {
    const path = file();
    const engine = working(path, [first]);
    const run = await engine.start(app.unsavable, [MARK], { id: "blocked" });
    await until(async () => (await run.status()).status === "blocked");
    expect((await run.status()).reason!.message).toContain("PD4001");
    expect(bytesOf(path)).not.toContain("PD4001");
  });
});

describe("keys", () => {
  it("rotate: the old one reads what it wrote, the new one writes", async () => {
    const path = file();
    const before = working(path, [first]);
    await waiting(before, "rotated");
    await stop(before);
    const after = working(path, [second, first]);
    await after.resume(app.invited.get("rotated")!, { ok: true });
    expect(await after.run("rotated").result()).toBe("rotated: true by somebody");
    await stop(after);
    // All that is left of the ended run was written by the new one.
    expect(await working(path, [second]).run("rotated").result()).toBe("rotated: true by somebody");
  });

  it("that are missing block the run, which goes on by itself when they are back", async () => {
    const path = file();
    const before = working(path, [first]);
    await waiting(before, "locked");
    await stop(before);
    const without = working(path, [second]);
    await without.resume(app.invited.get("locked")!, { ok: true });
    const { reason } = await untilBlocked(without, "locked");
    expect(reason!.message).toMatch(
      /PD3902: segment \d+ \(\w+\) of incarnation \w+ was encrypted with the key "2026-10"/,
    );
    // Others go on beside it.
    expect(await (await without.start(app.echo, ["x"])).result()).toBe("X");
    await stop(without);
    const back = working(path, [second, first]);
    await until(async () => (await back.run("locked").status()).status === "done");
    expect(await back.run("locked").result()).toBe("locked: true by somebody");
  });

  it("that are lost keep nobody from seeing a run, nor from ending it", async () => {
    const path = file();
    const before = working(path, [first]);
    await waiting(before, "lost");
    await stop(before);
    // Why it is blocked is written with a key that is lost, too.
    const without = working(path, [second]);
    await without.resume(app.invited.get("lost")!, { ok: true });
    await untilBlocked(without, "lost");
    await stop(without);
    const later = working(path, [third]);
    expect((await later.run("lost").status()).reason).toMatchObject({ code: "PD3902" });
    expect(await later.run("lost").terminate("its keys are lost")).toBe(true);
    await expect(later.run("lost").result()).rejects.toThrow("its keys are lost");
    expect((await later.run("lost").status()).status).toBe("cancelled");
  });

  it("of the same name with another secret are found out", async () => {
    const path = file();
    const before = working(path, [first]);
    await waiting(before, "exchanged");
    await stop(before);
    const after = working(path, [{ ...first, secret: second.secret }]);
    await after.resume(app.invited.get("exchanged")!, null);
    expect((await untilBlocked(after, "exchanged")).reason!.code).toBe("PD3903");
  });

  it.each([
    ["none", []],
    ["a short secret", [{ id: "a", secret: "short" }]],
    ["one id twice", [first, first]],
  ])("are refused: %s", (_, keys) => {
    expect(() => app.encrypted(app.sqlite(file()), { keys })).toThrow("PD3901");
  });
});

/** As it was found blocked: each sweep tries it again. */
async function untilBlocked(engine: Engine, id: string) {
  let found = await engine.run(id).status();
  await until(async () => (found = await engine.run(id).status()).status === "blocked");
  return found;
}

describe("whoever can write the file cannot", () => {
  const cases: readonly (readonly [string, (a: string, b: string) => string])[] = [
    ["put another run's state in its place", (a, b) => exchange(a, b)],
    [
      "change a text",
      (a) => `UPDATE segments SET text = replace(text, substr(text, 60, 4), 'AAAA') WHERE run = ${idOf(a)}`,
    ],
    ["cut a text", (a) => `UPDATE segments SET text = substr(text, 1, 100) WHERE run = ${idOf(a)}`],
    ["put text of their own there", (a) => `UPDATE segments SET text = '{"perdure":1}' WHERE run = ${idOf(a)}`],
    [
      "take a delta for a base",
      (a) =>
        `UPDATE segments SET kind = 'base' WHERE run = ${idOf(a)}; UPDATE segments SET kind = 'delta' WHERE previous IS NULL AND run = ${idOf(a)}`,
    ],
    [
      "put an older delta in the place of a newer",
      (a) =>
        `UPDATE segments SET text = (SELECT text FROM segments WHERE run = ${idOf(a)} ORDER BY position DESC LIMIT 1 OFFSET 1) WHERE run = ${idOf(a)} AND position = (SELECT max(position) FROM segments WHERE run = ${idOf(a)})`,
    ],
  ];
  let serial = 0;
  it.each(cases)("%s", async (_, change) => {
    const path = file();
    const [a, b] = [`a${++serial}`, `b${serial}`] as const;
    const before = working(path, [first]);
    await waiting(before, a);
    await waiting(before, b);
    await stop(before);
    tamper(path, change(a, b));
    const after = working(path, [first]);
    await after.resume(app.invited.get(a)!, null);
    expect((await untilBlocked(after, a)).reason!.code).toMatch(/^PD390[34]$/);
  });
});
const idOf = (run: string): string => `(SELECT id FROM runs WHERE run = '${run}')`;
const exchange = (a: string, b: string): string =>
  `CREATE TEMP TABLE kept AS SELECT position, text FROM segments WHERE run = ${idOf(b)};
   UPDATE segments SET text = (SELECT text FROM kept WHERE kept.position = segments.position) WHERE run = ${idOf(a)}
     AND position IN (SELECT position FROM kept)`;

it("a store that was used without encryption before is read, when that is allowed", async () => {
  const path = file();
  const plain = app.createEngine({ store: app.sqlite(path) }) as Engine;
  engines.push(plain);
  void plain.work(QUICK);
  await waiting(plain, "before");
  await stop(plain);
  const strict = working(path, [first]);
  await strict.resume(app.invited.get("before")!, { ok: true });
  expect((await untilBlocked(strict, "before")).reason!.code).toBe("PD3904");
  await stop(strict);
  const after = working(path, [first], "read");
  await until(async () => (await after.run("before").status()).status === "done");
  expect(await after.run("before").result()).toBe("before: true by somebody");
});

it("a commit that is repeated is repeated with the same bytes", async () => {
  const path = file();
  const seen: string[] = [];
  const inner = app.sqlite(path);
  let lost = 3;
  const losing: Store = {
    ...(Object.fromEntries(Object.entries(inner).map(([name, value]) => [name, value])) as unknown as Store),
    async commit(group: readonly Commit[]) {
      seen.push(JSON.stringify(group.map(({ commitId, segment }) => [commitId, segment])));
      const answer = await inner.commit(group);
      if (lost-- > 0) throw Object.assign(new Error("no answer"), { outcome: "unknown" });
      return answer;
    },
  };
  const engine = app.createEngine({ store: app.encrypted(losing, { keys: [first] }), observe: () => {} }) as Engine;
  engines.push(engine);
  void engine.work(QUICK);
  expect(await (await engine.start(app.echo, ["again"])).result()).toBe("AGAIN");
  expect(seen.length).toBeGreaterThan(3);
  expect(new Set(seen.slice(0, 4)).size).toBe(1);
});
