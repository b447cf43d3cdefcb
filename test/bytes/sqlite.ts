/** The file of the SQLite store, with cells, rows or bytes that no store wrote. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { sqlite } from "perdure/sqlite";
import { type Chance, mutatedText, NUMBERS } from "./mutate.ts";
import { furnish, interrogate, type Tally } from "./trial.ts";

const TABLES = ["runs", "segments", "inbox", "outbox", "workers", "codesets", "counters"];

type Cell = string | number | null | Buffer;

function mutatedCell(chance: Chance, value: unknown): Cell {
  if (typeof value === "string" && chance.below(3) > 0) return mutatedText(chance, value);
  if (typeof value === "number" && chance.below(2) === 0) return value + chance.of([-1, 1, 2, -value]);
  return chance.of<() => Cell>([
    () => null,
    () => chance.of(NUMBERS),
    () => mutatedText(chance, "text"),
    () => Buffer.from([0xff, 0, 0x80]),
  ])();
}

/** Changes a cell or takes a row away; undefined: the file's own constraints do not let that be written. */
function mutateRow(chance: Chance, path: string): string | undefined {
  const db = new Database(path);
  try {
    const table = chance.of(TABLES);
    const rows = db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[];
    if (rows.length === 0) return undefined;
    const row = chance.of(rows);
    const [key] = Object.keys(row) as [string];
    const column = chance.of(Object.keys(row));
    const where = Object.keys(row).filter((name) => row[name] !== null);
    const same = where.map((name) => `${name} = ?`).join(" AND ");
    const identity = where.map((name) => row[name] as Cell);
    if (chance.below(12) === 0) {
      db.prepare(`DELETE FROM ${table} WHERE ${same}`).run(identity);
      return `${table} without ${String(row[key])}`;
    }
    const value = mutatedCell(chance, row[column]);
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${same}`).run([value, ...identity]);
    return `${table}.${column} of ${String(row[key])} = ${JSON.stringify(value)?.slice(0, 80)}`;
  } catch {
    return undefined;
  } finally {
    db.close();
  }
}

/** Turns bytes of a page. */
function mutateBytes(chance: Chance, path: string): string {
  const bytes = readFileSync(path);
  const at = chance.below(bytes.length);
  const length = Math.min(1 + chance.below(8), bytes.length - at);
  for (let n = 0; n < length; n++) bytes[at + n] = chance.below(256);
  writeFileSync(path, bytes);
  return `${length} bytes at ${at}`;
}

export async function fuzzSqlite(chance: (n: number) => Chance, count: number, tally: Tally): Promise<void> {
  // Nothing here has to survive: in memory, where there is such a folder.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "perdure-bytes-"));
  const open = (path: string) => sqlite(path, { driver: "libsql", synchronous: "normal", lockTimeout: 500 });
  try {
    const original = join(folder, "original.db");
    const first = open(original);
    const leases = await furnish(first);
    await first.close();
    const bytes = readFileSync(original);
    for (let n = 0; n < count; ) {
      const dice = chance(n);
      const path = join(folder, `${n}.db`);
      writeFileSync(path, bytes);
      let what: string | undefined;
      for (let tries = 0; what === undefined && tries < 20; tries++)
        what = dice.below(5) === 0 ? mutateBytes(dice, path) : mutateRow(dice, path);
      const store = open(path);
      try {
        await interrogate(store, leases, tally);
      } catch (cause) {
        throw new Error(`sqlite, mutation ${n}: ${what}`, { cause });
      } finally {
        await store.close().catch(() => {});
      }
      for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
      n++;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
