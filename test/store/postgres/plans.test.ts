/**
 * A statement that is prepared while the tables are empty keeps its plan for a while when they grow. So no plan that is made then may
 * read a whole table that grows with the runs.
 */

import { postgres } from "perdure/postgres";
import pg from "pg";
import { expect, test } from "vitest";
import { startPostgres } from "../../postgres-server.ts";
import { commitOf, drive, newRun } from "../fixtures.ts";
import { watched } from "./watched-pool.ts";

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** Tables of which a plan reads everything. */
const scanned = (plan: Plan): string[] => [
  ...(plan["Node Type"] === "Seq Scan" ? [plan["Relation Name"]!] : []),
  ...(plan.Plans ?? []).flatMap(scanned),
];

/** Indexes that a plan reads. */
const indexes = (plan: Plan): string[] => [
  ...(plan["Index Name"] === undefined ? [] : [plan["Index Name"]]),
  ...(plan.Plans ?? []).flatMap(indexes),
];

test("no statement of the store reads a whole table, nor all runs of a worker to find one", async () => {
  const server = await startPostgres({ autovacuum: "off" });
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on("error", () => {});
  try {
    const texts = new Set<string>();
    const store = postgres(
      watched(pool, ({ name, text }) => {
        if (name !== undefined) texts.add(text);
      }),
    );
    const message = { type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "" } } as const;
    const [a, b, c] = await drive(store, "a", "b", "c");
    await store.commit([commitOf(a!, 0)]);
    await store.commit([commitOf(a!, 1), commitOf(b!, 0)]);
    await store.commit([commitOf(a!, 2, { outbox: [message] }), commitOf(b!, 1, { status: "done" })]);
    await store.commit([commitOf(c!, 0, { status: "blocked" })]);
    await store.compact(a!, 1, { kind: "base", text: "" });
    await store.deliver("a", null, { key: "k", body: "" });
    await store.deliver("a", null, { key: "k", body: "" });
    await store.inbox(a!, 0);
    await store.load(a!);
    await store.inspect("a");
    await store.read("a");
    await store.list({ status: "blocked" });
    await store.list({ fn: "f" });
    await store.nextWake(new Set(["code"]));
    await store.unlinked!(new Set());
    await store.owned("worker");
    await store.pendingOutbox(10);
    await store.acknowledge("a", newRun("a").incarnation, [1]);
    await store.revive("c", 0);
    const { incarnation } = newRun("c");
    const ending = { run: "c", incarnation, commitId: "end", position: 1, status: "cancelled" as const };
    expect(await store.end({ ...ending, result: null, outbox: [{ ...message, seq: 9 }], now: 1 })).toBe("ended");
    await store.renew("worker", 0, 1);
    await store.retire("worker");
    await store.sweep(1, 10);
    await store.close();

    expect(texts.size).toBeGreaterThanOrEqual(20);
    const grows = new Set(["runs", "segments", "inbox", "outbox"]);
    const wrong: string[] = [];
    let named = 0;
    for (const text of texts) {
      const { rows } = await pool.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
      );
      const plan = rows[0]!["QUERY PLAN"][0].Plan;
      const all = scanned(plan).filter((table) => grows.has(table));
      if (all.length > 0) wrong.push(`${all.join(", ")}: ${text}`);
      if (/\brun = (\$1|asked\.run|given\.run)/.test(text)) {
        named++;
        if (indexes(plan).includes("runs_owner")) wrong.push(`runs_owner: ${text}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(named).toBeGreaterThanOrEqual(9);
  } finally {
    await pool.end();
    await server.stop();
  }
});
