/** Coded errors of calls, steps and other operations: PD22xx at a call, PD23xx of a step under way. */
import { coded, type MessageTable } from "../../errors.ts";

export const operationMessages = {
  PD2201: {
    slug: "promise-from-an-ordinary-call",
    text: "%function% (%place%): the ordinary call `%text%` returned a native promise inside a turn",
    fix: "await it (or return it) where it is written, or wrap it: step(() => %text%)",
    page: `
A call of ordinary code that nobody knows to yield a promise runs at once, inside the turn. A native promise cannot be saved, and what it
stands for has already begun, before the save that should hold its arguments. The run is blocked at its last good save.

\`\`\`ts
const pending = { receipt: client.charge(order) };        // PD2201: the type of client is any
const pending = { receipt: step(() => client.charge(order)) };   // a step
\`\`\`

Types make most of these calls steps by themselves: give the callee a type whose result is a \`Promise\`.`,
  },
  PD2202: {
    slug: "durable-closure-entered-outside-a-turn",
    text: "the durable closure %closure%, made in run %run% and handed to ordinary code at %place%, was called outside any turn of that run",
    fix: "make the ordinary call inside step(async () => …), or wait for its promise and call the closure in durable code",
    page: `
A durable closure shares variables with its run. Ordinary code that calls it later, from a timer, an event or a queue of its own, would change
the run outside any turn: such a change could not be saved with its cause, and would be lost or repeated after a crash. The caller gets this error.

\`\`\`ts
emitter.on("data", chunk => { total += chunk.length; });              // PD2202 when "data" is emitted
const total = await step(async () => { let n = 0; for await (const c of emitter) n += c.length; return n; });
\`\`\``,
  },
  PD2203: {
    slug: "step-and-run-changed-the-same-property",
    text: "%function% (%place%): the step `%text%` changed %path%, which the run has changed too since the step was called",
    fix: "return the new value from the step and apply it in durable code",
    page: `
Every attempt of a step works on its own copy of its arguments. When it settles, the properties that it changed are applied to the originals.
Here the original was changed as well since the step was called, so that one of the two changes would be lost. Nothing was applied.

\`\`\`ts
const filled = fillTax(order);          // changes order.tax in its copy
order.tax = 0;                          // so does the run, meanwhile
await filled;                           // PD2203
order.tax = await taxOf(order);         // instead
\`\`\``,
  },
  PD2204: {
    slug: "not-a-duration",
    text: "%value% is not a duration",
    fix: 'pass milliseconds, a text such as "30s", "1h 30m" or "3 days", or (to sleep) a Date',
    page: `
Units: ms, s, m (minutes), h, d, w, and their English names, singular or plural; several parts are added. Months and years have no fixed length:
pass a \`Date\`. Negative numbers, NaN and infinity are refused.`,
  },
  PD2205: {
    slug: "start-needs-a-durable-function",
    text: "start() was given %value%, which is not a durable function of a module",
    fix: 'give it a function at the top level of a file with "use durable" that the plugin has transformed',
    page: `
A child run is started by the name of its function, perhaps in another process. A closure, an ordinary function or a function of a file that was
not transformed has no such name.`,
  },
  PD2206: {
    slug: "async-iterator-cannot-be-saved",
    text: "%what% (%place%) cannot be used here: an iterator over platform events cannot be saved",
    fix: "use a loop over sleep(), or iterate inside step(async () => …)",
    page: `
\`setInterval\` of \`node:timers/promises\` yields from a queue inside the platform. In durable code, write
\`for (;;) { await sleep("1h"); … }\`.`,
  },
  PD2207: {
    slug: "not-a-callback",
    text: "%what% was given %value% instead of a function",
    fix: "pass a function, not what one has returned: step(() => charge(order))",
    page: "The text form of `setTimeout` is not supported.",
  },
  PD2209: {
    slug: "start-options",
    text: "start() was given the id %value%, which is not a text of 1 to 512 characters",
    fix: "pass a short text as id, or leave it out",
    page: "The id of a child run is a run id like any other: it makes the start idempotent, and is unique in the store.",
  },
  PD2210: {
    slug: "step-options",
    text: "step() was given the option %option%: %value%",
    fix: "attempts is a whole number from 1, factor a number from 1; delay, maxDelay and timeout are durations",
    page: "The options of `step` are checked when it is called.",
  },
  PD2211: {
    slug: "platform-signal-in-a-run",
    text: "%what% (%place%) was given a signal of the platform, which aborted outside any turn of the run",
    fix: "race the timer with a token, a sleep or a step instead: Promise.race([…])",
    page: `
\`AbortSignal.timeout()\` and controllers of ordinary code abort when the platform says so, not when the run does: after a crash the run would not know.
Signals of an \`AbortController\` made in durable code, and aborted there, are fine.`,
  },
  PD2212: {
    slug: "pattern-options",
    text: "the option %option% was given %value%, which is not %wanted%",
    fix: "pass %wanted%, or leave the option out",
    page: "The options of the functions of `perdure/patterns` are checked when they are called.",
  },
  PD2213: {
    slug: "thenable-awaited-elsewhere",
    text: "%function% (%place%) awaits a thenable that ordinary code made elsewhere (%what%): %why%",
    fix: 'await it in the expression that makes it (await db("users").where(filter)), or make and await it inside one step(async () => …)',
    page: `
A query builder or another lazy thenable starts its work when it is awaited. That is a step, which may have to be made again after a crash: so it is kept as the
expression that makes it, where it is awaited in that expression or through a \`const\` that is used for nothing else.

\`\`\`ts
const query = db("users").select("name");
if (filter.name) query.where("name", filter.name);
return await query;                                    // PD2213: the builder was changed after it was made

return await step(async () => {                        // one step: made and sent anew in each attempt
  const query = db("users").select("name");
  if (filter.name) query.where("name", filter.name);
  return await query;
});
\`\`\``,
  },
  PD2214: {
    slug: "transaction-outside-a-run",
    text: "transaction() was called outside a run, where there is no store and so no database",
    fix: "call it in durable code of a run; in a test of the function alone, pass the part that uses the client to it as an argument",
    page: "The transaction is that of the store which keeps the run. Inside another step there is none either: steps do not nest.",
  },
  PD2215: {
    slug: "transaction-options",
    text: "transaction() was given the isolation %value%",
    fix: 'use "read committed", "repeatable read" or "serializable"',
    page: "The options of `transaction` are checked when it is called.",
  },
  PD2216: {
    slug: "resource-is-no-object",
    text: "the function that makes a resource() gave %what%",
    fix: "give an object or a function at once: one that connects when it is first used (a pool); or connect inside a step: step(async () => …)",
    page: `
The value of a resource is made again wherever the run is loaded, and everything that holds it is given the new one. So it must be there at once, and it
must be something with an identity.

\`\`\`ts
const db = resource(async () => await connect(url), (c) => c.end());   // PD2216: a promise
const db = resource(() => new Pool({ connectionString: url }), (pool) => pool.end());
\`\`\``,
  },
  PD2217: {
    slug: "resource-cannot-be-made-again",
    text: "a resource of run %run% could not be made again: %error%",
    fix: "mend what its first function needs (a setting, a file, a host), then retry the run",
    page: `
The run was loaded by a process that did not hold its resource, so the function given to \`resource(make, dispose)\` was called again. When the resource was first made an
error of that function was thrown in the run; now nobody is there who could catch it, so the run is blocked at its last good save.`,
  },
  PD2218: {
    slug: "resource-has-a-name",
    text: "%function% (%place%): the function that makes a resource() gave a value that has a name already: it is imported, provided, or bound at module level",
    fix: "use that value as it is, without resource(), or make a new one",
    page: `
Imports, module bindings and provided hosts are saved by their names and live as long as their process. A resource is the run's own, and disposed of when the run leaves the
process: disposing of a value that others use would break them.

\`\`\`ts
const db = resource(() => sharedPool, (pool) => pool.end());           // PD2218
const { rows } = await sharedPool.query("SELECT …");                   // saved by its name
\`\`\``,
  },
  PD2301: {
    slug: "step-cannot-be-prepared",
    text: "%function% (%place%): an operand of the step `%text%` cannot be saved: %why%",
    fix: "%mend%",
    page: `
A step is called after the save that holds its arguments, perhaps by another process. So its arguments must be values that can be saved, names
(imports, module bindings, provided hosts), or expressions that make them anew for each attempt.

A query builder that a *durable* function made is a value of the turn, not an expression that an attempt can make anew:

\`\`\`ts
function table() { return db("users"); }                   // in a file with "use durable"
await table().where({ id });                               // PD2301
await db("users").where({ id });                           // one expression of ordinary code: a step
await table().where({ id });                               // the same, with table() in an ordinary module
await step(async () => table().where({ id }));             // or all of it inside one step
\`\`\``,
  },
  PD2302: {
    slug: "step-cannot-be-opened",
    text: "%function% (%place%): the saved operands of the step `%text%` cannot be opened here: %why%",
    fix: "link or provide what is missing, then retry the run",
    page: "The step was saved by a process that had other code, codecs or provided hosts than this one. It was not called.",
  },
  PD2303: {
    slug: "step-result-cannot-be-taken-in",
    text: "what a step left behind could not be encoded: %why%",
    fix: "return plain data from the step, and do not put sockets, streams or functions into its arguments",
    page: "A step's result, and what it changed in its copy of the arguments, enter the run by value. Here a property could not even be read.",
  },
} as const satisfies MessageTable;

export const error = coded(operationMessages);
