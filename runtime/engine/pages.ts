/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD2501: `Only a function that the compiler turned into a machine can be saved and resumed. \`engine.start\` got an ordinary function: its file has
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
\`npx perdure tsc\` takes the place of \`tsc\` (and of \`nest build\`), \`@perdure/plugins/bun\` is for Bun, and Jest takes \`"@perdure/plugins/jest"\` as its transformer. Each has its page section in \`docs/hosts.md\`.`,
  PD2502: `\`start\` is idempotent by id: the same function with the same arguments under the same id is the same run, and starting it again gives its handle.
Another function, or other arguments, would silently be ignored, so they are refused. Use an id that is made of what the run is about (\`checkout-<order id>\`), or read the run that exists with \`engine.run(id)\`. An id is free again when the run's tombstone has been swept.

A function is known by its name and the path of its file, from the root of the build: \`src/orders.ts#checkout\`. After a move it is another function, and runs that began before wait for a worker that
links the old path. Two builds of one program, or a build and a loader, that are given other roots name one file differently: set the plugin's \`root\` in both.`,
  PD2503:
    "Ids of runs are keys of the store and parts of token ids and of links, so they are text of a bounded length without lone surrogates.",
  PD2504:
    "The store holds no run of this id: it was never started here, or it ended and its tombstone has been swept, or another incarnation has taken its id since.",
  PD2505: `A token is resumed from outside: by a webhook, a queue, another service. What comes from there is data, never code or identity, so it is plain
JSON and nothing else. Values that JSON would change silently (\`undefined\`, \`NaN\`, a \`Date\`) are refused rather than changed.`,
  PD2506:
    "The id of a token holds its run, incarnation, number and 128 random bits. This text has another shape: it was cut, decoded twice, or is something else.",
  PD2507:
    "An error that is neither the durable code's own nor a coded one left a turn: a bug in a codec, a class or the runtime. The turn was given up as a whole; nothing of it was saved.",
  PD2508: `Runs that were resident when a worker died are suspects. Suspects are driven one at a time, so that what happens then is theirs, and a run that
loses its worker again and again in isolation is set aside, so that it does not take the others down with it for ever. The worker that sets it aside
does not load it (that may be what kills), so this message has no line; a process that asks for the stack does load it.`,
  PD2509: "A child run is a run like any other and its id is its own. The parent's `start` rejects with this error.",
  PD2510:
    "A call of a client (`start`, `resume`, `cancel` …) was repeated with growing waits and failed each time. Whether it happened is not known; repeating it is safe.",
  PD2511:
    "On Node a worker renews its lease in a thread of its own, so that a long synchronous computation does not lose it. That thread could not be started or has failed.",
  PD2512: `A run begins with a function that every process finds by its name. A closure is made anew by each call around it, so only a run that made it has it.
A method is found by its name too, but not the object that it is called on: that is an argument.

\`\`\`ts
export async function begin(checkout: Checkout, order: Order) {
  return await checkout.run(order);
}
\`\`\`
\`\`\`ts
const engine = createEngine({ store, provide: { checkout } });       // saved by name, whatever it holds
await engine.start(begin, [checkout, order]);
\`\`\``,
  PD2515: `\`start\` calls the function itself, in the run's first turn, so that it can be saved from there on. What a call has returned has run already, outside of any run; what a function is
bound to cannot be read.

\`\`\`ts
await engine.start(checkout(order));              // PD2515
await engine.start(checkout.bind(null, order));   // PD2515
await engine.start(checkout, [order]);            // instead
\`\`\``,
  PD2513: `A transaction commits what its body writes together with the step's result, so both must be in one database. The stores in memory and
in DynamoDB have none that ordinary code could write to.`,
  PD2514: `A run goes on with the code that saved it, never on a guess: the functions in which it stands, and the closures that it holds, are found by their
names and by fingerprints of their text. Where a worker links them in another version, or not at all, the run is *parked*: nothing of it is lost, it costs the other runs
nothing, and goes on as soon as some worker links what it needs. \`result()\` waits for that.

\`\`\`ts
export async function remind(user: string) {
  for (let day = 0; day < 30; day++) {
    await mail(user, "Good morning");      // edited to "Good evening" while a run waits in the next line: parked
    await sleep("1 day");
  }
}
\`\`\`
What decides is the text of the durable functions in which the run stands, and of fields and constructors of the classes of which it holds instances; other methods, and the ordinary modules that they call, may change at any time. In a rolling deployment the workers of the old
version finish what they began. \`engine.run(id).terminate()\` ends a run that nobody wants any more, without its code. While developing, undo the edit, terminate the run, or delete the store's file.

\`status()\` and \`list()\` give this as the \`reason\` of a run that is due, that no worker has, and whose code the process that asks does not link; a process of an operator may link none, and says
this of each run that a worker is about to take. A worker tells of runs that stand in another version of its code when it starts and now and then, and so does who waits for the result; of runs whose
code it does not have at all, once no worker has taken them for five seconds: perhaps an import is missing. It is printed, or given to the observer as \`parked\`.`,
  PD2518: `\`engine.start\` saves a run; a worker drives it. \`result()\` waits for as long as that takes, and says this once, on the console or to the observer (\`unclaimed\`), when the run has been due
for five seconds and nobody has it: no process has called \`engine.work()\`, those that have use another store, do not import the module, or have no place left.

\`\`\`ts
const engine = createEngine({ store });
void engine.work();                                    // here, or in a process of its own
console.log(await (await engine.start(checkout, [order])).result());
\`\`\``,
  PD2520: `Two copies of the package are loaded, of one version or of two: each has functions of its own, and an engine can start only those that were linked with it. That is
so where a linked package of a monorepo has \`perdure\` in its own \`node_modules\`, where a package lists it among its dependencies instead of its peer dependencies, or where one part
of a program is bundled with the runtime in it and another is not. The message names the files of both.

\`\`\`sh
npm ls perdure
npm dedupe
\`\`\``,
  PD2521: `A worker has one thread for the turns of all its runs and for the ordinary code of their steps. A loop that never ends, or minutes of computation, stop all of them: no run goes on, nothing
is claimed, no request of the same process is answered. The thread that renews the lease sees it and prints this, once for each such time; it is the only one that can.

After ten lease times the lease is no longer renewed, so other workers take the runs over. Those that were resident are then suspects, driven one at a time: a run that stops one worker after the other
is set aside ([PD2508](PD2508.md)).

\`\`\`ts
while (!done) done = check();                      // before: nothing in it waits
while (!(await check())) await sleep("10s");       // after
\`\`\``,
  PD2522: `A worker with \`engine.work({ onFailure: "block" })\` lets no run fail for good. The turn in which its function threw is given up as a whole: nothing of it is saved, none of the steps that it
made has begun, and what the run did before stays done. It stands at the last \`await\` that was saved, so \`retry()\` takes that step up again (with all its attempts), and those that were under
way beside it. What the function itself did in a \`catch\` or \`finally\` in earlier turns (a refund) is not undone.

\`\`\`ts
void engine.work({ onFailure: "block" });
for (const { id } of await engine.list({ status: "blocked" })) await engine.run(id).retry();   // when the service is back
\`\`\`

A worker whose durable code or codecs are others tries such a run once by itself, as any blocked one. An edit of the function in which it stands makes another
function ([deploying.md](../deploying.md)); an edit of what it calls does not. \`cancel()\` lets it clean up, \`terminate()\` ends it as it stands. A child run ends with its error, which the run that started it may catch.`,
} as const satisfies MessagePages;
