/** What a turn writes to Postgres, a segment and the run's row, by the driver alone: one prepared statement for each. */
import pg from "pg";

const TABLES = `
CREATE SCHEMA raw;
CREATE TABLE raw.runs (id bigint PRIMARY KEY, status text NOT NULL, position bigint NOT NULL, updated_at double precision NOT NULL,
  last_commit text NOT NULL) WITH (fillfactor = 50);
CREATE TABLE raw.segments (run_id bigint, position bigint, kind text NOT NULL, text text NOT NULL, PRIMARY KEY (run_id, position))`;

const TURN = `
WITH turn AS (UPDATE raw.runs SET position = $2, updated_at = $3, last_commit = $4 WHERE id = $1 RETURNING id)
INSERT INTO raw.segments (run_id, position, kind, text) SELECT id, $2, 'delta', $5 FROM turn`;

export interface RawTurns {
  /** `turns` turns of each of `runs` runs, at most four statements at a time, with segments of `bytes` characters. */
  write(runs: number, turns: number, bytes: number): Promise<void>;
  close(): Promise<void>;
}

export async function rawTurns(url: string): Promise<RawTurns> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on("error", () => {});
  await pool.query(TABLES);
  let next = 0;
  return {
    async write(runs, turns, bytes) {
      const text = "x".repeat(bytes);
      const ids = Array.from({ length: runs }, () => ++next);
      await pool.query("INSERT INTO raw.runs SELECT unnest($1::bigint[]), 'waiting', 0, 0, ''", [ids]);
      await Promise.all(
        ids.map(async (id) => {
          for (let i = 1; i <= turns; i++) {
            const values = [id, i, Date.now(), `${id}.${i}`, text];
            await pool.query({ name: "turn", text: TURN, values });
          }
        }),
      );
    },
    close: () => pool.end(),
  };
}
