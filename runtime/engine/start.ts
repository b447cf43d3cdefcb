/** Starting a run: idempotent by id. */
import { capture } from "../machine/platform/bodies/capture.ts";
import { isDurable } from "../machine/stamp.ts";
import { newRun } from "./commit.ts";
import type { EngineContext } from "./context.ts";
import { digest } from "./digest.ts";
import { RunHandle } from "./handle.ts";
import { freshId } from "./host.ts";
import { engineError } from "./messages.ts";
import { insist } from "./retry.ts";

const LONGEST_ID = 512;

export interface StartOptions {
  /** Names the run: the same function with the same arguments under the same id is the same run. Default: a fresh random id. */
  readonly id?: string;
}

export async function startRun<R>(
  context: EngineContext,
  fn: unknown,
  args: readonly unknown[],
  options: StartOptions,
): Promise<RunHandle<R>> {
  const { store, host, vats, fresh } = context;
  const code = vats.codeOf(fn);
  if (code === undefined) throw engineError(isDurable(fn) ? "PD2512" : "PD2501", { function: nameOf(fn) });
  const run = options.id ?? freshId(host);
  checkId(run);
  const incarnation = freshId(host);
  const vatHost = { ...context.vatHost };
  await capture(args, vatHost.fetch?.bodyLimit);
  const argumentText = vats.argumentText(args);
  const vat = vats.create(vatHost, { run, incarnation, fn, args, argumentText });
  const record = newRun(vat, { fn: code, argumentText, parent: null, now: host.now() });
  const answer = await insist(host, store.name, "create", () => store.create(record));
  if (answer.type === "created") fresh.keep(record, vat, (hooks) => void Object.assign(vatHost, hooks));
  host.hints?.publish(run, "due");
  if (answer.type === "created") return new RunHandle(context, run, incarnation);
  const { head } = answer;
  if (head.fn !== code) throw engineError("PD2502", { run, what: `the function ${head.fn}, not ${code}` });
  if (head.argsDigest !== digest(argumentText)) throw engineError("PD2502", { run, what: "other arguments" });
  return new RunHandle(context, run, head.incarnation);
}

function checkId(run: unknown): asserts run is string {
  const shown = typeof run === "string" ? JSON.stringify(run.slice(0, 80)) : String(run);
  const refuse = (why: string) => engineError("PD2503", { run: shown, why });
  if (typeof run !== "string") throw refuse(`it is a ${typeof run}`);
  if (run.length === 0) throw refuse("it is empty");
  if (run.length > LONGEST_ID) throw refuse(`it has ${run.length} characters`);
  if (run.includes("\0") || /\p{Surrogate}/u.test(run)) throw refuse("it holds U+0000 or a lone surrogate");
}

const nameOf = (fn: unknown): string =>
  typeof fn === "function" ? fn.name || "an anonymous function" : `a ${typeof fn}`;
