/** The rows of the Postgres store, as far as their types let somebody else write them. */
import { postgres } from "perdure/postgres";
import type pg from "pg";
import { type Chance, mutatedText, NUMBERS } from "./mutate.ts";
import { furnish, interrogate, type Tally } from "./trial.ts";

const TABLES = ["runs", "segments", "inbox", "outbox", "workers", "codesets"] as const;

interface Column {
  readonly name: string;
  readonly type: string;
}

function mutatedValue(chance: Chance, type: string, value: unknown): unknown {
  if (chance.below(8) === 0) return null;
  switch (type) {
    case "text":
      // The server refuses U+0000 and half of a pair by itself.
      return mutatedText(chance, String(value ?? "text"));
    case "boolean":
      return value !== true;
    case "double precision":
      return chance.of([...NUMBERS, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    default:
      return BigInt(Math.trunc(Math.max(-9.2e18, Math.min(9.2e18, chance.of(NUMBERS)))));
  }
}

/** In a schema that is made once: before each mutation its rows are put back. */
export async function fuzzPostgres(
  pool: pg.Pool,
  chance: (n: number) => Chance,
  count: number,
  tally: Tally,
): Promise<void> {
  const schema = "bytes";
  const open = () => postgres(pool, { schema, notify: false });
  const first = open();
  const leases = await furnish(first);
  await first.close();
  const columns = new Map<string, Column[]>();
  for (const table of TABLES) {
    const { rows } = await pool.query(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
       WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER' ORDER BY ordinal_position`,
      [schema, table],
    );
    columns.set(table, rows as Column[]);
    await pool.query(`CREATE TABLE ${schema}.saved_${table} AS SELECT * FROM ${schema}.${table}`);
  }
  const restore = async (table: string): Promise<void> => {
    const names = columns.get(table)!.map(({ name }) => name);
    await pool.query(`DELETE FROM ${schema}.${table};
      INSERT INTO ${schema}.${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM ${schema}.saved_${table}`);
  };
  for (let n = 0; n < count; n++) {
    const dice = chance(n);
    for (const table of TABLES) await restore(table);
    let what: string | undefined;
    while (what === undefined) {
      const table = dice.of(TABLES);
      const { rows } = await pool.query(`SELECT ctid, * FROM ${schema}.${table} ORDER BY ctid`);
      const row = dice.of(rows) as Record<string, unknown>;
      const { name, type } = dice.of(columns.get(table)!);
      const value = mutatedValue(dice, type, row[name]);
      what = await pool.query(`UPDATE ${schema}.${table} SET ${name} = $1 WHERE ctid = $2`, [value, row["ctid"]]).then(
        () => `${table}.${name} = ${String(value).slice(0, 80)}`,
        () => undefined,
      );
    }
    const store = open();
    try {
      await interrogate(store, leases, tally);
    } catch (cause) {
      throw new Error(`postgres, mutation ${n}: ${what}`, { cause });
    } finally {
      await store.close();
    }
  }
}
