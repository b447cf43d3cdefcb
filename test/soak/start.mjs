// Bundles the soak and the processes that it starts as a user would build durable code (drivers of databases stay packages), and runs it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
mkdirSync(join(root, "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "tmp", "soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const common = {
  absWorkingDir: root,
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
};
await build({ ...common, entryPoints: { soak: "test/soak/cli.ts" }, packages: "external" });
// In one file: a worker is started every second.
await build({
  ...common,
  entryPoints: { worker: "fixtures/soak/worker.ts", service: "fixtures/checkout/service/server.ts" },
  external: ["pg", "libsql", "@aws-sdk/client-dynamodb"],
  plugins: [perdure()],
});
const child = spawn(process.execPath, [join(folder, "soak.mjs"), ...process.argv.slice(2)], { stdio: "inherit" });
// Told to end, it ends what it has started first.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
// npm's shell does not pass a signal on: it is gone then.
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined)
  setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 500).unref();
child.on("exit", (code) => process.exit(code ?? 1));
