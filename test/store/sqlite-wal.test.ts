/** The WAL: of what length it stays, and that a store is what was committed last, wherever its end is lost with the power. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { expect, test } from "vitest";
import { commitOf, drive, sqlite, temporary } from "./fixtures.ts";

test("a reader that stays makes it grow; once it has gone, it is cut", async () => {
  const path = join(temporary(), "runs.db");
  const store = sqlite(path, { synchronous: "normal" });
  const [lease] = await drive(store, "a");
  const reader = new Database(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM runs").all();
  let position = 0;
  const commit = async (): Promise<void> => {
    const segment = { kind: "base", text: "x".repeat(1_000_000) } as const;
    await store.commit([commitOf(lease!, position, { commitId: `c${position++}`, segment })]);
  };
  const megabytes = (): number => statSync(`${path}-wal`).size / 2 ** 20;
  while (position < 90) await commit();
  expect(megabytes()).toBeGreaterThan(80);
  reader.exec("COMMIT");
  while (position < 100) await commit();
  expect(megabytes()).toBeLessThanOrEqual(64);
  reader.close();
});

test("cut off anywhere, also with garbage behind, it holds what was committed before, transactions of the user's included", async () => {
  const folder = temporary();
  const path = join(folder, "runs.db");
  const store = sqlite(path);
  const [lease] = await drive(store, "a");
  const states: { length: number; position: number; moves: number }[] = [];
  let [position, moves] = [0, 0];
  const move = (n: number) =>
    store.transaction!(lease!, `step:${n}`, async (client) => {
      const { run } = client as { run(sql: string, ...values: number[]): number };
      if (n === 0) run("CREATE TABLE moves (n)");
      run("INSERT INTO moves VALUES (?)", n);
      return `"${n}"`;
    });
  for (let i = 0; i < 30; i++) {
    if (i % 5 === 0) await move(moves++);
    else {
      const segment = { kind: position % 7 === 6 ? "base" : "delta", text: "x".repeat(300 * (i % 9)) } as const;
      await store.commit([commitOf(lease!, position++, { commitId: `c${i}`, segment })]);
    }
    states.push({ length: statSync(`${path}-wal`).size, position, moves });
  }
  const [file, wal] = [readFileSync(path), readFileSync(`${path}-wal`)];
  const ends = states.flatMap(({ length }) => [length - 1, length, length + 1]);
  const cuts = [...ends, ...Array.from({ length: 120 }, (_, i) => Math.floor((wal.length * i) / 120))];
  let looked = 0;
  for (const [i, cut] of cuts.entries()) {
    const wanted = states.filter(({ length }) => length <= cut).at(-1);
    if (wanted === undefined) continue;
    const copy = join(folder, `cut-${i}.db`);
    writeFileSync(copy, file);
    const rest = i % 4 === 0 ? [Buffer.alloc(5_000, 0xab)] : [];
    writeFileSync(`${copy}-wal`, Buffer.concat([wal.subarray(0, cut), ...rest]));
    const found = sqlite(copy);
    const { head } = (await found.inspect("a"))!;
    await found.close();
    const db = new Database(copy);
    const rows = db.prepare("SELECT count(*) AS n FROM moves").all() as { n: number }[];
    db.close();
    expect([head.position, head.inboxSeq, rows[0]!.n], `cut at ${cut}`).toEqual([
      wanted.position,
      wanted.moves,
      wanted.moves,
    ]);
    looked++;
  }
  expect(looked).toBeGreaterThan(150);
});
