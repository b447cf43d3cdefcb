// Bundles the benchmarks as a user would build durable code (the packages stay packages), and runs them.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
// `start.mjs stores …` runs the figures of the stores that need a server.
const folder = process.argv[2] === "stores" ? join(here, "stores") : here;
await build({
  // The stores are compared with other systems, each in a process of its own: `ours.ts` is this project's.
  entryPoints: ["cli.ts", ...(folder === here ? [] : ["ours.ts"])].map((name) => join(folder, name)),
  outdir: join(folder, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: true,
  packages: "external",
  plugins: [perdure()],
  logLevel: "warning",
});
const args = process.argv.slice(folder === here ? 2 : 3);
const child = spawn(process.execPath, ["--expose-gc", join(folder, "dist", "cli.mjs"), ...args], { stdio: "inherit" });
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
