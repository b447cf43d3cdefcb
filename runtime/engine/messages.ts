/** Coded errors of the engine: PD25xx to PD29xx. */
import { coded, type MessageTable } from "../errors.ts";

export const messages = {
  PD2501: {
    slug: "function-has-no-machine",
    text: "%function% is not a durable function here: it was never transformed",
    fix: 'mark its file or the function with "use durable" and put the plugin in the build, e.g. `import { perdure } from "@perdure/plugins/esbuild"` and `plugins: [perdure()]` (other hosts: "@perdure/plugins/vite", "/rollup", "/webpack", "/jest"; without a build, `node --import @perdure/plugins/node`)',
    page: `Only a function that the compiler turned into a machine can be saved and resumed. \`engine.start\` got an ordinary function: its file has
no \`"use durable"\`, or what built or loaded this program runs without the plugin. It is one line for each host:

\`\`\`ts
import { perdure } from "@perdure/plugins/esbuild";   // esbuild: plugins: [perdure()]
import { perdure } from "@perdure/plugins/vite";      // Vite, Vitest: plugins: [perdure()]
import { perdure } from "@perdure/plugins/rollup";    // Rollup, Rolldown: plugins: [perdure(), …]
import { perdure } from "@perdure/plugins/webpack";   // webpack, Rspack: plugins: [perdure()]
\`\`\`
\`\`\`sh
node --import @perdure/plugins/node app.ts              # Node alone
tsx --import @perdure/plugins/node app.ts               # tsx; with both as flags of node, tsx comes first
\`\`\`
Jest takes \`"@perdure/plugins/jest"\` as its transformer. Each has its page section in \`docs/hosts.md\`.`,
  },
  PD2502: {
    slug: "run-id-taken",
    text: "the run id %run% already belongs to another run: it was started with %what%",
    fix: "use an id that is made of what the run is about (`checkout-<order id>`), or read the run that exists with `engine.run(id)`",
    page: `\`start\` is idempotent by id: the same function with the same arguments under the same id is the same run, and starting it again gives its handle.
Another function, or other arguments, would silently be ignored, so they are refused. An id is free again when the run's tombstone has been swept.`,
  },
  PD2503: {
    slug: "run-id-not-valid",
    text: "%run% cannot be the id of a run: %why%",
    fix: "use 1 to 512 characters of well-formed text",
    page: "Ids of runs are keys of the store and parts of token ids and of links, so they are text of a bounded length without lone surrogates.",
  },
  PD2504: {
    slug: "no-such-run",
    text: "there is no run %run%",
    fix: "check the id; a run that ended is forgotten when its retention has passed (`createEngine({ retention })`)",
    page: "The store holds no run of this id: it was never started here, or it ended and its tombstone has been swept, or another incarnation has taken its id since.",
  },
  PD2505: {
    slug: "value-is-not-plain-json",
    text: "the value given to `resume` is not plain JSON: %path% is %what%",
    fix: "send strings, finite numbers, booleans, null, arrays and plain objects of these; leave out what is undefined",
    page: `A token is resumed from outside: by a webhook, a queue, another service. What comes from there is data, never code or identity, so it is plain
JSON and nothing else. Values that JSON would change silently (\`undefined\`, \`NaN\`, a \`Date\`) are refused rather than changed.`,
  },
  PD2506: {
    slug: "token-id-not-valid",
    text: "%token% is not the id of a token",
    fix: "pass `token().id` as it was handed out, all of it",
    page: "The id of a token holds its run, incarnation, number and 128 random bits. This text has another shape: it was cut, decoded twice, or is something else.",
  },
  PD2507: {
    slug: "unexpected-error-in-turn",
    text: "the run %run% broke inside its turn: %error%",
    fix: "see the cause; the run is kept at its last commit and goes on after `engine.run(id).retry()`",
    page: "An error that is neither the durable code's own nor a coded one left a turn: a bug in a codec, a class or the runtime. The turn was given up as a whole; nothing of it was saved.",
  },
  PD2508: {
    slug: "run-quarantined",
    text: "the run %run% is quarantined: its worker was lost %strikes% times in a row while it drove this run alone",
    fix: "find what ends the process (memory, a native crash, a loop without end) in %where%: `await engine.run(id).stack()` shows the lines where it stands; then `engine.run(id).retry()`",
    page: `Runs that were resident when a worker died are suspects. Suspects are driven one at a time, so that what happens then is theirs, and a run that
loses its worker again and again in isolation is set aside, so that it does not take the others down with it for ever. The worker that sets it aside
does not load it (that may be what kills), so this message has no line; a process that asks for the stack does load it.`,
  },
  PD2509: {
    slug: "child-run-id-taken",
    text: "the child run %run% could not be started: another run has this id",
    fix: "give each child run an id of its own, or none",
    page: "A child run is a run like any other and its id is its own. The parent's `start` rejects with this error.",
  },
  PD2510: {
    slug: "store-call-failed",
    text: "the store %store% did not answer %call% after %attempts% attempts: %error%",
    fix: "see the cause; the same call may be made again, it is idempotent",
    page: "A call of a client (`start`, `resume`, `cancel` …) was repeated with growing waits and failed each time. Whether it happened is not known; repeating it is safe.",
  },
  PD2511: {
    slug: "heartbeat-thread-failed",
    text: "the thread that renews the lease of worker %worker% ended: %error%",
    fix: "see the cause; the worker goes on renewing on its main thread, where a busy loop can starve it",
    page: "On Node a worker renews its lease in a thread of its own, so that a long synchronous computation does not lose it. That thread could not be started or has failed.",
  },
  PD2512: {
    slug: "function-is-no-entry",
    text: "%function% cannot be started as a run: it is a closure or method, not a function of a module",
    fix: "start a durable function that stands at the top level of its module, and pass what this one captures as arguments",
    page: `A run begins with a function that every process finds by its name. A closure is made anew by each call around it, so only a run that made it has it.`,
  },
  PD2513: {
    slug: "store-without-transactions",
    text: "run %run% calls transaction(), and its store (%store%) has no transactions to offer",
    fix: "keep the run in Postgres or SQLite, or use a step with an idempotency key: currentStep().key",
    page: `A transaction commits what its body writes together with the step's result, so both must be in one database. The stores in memory and
in DynamoDB have none that ordinary code could write to.`,
  },
} as const satisfies MessageTable;

export const engineError = coded(messages);
