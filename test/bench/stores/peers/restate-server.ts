/** A single node of Restate, for the time of a figure, with its default settings: every append of its log is fsynced. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { peersFolder } from "./install.ts";

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

export interface RestateServer {
  readonly pid: number;
  /** What a contestant's process needs. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startRestate(): Promise<RestateServer> {
  const from = createRequire(join(peersFolder, "package.json"));
  const binary = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  const program = join(dirname(from.resolve(`${binary}/package.json`)), "bin/restate-server");
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-restate-"));
  const [ingress, admin, node, service] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const child = spawn(program, ["--no-logo", "--base-dir", folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_IP: "127.0.0.1",
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "warn",
      DO_NOT_TRACK: "1",
    },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log = (log + chunk).slice(-4000)));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const healthy = async (url: string): Promise<boolean> => {
    try {
      return (await fetch(url)).ok;
    } catch {
      return false;
    }
  };
  for (let n = 0; ; n++) {
    if (
      (await healthy(`http://127.0.0.1:${admin}/health`)) &&
      (await healthy(`http://127.0.0.1:${ingress}/restate/health`))
    )
      break;
    if (child.exitCode !== null || n > 600) throw new Error(`restate-server does not start:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid: child.pid!,
    environment: {
      RESTATE_INGRESS: `http://127.0.0.1:${ingress}`,
      RESTATE_ADMIN: `http://127.0.0.1:${admin}`,
      RESTATE_SERVICE_PORT: String(service),
    },
    async stop() {
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
