// Starts the runner (run.ts says how it is called).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";

const outdir = await bundle("run.ts", "worker.ts");
const child = spawn(process.execPath, ["--enable-source-maps", join(outdir, "run.mjs"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
