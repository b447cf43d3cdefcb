/** A process that executes tests, one for each message: a test that hangs is ended with it. */
import { type Mode, makeAdapter } from "./adapter.ts";
import { execute, type Settings } from "./execute.ts";

const { mode, ...settings } = JSON.parse(process.argv[2]!) as Omit<Settings, "adapter"> & { mode: Mode | "native" };
const adapter = mode === "native" ? null : makeAdapter(mode);
// A test may leave rejections behind, and what its leftovers throw is not its verdict.
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});
process.on("message", async (path: string) => {
  let result: unknown;
  try {
    result = await execute(path, { ...settings, adapter });
  } catch (error) {
    result = { passed: false, phase: "runner", error: String((error as Error)?.stack ?? error).slice(0, 600) };
  }
  process.send!(result);
});
process.send!("ready");
