/** Durable turns a second of one run alone on Postgres, against the driver's own statements. */
import { postgres } from "perdure/postgres";
import { startPostgres } from "../../postgres-server.ts";
import { working } from "../engines.ts";
import { type Figure, sideBySide } from "../figure.ts";
import { small } from "../programs/orders.ts";
import { rawTurns } from "./raw-turns.ts";

const TURNS = 800;
/** What a turn of the program writes, in the middle. */
const SEGMENT = 1050;
/** Rounds of both before any is measured. */
const WARM = 6;

export const postgresAlone: Figure = {
  name: "postgres-alone",
  reach: { at: "least", ratio: 0.7 },
  async measure() {
    const server = await startPostgres({ fsync: "on" });
    const raw = await rawTurns(server.url);
    const store = postgres(server.url);
    try {
      const { turns, statements } = await working(store, (engine) =>
        sideBySide(
          7,
          {
            async turns() {
              const start = performance.now();
              await (await engine.start(small, [TURNS])).result();
              return performance.now() - start;
            },
            async statements() {
              const start = performance.now();
              await raw.write(1, TURNS, SEGMENT);
              return performance.now() - start;
            },
          },
          WARM,
        ),
      );
      return {
        ratio: statements / turns,
        value: (TURNS / turns) * 1000,
        unit: "turns/s",
        against: "statements/s that write the same rows by `pg` alone, one at a time, fsync on",
        beside: { "raw statements/s": (TURNS / statements) * 1000 },
      };
    } finally {
      await raw.close();
      await store.close();
      await server.stop();
    }
  },
};
