/** Coded errors of the engine: PD25xx to PD29xx. */
import { coded, type MessageTable } from "../errors.ts";

export const messages = {
  PD2501: {
    slug: "function-has-no-machine",
    text: "%function% is not a durable function here: it was never transformed",
    fix: 'mark its file or the function with "use durable" and put the plugin in the build, e.g. `import { perdure } from "@perdure/plugins/esbuild"` and `plugins: [perdure()]` (other hosts: "@perdure/plugins/vite", "/rollup", "/webpack", "/bun", "/jest"; Next.js: "/webpack-loader" as a rule of `turbopack`; in place of tsc, `perdure tsc`; without a build, `node --import @perdure/plugins/node`)',
  },
  PD2502: {
    slug: "run-id-taken",
    text: "the run id %run% already belongs to another run: it was started with %what%",
    fix: "%mend%",
  },
  PD2503: {
    slug: "run-id-not-valid",
    text: "%run% cannot be the id of a run: %why%",
    fix: "use 1 to 512 characters of well-formed text, of 1,000 bytes at most",
  },
  PD2504: {
    slug: "no-such-run",
    text: "there is no run %run%",
    fix: "check the id; a run that ended is forgotten when its retention has passed (`engine.work({ retention })`, seven days by default)",
  },
  PD2505: {
    slug: "value-is-not-plain-json",
    text: "the value given to `resume` is not plain JSON: %path% is %what%",
    fix: "send strings, finite numbers, booleans, null, arrays and plain objects of these; leave out what is undefined",
  },
  PD2506: {
    slug: "token-id-not-valid",
    text: "%token% is not the id of a token%why%",
    fix: "%mend%",
  },
  PD2507: {
    slug: "unexpected-error-in-turn",
    text: "the run %run% broke inside its turn: %error%",
    fix: "see the cause; the run is kept at its last commit and goes on after `engine.run(id).retry()`",
  },
  PD2508: {
    slug: "run-quarantined",
    text: "the run %run% is quarantined: its worker was lost %strikes% times in a row while it drove this run alone",
    fix: "find what ends the process (memory, a native crash, a loop without end) in %where%: `await engine.run(id).stack()` shows the lines where it stands; then `engine.run(id).retry()`, or `engine.run(id).terminate()`",
  },
  PD2509: {
    slug: "child-run-id-taken",
    text: "the child run %run% could not be started: another run has this id",
    fix: "give each child run an id of its own, or none",
  },
  PD2510: {
    slug: "store-call-failed",
    text: "the store %store% did not answer %call% after %attempts% attempts: %error%",
    fix: "see the cause; the same call may be made again, it is idempotent",
  },
  PD2511: {
    slug: "heartbeat-thread-failed",
    text: "the thread that renews the lease of worker %worker% ended: %error%",
    fix: "leave perdure out of the bundle (`external`, `serverExternalPackages`), or see the cause; the worker goes on renewing on its main thread, where a busy loop can starve it",
  },
  PD2512: {
    slug: "function-is-no-entry",
    text: "%function% cannot be started as a run: it is a closure or method, not a function of a module",
    fix: "start a function of the module that calls it, `export async function begin(input) { return await %call%(input) }`, which has a closure that the module has made (`const pay = withRetry(charge)`) and what is provided (`createEngine({ provide: { service } })`) by name; whatever else it needs are arguments",
  },
  PD2515: {
    slug: "start-without-function",
    text: "start() was given %what% instead of a durable function",
    fix: "pass the function itself, and what it is called with in a list: engine.start(checkout, [order])",
  },
  PD2513: {
    slug: "store-without-transactions",
    text: "run %run% calls transaction(), and its store (%store%) has no transactions to offer",
    fix: "keep the run in Postgres or SQLite, or use a step with an idempotency key: currentStep().key",
  },
  PD2514: {
    slug: "run-parked",
    text: "the run %run% is parked: no worker has it, and it stands in %code%, %how%",
    fix: "%mend%",
  },
  PD2518: {
    slug: "run-not-claimed",
    text: "the run %run% has been due for some seconds, and no worker has taken it: its result is waited for",
    fix: "call `engine.work()`, in this process or in another one that has the same store and imports %module%",
  },
  PD2520: {
    slug: "another-copy-of-the-runtime",
    text: "%function% belongs to another copy of perdure (%other%) than this engine (%here%)",
    fix: "%mend%",
  },
  PD2521: {
    slug: "thread-does-not-come-back",
    text: "the thread of this worker has not come back for %seconds% s: it is in %where%, and nothing else goes on meanwhile",
    fix: "look for a loop that awaits nothing; give long computations to a worker thread or another process, in a step",
  },
  PD2522: {
    slug: "failure-held-back",
    text: "the run %run% of %function% failed, and stands where it last was saved (`onFailure`): %error%",
    fix: "mend what made it fail (a service, ordinary code, what it is provided with), and let it go on from there: `engine.run(id).retry()`; `engine.run(id).terminate()` gives it up",
  },
} as const satisfies MessageTable;

export const engineError = coded(messages);
