// Starts a command of this folder: bundles it (its packages stay packages) and runs it, so that no loader is needed.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));
const commands = { fuzz: "fuzz/fuzz.ts", look: "look.ts", mutate: "mutate/mutate.ts" };
const [command, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, command)) throw new Error(`which command? ${Object.keys(commands).join(", ")}`);
const outfile = join(folder, "dist", `${command}-${process.pid}.mjs`);
await build({
  entryPoints: [join(folder, commands[command])],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
const child = spawn(process.execPath, ["--enable-source-maps", outfile, ...args], { stdio: "inherit" });
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
