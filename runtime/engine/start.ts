/** Starting a run: idempotent by id. */

import type { PerdureError } from "../errors.ts";
import { otherCopyOf } from "../machine/copies.ts";
import { capture } from "../machine/platform/bodies/capture.ts";
import { whyNoRunId } from "../machine/run-id.ts";
import { closureOf, isDurable } from "../machine/stamp.ts";
import { anything, checkArgument, checkOptions, list, type Wanted } from "../options/check.ts";
import { newRun } from "./commit.ts";
import type { EngineContext } from "./context.ts";
import { digest } from "./digest.ts";
import { RunHandle } from "./handle.ts";
import { freshId } from "./host.ts";
import { engineError } from "./messages.ts";
import { isCodeLinked, moduleOf } from "./parked.ts";
import { insist } from "./retry.ts";

export interface StartOptions {
  /** Names the run: the same function with the same arguments under the same id is the same run. Default: a fresh random id. */
  readonly id?: string;
}

const ARGUMENTS = list("a list of them: `engine.start(checkout, [order])`");
// An id of another type is PD2503.
const OPTIONS: { readonly [option in keyof StartOptions]-?: Wanted } = { id: anything };

export async function startRun<R>(
  context: EngineContext,
  fn: unknown,
  args: readonly unknown[],
  options: StartOptions,
): Promise<RunHandle<R>> {
  if (typeof fn !== "function") throw refusedStart(fn);
  checkArgument("engine.start", "the arguments of the run", args, ARGUMENTS);
  checkOptions("engine.start", options, OPTIONS);
  const { store, host, vats, fresh } = context;
  const code = vats.codeOf(fn);
  if (code === undefined) throw refusedStart(fn);
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
  if (head.fn !== code) throw engineError("PD2502", { run, ...otherFunction(head.fn, code, vats.linked()) });
  if (head.argsDigest !== digest(argumentText))
    throw engineError("PD2502", { run, what: "other arguments", mend: MEND });
  return new RunHandle(context, run, head.incarnation);
}

const MEND =
  "use an id that is made of what the run is about (`checkout-<order id>`), or read the run that exists with `engine.run(id)`";
const RENAMED =
  "a run keeps the function that it began with: read it with `engine.run(id)`, keep that function beside the new one until its runs have ended, and start others under other ids";
/** `checkout` of `src/orders.ts#checkout`. */
const nameIn = (code: string): string => code.slice(code.indexOf("#") + 1);

/** A code id has the path of its file. */
function otherFunction(
  before: string,
  now: string,
  linked: ReadonlySet<string>,
): { readonly what: string; readonly mend: string } {
  const what = `the function ${before}, not ${now}`;
  if (nameIn(before) !== nameIn(now)) {
    const isRenamed = moduleOf(before) === moduleOf(now) && !isCodeLinked(before, linked);
    return isRenamed ? { what: `${what}: was it renamed?`, mend: RENAMED } : { what, mend: MEND };
  }
  return {
    what: `${what}: was the file moved, or is its path read from another folder here?`,
    mend: "a run keeps the path that it began with: read it with `engine.run(id)`, let a worker of the version before the move finish it, and start others under other ids; when two builds name one file differently, set the plugin's `root` in both",
  };
}

function checkId(run: unknown): asserts run is string {
  const why = whyNoRunId(run);
  const shown = typeof run === "string" ? JSON.stringify(run.slice(0, 80)) : String(run);
  if (why !== undefined) throw engineError("PD2503", { run: shown, why });
}

const INSTALLED_TWICE =
  'install one: `npm ls perdure` shows where both come from (a linked package with `node_modules` of its own, two versions), `npm dedupe` or "perdure" among the peerDependencies of that package mends it; bundlers have `dedupe: ["perdure"]`';
const LOADED_TWICE =
  "one file was evaluated twice, once by `import` and once by `require`: make the durable file an ES module as the program is (or both CommonJS), or bundle; in tests, let the runner reset no modules in between";

function refusedStart(fn: unknown): PerdureError {
  if (typeof fn !== "function") return engineError("PD2515", { what: whatIs(fn) });
  const { name } = fn;
  if (isDurable(fn)) {
    const call = closureOf(fn)?.code.kind === "method" ? `service.${name}` : name || "pay";
    return engineError("PD2512", { function: name || "an anonymous function", call });
  }
  const copies = otherCopyOf(fn);
  if (copies) {
    const mend = copies.other === copies.here ? LOADED_TWICE : INSTALLED_TWICE;
    return engineError("PD2520", { function: name || "an anonymous function", ...copies, mend });
  }
  if (name.startsWith("bound ")) return engineError("PD2515", { what: `a bound function (${name.slice(6)})` });
  return engineError("PD2501", { function: name || "an anonymous function" });
}

/** `start(checkout(order))` is given the promise of a call, `start(checkout)` of a module that has no such export nothing. */
const whatIs = (value: unknown): string =>
  value instanceof Promise
    ? "the promise of a call"
    : value === null || value === undefined
      ? String(value)
      : `a value of type ${typeof value}`;
