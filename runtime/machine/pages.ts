/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD2001: `
A saved run refers to its code by module and name. Two current modules that define different code under one name would make that a guess.
It happens when two copies of a file are linked into one process, one of them stale. A watcher that replaces a module says so in what it emits, and archived
versions stand beside the current one.`,
  PD2006: `
Code, imports and classes of a durable module are known by its path relative to the root of the build. Packages of a monorepo that are built one by one, each in its own folder, name their files alike:
\`src/workflows.ts\` of the one and of the other. In one program, a run of the one would go on with functions of the other, so the second is refused when it is loaded. Give all builds the
same root, a folder above both: \`perdure tsc --root ../..\`, \`perdure({ root: "../.." })\`. Runs that were begun under the shorter names go on where these are still linked.`,
  PD2002:
    "Generated code and the runtime agree on a calling convention by its number. A module compiled for another one is refused when it is loaded.",
  PD2003:
    "Every code of a module has a fingerprint, so that a saved frame continues on the code that made it. This module lacks one.",
  PD2004: `
A run refers to its function by module and name, so that another process can find it. A closure, an ordinary function, or a function of a file that was not
transformed has no such name. The usual reason is that the plugin is missing from the build that made this bundle:

\`\`\`ts
import { perdure } from "@perdure/plugins/esbuild";
await esbuild.build({ …, plugins: [perdure()] });
\`\`\``,
  PD2005: `
A decorator may replace the method or class that it stands on, and a saved frame, closure or instance names its code: after a replacement that name would mean
something else than what runs, and a call of the method would be a step, in which nothing is durable. So decorators may take note of durable code
(\`@Injectable()\`, \`@Column()\`, \`@Cron("0 3 * * *")\`), and one that changes it is refused when the module is loaded.

\`\`\`ts
class Orders { @logged async settle() { … } }                          // PD2005
class Orders { async settle() { log("settle"); … } }                    // what it does around the method, in the method
\`\`\``,
  PD2101: `
A promise of the platform is not part of the run's saved state: after a crash nobody would settle it. In durable code such promises come from ordinary code
that kept one (a module-level cache, a property, an unknown callee).

\`\`\`ts
await this.ready;                 // PD2101: a native promise made by ordinary code
await step(() => this.ready);     // a step: asked again after a crash
\`\`\``,
  PD2102: `
Every promise belongs to one run and is saved with it. One that is kept in module-level state (\`const cache = new Map<string, Promise<…>>()\`) and used by two
runs would tie them together in memory only: after a crash the second would wait for ever. Cache values, not promises, or keep the cache inside the run.`,
  PD2103: `
What happens outside a turn cannot be saved with its cause: after a crash nobody would call this resolver again. When the compiler sees that a resolver is handed
to ordinary code it makes the whole \`new Promise\` a step; here the resolver escaped by a way that it could not see.`,
  PD2104: `
As on the platform, a rejection that nobody handles ends the program: the run fails. It is judged when no job is left. In a run whose function has
settled already, it is recorded only.`,
  PD2106: `
A callback of a timer, of \`queueMicrotask\` or of \`process.nextTick\` is called by nobody who could catch what it throws. As on the platform, that ends
the program: the run fails.`,
  PD2105: `
No step, timer, token or child run is pending, no job is left, and the run's function has not settled: it awaits a promise whose resolver was
dropped, or given to ordinary code, or that waits for itself.

A \`new Promise\` whose resolver is visibly handed to ordinary code is a step by itself. Where that cannot be seen, because the ordinary function comes
by a wrapper or as a function type of this file, say so:

\`\`\`ts
const seen = await new Promise((resolve) => client.watch(id, resolve));               // PD2105: client is an interface of this file
const seen = await step(() => new Promise((resolve) => client.watch(id, resolve)));   // a step, made anew in each attempt
\`\`\``,
  PD2107: `
A generator that a run has called is a part of the run: where it stands is saved with it. Ordinary code that keeps the generator and asks it later, or another
run that finds it in a module-level variable, would move it without the run's knowledge.

\`\`\`ts
emitter.on("drain", () => rows.next());      // PD2107: between two turns
const list = [...rows];                      // an array of the run
emitter.on("drain", () => list.shift());     // ordinary code has its own copy
\`\`\``,
  PD2108: `
A stream, a cursor or an async generator of ordinary code holds its position in objects that no other process can rebuild: a run that was saved in the middle of
the loop could not go on. The compiler refuses this where types show it (PD1006), and makes one step of a loop whose body waits for nothing; here nobody knew before it
ran: the file is compiled without types, or the type is \`any\` or an interface.

\`\`\`ts
for await (const row of cursor) total += row.amount;                 // PD2108
const total = await step(async () => {                               // volatile inside, one result
  let sum = 0;
  for await (const row of cursor) sum += row.amount;
  return sum;
});
\`\`\`

Async generators of durable modules, arrays and other iterables of promises, and objects whose Symbol.asyncIterator method is durable can be iterated.`,
  PD2401:
    "A frame, closure or instance continues on the code that created it. This process has no such code, or has it in another version only.",
  PD2402: "The segments could be read, but what they hold is not what a run saves.",
} as const satisfies MessagePages;
