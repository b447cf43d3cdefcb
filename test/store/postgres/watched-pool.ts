/** A pool that tells of every statement before it is sent. */
import type { PgPool, PgQuery } from "perdure/postgres";
import type pg from "pg";

export const watched = (pool: pg.Pool, told: (query: PgQuery) => void): PgPool => ({
  async connect() {
    const client = await pool.connect();
    return new Proxy(client, {
      get(target, property) {
        if (property === "query")
          return (query: PgQuery) => {
            told(query);
            return target.query(query as never);
          };
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }) as never;
  },
  end: () => pool.end(),
  on: (event, listener) => pool.on(event, listener),
});
