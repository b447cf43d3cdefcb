/** The contract on encrypted stores with servers. In the longer suite: the servers' own rows, and those on broken networks, stand with their stores. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { encrypted } from "perdure/encryption";
import { postgres } from "perdure/postgres";
import { storeConformance, unreliable } from "perdure/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Server, startServer } from "../dynamodb/server.ts";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";

const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
let made = 0;

describe("postgres, encrypted", () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url, max: 10 });
    pool.on("error", () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  const fresh = () => encrypted(postgres(pool, { schema: `sealed_${++made}` }), { keys });
  storeConformance({ test, make: fresh });
  describe("whose answers are lost", () => {
    storeConformance({ test, make: () => unreliable(fresh(), { seed: made }) });
  });
});

describe("dynamodb, encrypted", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());
  const fresh = async () => {
    const table = `sealed-${++made}`;
    await ensureTable({ table, client: server.client });
    return encrypted(dynamodb({ table, client: server.client }), { keys });
  };
  storeConformance({ test, make: fresh });
  describe("whose answers are lost", () => {
    storeConformance({ test, make: async () => unreliable(await fresh(), { seed: made }) });
  });
});
