/**
 * The store contract on a network that breaks. Every third call meets a broken connection and is repeated, as the engine does:
 * calls whose repetition answers alike lose their answer, or are overtaken by their own repetition; the others never arrive.
 */

import { encrypted } from "perdure/encryption";
import type { Store, StoreFailure } from "perdure/internal/store/store";
import { postgres } from "perdure/postgres";
import { storeConformance } from "perdure/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, failure, newRun } from "../fixtures.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

/** Whose answer may be lost: the repetition hears the same. */
const REPEATABLE: ReadonlySet<PropertyKey> = new Set<keyof Store>([
  ...(["create", "renew", "retire", "commit", "compact", "acknowledge", "load", "owned", "inbox"] as const),
  ...(["pendingOutbox", "inspect", "read", "list", "nextWake"] as const),
]);
const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
const FAULTS: readonly Fault[] = ["before", "after", "during"];

let server: PostgresServer;
let proxy: FaultProxy;
let pool: pg.Pool;
let schemas = 0;
const seen = { refused: 0, unknown: 0 };

beforeAll(async () => {
  server = await startPostgres();
  proxy = await startFaultProxy(server.port);
  pool = new pg.Pool({ connectionString: through(proxy), max: 10 });
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
  await server.stop();
});

const through = ({ port }: FaultProxy): string => server.url.replace(/:\d+\//, `:${port}/`);

/**
 * Breaks the connection at every third call, and repeats what failed for that. The proxy breaks whatever passes next, so that a call that is to be broken
 * is alone: one that began beside others is left in peace, and those that come later wait.
 */
function unlucky(store: Store): Store {
  let calls = 0;
  let underWay = 0;
  let alone: Promise<void> | undefined;
  const repeated = async (call: () => Promise<unknown>): Promise<unknown> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const { outcome, message } = error as StoreFailure;
        // A connection that broke shows as one that could not be made, or whose statement has no answer.
        if (!/PD32(02|11)/.test(message)) throw error;
        seen[outcome]++;
      }
    }
  };
  return new Proxy(store, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function" || property === "close") return method;
      return async (...args: unknown[]): Promise<unknown> => {
        while (alone !== undefined) await alone;
        const n = calls++;
        const breaks = n % 3 === 1 && underWay === 0;
        let over!: () => void;
        if (breaks) {
          alone = new Promise((resolve) => {
            over = resolve;
          });
          proxy.breakNext(REPEATABLE.has(property) ? FAULTS[((n / 3) | 0) % 3]! : "before");
        }
        underWay++;
        try {
          return await repeated(() => Reflect.apply(method, target, args) as Promise<unknown>);
        } finally {
          underWay--;
          if (breaks) {
            proxy.breakNext(undefined);
            alone = undefined;
            over();
          }
        }
      };
    },
  });
}

describe("postgres on a broken network", () => {
  const broken = () => unlucky(postgres(pool, { schema: `broken_${++schemas}` }));
  storeConformance({ test, make: broken });
  describe("encrypted", () => {
    storeConformance({ test, make: () => encrypted(broken(), { keys }) });
  });

  test("the network did break", () => {
    expect(seen.unknown).toBeGreaterThan(50);
  });
});

test("an outage costs errors, and is over when the server is back", async () => {
  const store = postgres(pool, { schema: "outage" });
  const [lease] = await drive(store, "a");
  const commit = commitOf(lease!, 0);
  proxy.cut();
  // The first may find a connection that does not yet know that it is cut; then there is none to be had.
  const errors = [await failure(store.commit([commit])), await failure(store.commit([commit]))];
  expect(["PD3202 refused", "PD3211 unknown"]).toContain(`${errors[0]!.code} ${errors[0]!.outcome}`);
  expect(errors[1]).toMatchObject({ code: "PD3202", outcome: "refused" });
  proxy.restore();
  expect(await store.commit([commit])).toEqual([{ type: "ok", position: 1, inboxSeq: 0 }]);
  await store.close();
});

test("without an answer nobody is told that it happened", async () => {
  const store = postgres(through(proxy), { schema: "unknown" });
  await store.create(newRun("a"));
  proxy.breakNext("after");
  expect(await failure(store.create(newRun("b")))).toMatchObject({ code: "PD3211", outcome: "unknown" });
  expect((await store.read("b"))?.run).toBe("b");
  proxy.breakNext("before");
  expect(await failure(store.create(newRun("c")))).toMatchObject({ code: "PD3211", outcome: "unknown" });
  expect(await store.read("c")).toBe(null);
  await store.close();
});
