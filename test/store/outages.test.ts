/**
 * What clients are told while a store is out, and workers do, on stores whose connections really break: the same bytes again, ever more slowly; an
 * answer once there is one, the same whether an earlier attempt had happened or not; else a coded error that says whether it may have.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { isPerdureError } from "perdure/internal/errors";
import type { Commit, Message, NewRun, Store } from "perdure/internal/store/store";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startServer } from "../dynamodb/server.ts";
import { QUICK, until, type World, world } from "../engine/support.ts";
import { startPostgres } from "../postgres-server.ts";
import { startFaultProxy } from "./postgres/fault-proxy.ts";

interface Outage {
  readonly store: Store;
  /** Nothing comes through from now on. */
  cut(): void;
  restore(): void;
  /** The next call is carried out, and its answer is lost. */
  loseAnswer(): void;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Outage> {
  const server = await startPostgres();
  const proxy = await startFaultProxy(server.port);
  // One connection, so that what breaks next is what is asked next.
  const store = postgres(server.url.replace(/:\d+\//, `:${proxy.port}/`), { connections: 1, notify: false });
  const { thread: _, ...here } = store;
  return {
    store: here,
    cut: () => proxy.cut(),
    restore: () => proxy.restore(),
    loseAnswer: () => proxy.breakNext("after"),
    async close() {
      await store.close();
      await proxy.close();
      await server.stop();
    },
  };
}

async function onDynamoDB(): Promise<Outage> {
  const server = await startServer();
  await ensureTable({ table: "outages", client: server.client, shards: 2 });
  let how: "well" | "cut" | "lost" = "well";
  const silence = (): never => {
    throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
  };
  const send = async (command: never): Promise<unknown> => {
    if (how === "cut") silence();
    const answer = await server.client.send(command);
    const isWrite = /^(Put|Update|TransactWrite)/.test((command as object).constructor.name);
    if (how !== "lost" || !isWrite) return answer;
    how = "well";
    return silence();
  };
  const store = dynamodb({ table: "outages", client: { send } as unknown as DynamoDBClient });
  return {
    store,
    cut: () => void (how = "cut"),
    restore: () => void (how = "well"),
    loseAnswer: () => void (how = "lost"),
    async close() {
      await store.close();
      await server.stop();
    },
  };
}

/** Has no connection that could break: its disk is full, or its acknowledgement is lost with the call. */
async function onSqlite(): Promise<Outage> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-outages-"));
  let how: "well" | "cut" | "lost" = "well";
  const fail = (message: string): never => {
    throw Object.assign(new Error(message), { code: "SQLITE_IOERR" });
  };
  const store = sqlite(join(folder, "runs.db"), {
    driver: "libsql",
    synchronous: "normal",
    failpoint: (point) => {
      if (how === "cut" && point === "sqlite:after-begin") fail("disk I/O error");
      if (how !== "lost" || point !== "sqlite:after-commit") return;
      how = "well";
      fail("disk I/O error");
    },
  });
  const { thread: _, ...here } = store;
  return {
    store: here,
    cut: () => void (how = "cut"),
    restore: () => void (how = "well"),
    loseAnswer: () => void (how = "lost"),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What was asked of the store, in the order asked, and what is done before each attempt. */
function watched(store: Store, before: (method: string, attempt: number) => void = () => {}) {
  const asked: Record<string, string[]> = { create: [], deliver: [], commit: [] };
  const note = (method: string, what: unknown): void => {
    asked[method]!.push(JSON.stringify(what));
    before(method, asked[method]!.length);
  };
  const over: Store = {
    ...store,
    create(run: NewRun) {
      note("create", run);
      return store.create(run);
    },
    deliver(run: string, incarnation: string | null, message: Message) {
      note("deliver", [run, incarnation, message]);
      return store.deliver(run, incarnation, message);
    },
    commit(group: readonly Commit[]) {
      note("commit", group);
      return store.commit(group);
    },
  };
  return { store: over, asked };
}

/** Pauses that are told and not made. */
function hasty() {
  const pauses: number[] = [];
  const host = {
    setTimeout(run: () => void, ms: number) {
      pauses.push(ms);
      return setTimeout(run, 0);
    },
    // As long as chance allows; ids are made of more bytes than a pause.
    random: (count: number) =>
      count === 4 ? new Uint8Array(4).fill(255) : crypto.getRandomValues(new Uint8Array(count)),
  };
  return { pauses, host };
}

const programs = { one: [["step", "a"]], approval: [["token"], ["step", "after"]] } as const;

let here: World;
const closing: (() => Promise<void>)[] = [];
afterEach(() => here.close());
afterAll(async () => {
  for (const close of closing) await close();
});

describe.for([
  ["postgres", onPostgres],
  ["dynamodb", onDynamoDB],
  ["sqlite", onSqlite],
] as const)("on %s", { timeout: 240_000 }, ([, open]) => {
  let opened: Promise<Outage> | undefined;
  const outage = async (): Promise<Outage> => {
    opened ??= open().then((made) => {
      closing.push(() => made.close());
      return made;
    });
    return opened;
  };
  const isTold = (error: unknown): boolean => {
    const { outcome, cause } = error as { outcome?: string; cause?: { outcome?: string } };
    return isPerdureError(error) && ["unknown", "refused"].includes(String(outcome ?? cause?.outcome));
  };

  test("start and resume go through an outage with the same bytes, ever more slowly", async () => {
    const place = await outage();
    here = world(programs);
    const { store, asked } = watched(place.store, (_, attempt) => {
      if (attempt % 5 === 4) place.restore();
    });
    const { pauses, host } = hasty();
    const worker = here.engine({ store: place.store });
    const client = here.engine({ store, host: { setTimeout: host.setTimeout } });
    place.cut();
    const run = await client.start(client.fn("approval"), [], { id: `through` });
    expect(asked["create"]!.length).toBeGreaterThanOrEqual(4);
    expect(new Set(asked["create"]).size).toBe(1);
    void worker.work(QUICK);
    await until(() => here.calls.length > 0, 30_000);
    const token = here.calls[0]!.args as string;
    place.cut();
    expect(await client.resume(token, { ok: true })).toBe("accepted");
    expect(asked["deliver"]!.length).toBeGreaterThanOrEqual(4);
    expect(new Set(asked["deliver"]).size).toBe(1);
    // Full jitter: each within what its number allows.
    expect(pauses.length).toBeGreaterThanOrEqual(6);
    for (const ms of pauses) expect(ms).toBeLessThanOrEqual(1_000);
    expect(((await run.result()) as unknown[])[0]).toEqual([{ ok: true }, "did announce"]);
    expect(await client.resume(token, { ok: false })).toBe("already-resumed");
  });

  test("one whose answer is lost had happened, and says so when it is asked again", async () => {
    const place = await outage();
    here = world(programs);
    const { store, asked } = watched(place.store);
    const client = here.engine({ store });
    place.loseAnswer();
    const run = await client.start(client.fn("approval"), [], { id: "lost" });
    expect(new Set(asked["create"]).size).toBe(1);
    const worker = here.engine({ store: place.store });
    void worker.work(QUICK);
    await until(() => here.calls.length > 0, 30_000);
    await worker.stop();
    place.loseAnswer();
    // Not `already-resumed`: it was this call that won.
    expect(await client.resume(here.calls[0]!.args as string, 7)).toBe("accepted");
    expect(new Set(asked["deliver"]).size).toBe(1);
    void here.engine({ store: place.store }).work(QUICK);
    expect(((await run.result()) as unknown[])[0]).toEqual([7, "did announce"]);
  });

  test("an outage that does not end is told with a code, and the same start is the same run afterwards", async () => {
    const place = await outage();
    here = world(programs);
    const { pauses, host } = hasty();
    const { store, asked } = watched(place.store);
    const client = here.engine({ store, host });
    place.cut();
    const failure = await client.start(client.fn("one"), [], { id: "later" }).catch((error: unknown) => error);
    expect(isTold(failure), String(failure)).toBe(true);
    expect(new Set(asked["create"]).size).toBe(1);
    // Twelve attempts, with as much between them as full jitter may take: doubled each time, to a second.
    expect(asked["create"]!.length).toBe(12);
    expect(pauses.map(Math.round)).toEqual([20, 40, 80, 160, 320, 640, ...Array<number>(5).fill(1_000)]);
    place.restore();
    const run = await client.start(client.fn("one"), [], { id: "later" });
    const again = await client.start(client.fn("one"), [], { id: "later" });
    expect(again.id).toBe(run.id);
    void here.engine({ store: place.store }).work(QUICK);
    expect(await again.result()).toEqual(["did a"]);
    expect(here.calls.length).toBe(1);
  });

  test("a worker commits through an outage with the same bytes", async () => {
    const place = await outage();
    here = world({
      two: [
        ["step", "a"],
        ["step", "b"],
      ],
    });
    let cuts = 0;
    const { store, asked } = watched(place.store, (method, attempt) => {
      // The third commit meets an outage that two repetitions do not outlast.
      if (method !== "commit") return;
      if (attempt === 2) {
        cuts++;
        place.cut();
      } else if (attempt === 4) place.restore();
    });
    const engine = here.engine({ store });
    const run = await engine.start(engine.fn("two"), [], { id: "worker" });
    void engine.work({ ...QUICK, lease: 60_000 });
    expect(await run.result()).toEqual(["did a", "did b"]);
    expect(cuts).toBe(1);
    const [, second, third, fourth] = asked["commit"]!;
    expect([third, fourth]).toEqual([second, second]);
    expect(here.calls.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});
