/**
 * Drives one real program on the engine to its end, or to the failpoint at which it kills itself. Prints the outcome as JSON.
 *
 *     node worker.mjs <compiled program> <database> [failpoint@pass]
 */
import { pathToFileURL } from "node:url";
import { createEngine } from "perdure";
import { sqlite } from "perdure/sqlite";

const [program, database, aim = ""] = process.argv.slice(2);
const [name, pass] = aim.split("@");
let passes = Number(pass);
const failpoint = (at) => {
  if (at === name && --passes === 0) process.kill(process.pid, "SIGKILL");
};

const { main, codecs = [] } = await import(pathToFileURL(program).href);
const engine = createEngine({ store: sqlite(database), codecs, host: { failpoint } });
const run = await engine.start(main, [], { id: "real" });
void engine.work({ lease: 300, poll: 20, linger: 5, sweep: 50, probation: 1000 });
const outcome = await run.result().then(
  (value) => ({ status: "fulfilled", value }),
  (error) => ({ status: "rejected", error: String(error) }),
);
// Clients of packages keep connections open; the process need not wait for them.
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
