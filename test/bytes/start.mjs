// `npm run fuzz:bytes -- --mutations N [--from S] [--only NAME]`: bundles the command (its packages stay packages) and runs it, so that no loader is needed.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));
const outfile = join(folder, "dist", `fuzz-${process.pid}.mjs`);
await build({
  entryPoints: [join(folder, "cli.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
const args = ["--enable-source-maps", outfile, ...process.argv.slice(2)];
const child = spawn(process.execPath, args, { stdio: "inherit" });
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
