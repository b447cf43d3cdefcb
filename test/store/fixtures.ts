import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "perdure/internal/store/sqlite/driver";
import { libsql } from "perdure/internal/store/sqlite/libsql-driver";
import type { Commit, Lease, NewRun, Store } from "perdure/internal/store/store";
import { type SqliteOptions, sqlite as shipped } from "perdure/sqlite";
import { onTestFinished } from "vitest";

/** By the library with which the tests open the same files themselves: two copies of SQLite in one process undo each other's locks. */
export const sqlite = (path: string, options: SqliteOptions = {}): Store =>
  shipped(path, { driver: "libsql", ...options });

/** A store whose connections do some things otherwise. */
export const sqliteWith = (path: string, otherwise: (db: Connection) => Partial<Connection>): Store =>
  sqlite(path, {
    driver: async () => {
      const { open } = await libsql();
      return {
        open: (name) => {
          const db = open(name);
          return Object.assign(Object.create(db) as Connection, otherwise(db));
        },
      };
    },
  });

/** A directory for one test. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "perdure-store-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const newRun = (run: string, text = '"0"'): NewRun => ({
  run,
  incarnation: `incarnation of ${run}`,
  fn: "f",
  argsDigest: "",
  segment: { kind: "base", text },
  codes: ["code"],
  parent: null,
  now: 0,
});

export const commitOf = (lease: Lease, position: number, change: Partial<Commit> = {}): Commit => ({
  lease,
  commitId: `${lease.run}/${lease.epoch}/${position}`,
  position,
  segment: { kind: "delta", text: String(position + 1) },
  status: "waiting",
  reason: null,
  result: null,
  codes: ["code"],
  consumed: 0,
  wakeAt: null,
  outbox: [],
  release: false,
  now: 0,
  ...change,
});

/** Creates runs and claims them. */
export async function drive(store: Store, ...runs: string[]): Promise<Lease[]> {
  for (const run of runs) await store.create(newRun(run));
  await store.renew("worker", 0, 1e15);
  const claims = await store.claim({ worker: "worker", limit: 1000, suspects: 0, codes: new Set(["code"]), now: 0 });
  return runs.map((run) => claims.find(({ lease }) => lease.run === run)!.lease);
}

/** What a rejected promise says; fails when it resolves. */
export async function failure(promise: Promise<unknown>): Promise<{ code: string; outcome: string; message: string }> {
  const error = await promise.then(
    (value) => {
      throw new Error(`it resolved with ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  const { code, outcome, message } = error as { code: string; outcome: string; message: string };
  return { code, outcome, message };
}
