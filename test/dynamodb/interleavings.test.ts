/** A message that arrives between any two requests of any transition, from the process that drives the run or from another, is kept. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import type { Lease, Store } from "perdure/internal/store/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commitOf, driven, one, register, through } from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

interface Transition {
  readonly name: string;
  /** Turns made before. */
  readonly turns: number;
  /** And then the run was given back and claimed again. */
  readonly reclaimed?: boolean;
  readonly make: (store: Store, lease: Lease) => Promise<unknown>;
}

const LONG = JSON.stringify("x".repeat(5_000));
const committing = (name: string, turns: number, change: Parameters<typeof commitOf>[2]): Transition => ({
  name,
  turns,
  make: (store, lease) => one(store, commitOf(lease, turns, change)),
});
const TRANSITIONS: readonly Transition[] = [
  { name: "a base", turns: 3, make: (store, lease) => store.compact(lease, 3, base("3")) },
  {
    name: "a base of what was claimed",
    reclaimed: true,
    turns: 3,
    make: (store, lease) => store.compact(lease, 3, base("3")),
  },
  committing("a turn", 1, {}),
  committing("the turn for which the ring has no room", 4, {}),
  committing("a turn with a result", 1, { status: "finishing", result: LONG }),
  committing("a turn with a base", 1, { segment: base("2") }),
  committing("a release", 1, { segment: null, release: true }),
  committing("a turn that is released", 1, { release: true, reason: LONG }),
  committing("a turn that sends", 1, {
    outbox: [{ type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "{}" } }],
  }),
  { name: "the end of the worker", turns: 1, make: (store, { worker }) => store.retire(worker) },
];

function base(text: string) {
  return { kind: "base", text } as const;
}

let tables = 0;

/**
 * Makes the transition with a message delivered before its request number `at` is sent; what the run then has of it. Undefined: it makes
 * fewer requests.
 */
async function interrupted({ turns, reclaimed, make }: Transition, at: number, sameProcess: boolean) {
  const table = `interleavings-${++tables}`;
  await ensureTable({ table, client: server.client, shards: 1, slots: 4 });
  const other = dynamodb({ table, client: server.client });
  let left = Number.POSITIVE_INFINITY;
  let delivered: ReturnType<Store["deliver"]> | undefined;
  const store: Store = dynamodb({
    table,
    client: through(server.client, async (_command, send) => {
      if (--left === 0) {
        delivered = (sameProcess ? store : other).deliver("a", null, { key: "hello", body: "{}" });
        await delivered;
      }
      return send();
    }),
  });
  let lease = await driven(store, "a");
  for (let position = 0; position < turns; position++) await one(store, commitOf(lease, position));
  if (reclaimed) {
    await store.retire(lease.worker);
    lease = (await register(store, "another"))[0]!.lease;
  }
  left = at;
  const made = await make(store, lease);
  left = Number.POSITIVE_INFINITY;
  if (delivered === undefined) return undefined;
  const head = (await store.read("a"))!;
  if (head.owner === null) {
    lease = (await register(other, "heir"))[0]!.lease;
  }
  const driver = head.owner === null ? other : store;
  const loaded = await driver.load(lease);
  if (loaded === "fenced") throw new Error("the run is lost");
  const { position } = loaded.head;
  const next = await one(driver, commitOf(lease, position, { commitId: "takes the message", consumed: 1 }));
  return { ...(await delivered), made, inboxSeq: loaded.head.inboxSeq, mail: loaded.inbox.length, next: next.type };
}

for (const sameProcess of [true, false]) {
  describe(sameProcess ? "from the same process" : "from another process", () => {
    test.each(TRANSITIONS)("$name", async (transition) => {
      for (let at = 1; ; at++) {
        const seen = await interrupted(transition, at, sameProcess);
        if (seen === undefined) {
          expect(at, "no request was interrupted").toBeGreaterThan(1);
          break;
        }
        expect(seen, `delivered before request ${at}`).toMatchObject({
          type: "accepted",
          inboxSeq: 1,
          mail: 1,
          next: "ok",
        });
        expect(`${JSON.stringify(seen.made)}`, `delivered before request ${at}`).not.toContain("fenced");
      }
    });
  });
}
