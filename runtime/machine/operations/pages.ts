/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../../errors.ts";

export const pages = {
  PD2201: `
A call of ordinary code that nobody knows to yield a promise runs at once, inside the turn, unless what is called is an \`async\` function. A native promise cannot be
saved, and what it stands for has already begun, before the save that should hold its arguments. The run is blocked at its last good save.

\`\`\`ts
const pending = { receipt: client.charge(order) };        // PD2201: the type of client is any, and charge(order) { return post(…); } is not async
const pending = { receipt: step(() => client.charge(order)) };   // a step
\`\`\`

Types make most of these calls steps by themselves: give the callee a type whose result is a \`Promise\`.`,
  PD2202: `
A durable closure shares variables with its run. Ordinary code that calls it later, from a timer, an event or a queue of its own, would change
the run outside any turn: such a change could not be saved with its cause, and would be lost or repeated after a crash. The caller gets this error.

\`\`\`ts
emitter.on("data", chunk => { total += chunk.length; });              // PD2202 when "data" is emitted
const total = await step(async () => { let n = 0; for await (const c of emitter) n += c.length; return n; });
\`\`\``,
  PD2203: `
Every attempt of a step works on its own copy of its arguments. When it settles, the properties that it changed are applied to the originals.
Here the original was changed as well since the step was called, so that one of the two changes would be lost. Nothing was applied.

\`\`\`ts
const filled = fillTax(order);          // changes order.tax in its copy
order.tax = 0;                          // so does the run, meanwhile
await filled;                           // PD2203
order.tax = await taxOf(order);         // instead
\`\`\`

Two changes to the same value are one, unless they would add up: a number, or a text or list that both have made longer.

\`\`\`ts
await Promise.all(pages.map((page) => load(page, stats)));              // PD2203 where two calls raise stats.rows
const rows = await Promise.all(pages.map((page) => load(page)));        // instead: they return what they counted
stats.rows += rows.reduce((sum, n) => sum + n, 0);
\`\`\``,
  PD2204: `
Units: ms, s, m (minutes), h, d, w, and their English names, singular or plural; several parts are added. Months and years have no fixed length:
pass a \`Date\`. Negative numbers, NaN and infinity are refused.`,
  PD2205: `
A child run is started by the name of its function, perhaps in another process. A closure, an ordinary function or a function of a file that was
not transformed has no such name.`,
  PD2206: `
\`setInterval\` of \`node:timers/promises\` yields from a queue inside the platform. In durable code, write
\`for (;;) { await sleep("1h"); … }\`.`,
  PD2207: "The text form of `setTimeout` is not supported.",
  PD2209:
    "The id of a child run is a run id like any other: it makes the start idempotent, and is unique in the store.",
  PD2210: "The options of `step` are checked when it is called.",
  PD2211: `
\`AbortSignal.timeout()\` and controllers of ordinary code abort when the platform says so, not when the run does: after a crash the run would not know.
Signals of an \`AbortController\` made in durable code, and aborted there, are fine.`,
  PD2212: "The options of the functions of `perdure/patterns` are checked when they are called.",
  PD2213: `
A query builder or another lazy thenable starts its work when it is awaited. That is a step, which may have to be made again after a crash: so it is kept as the
expression that makes it, where it is awaited in that expression, or in one place through a variable that nothing else uses but to extend it. Builders call
their callbacks when they are made, or when they are sent, or both; so one that is kept has callbacks that only build.

\`\`\`ts
const query = db("users").select("name");
if (filter.name) query.where("name", filter.name);     // kept, and part of the step
if (filter.own) query.where((b) => b.where("owner", me).orWhere("public", true));
return await query;

const search = (name: string) => db("users").where("name", name);
return await search("Ann").limit(1);                   // the step is of what it returns

const query = db("users").select("name");
addFilters(query, filter);
return await query;                                    // PD2213: nobody knows what became of it

return await step(async () => {                        // one step: made and sent anew in each attempt
  const query = db("users").select("name");
  addFilters(query, filter);
  return await query;
});
\`\`\``,
  PD2214:
    "The transaction is that of the store which keeps the run. Inside another step there is none either: steps do not nest.",
  PD2215: "The options of `transaction` are checked when it is called.",
  PD2216: `
The value of a resource is made again wherever the run is loaded, and everything that holds it is given the new one. So it must be there at once, and it
must be something with an identity.

\`\`\`ts
const db = resource(async () => await connect(url), (c) => c.end());   // PD2216: a promise
const db = resource(() => new Pool({ connectionString: url }), (pool) => pool.end());
\`\`\``,
  PD2217: `
The run was loaded by a process that did not hold its resource, so the function given to \`resource(make, dispose)\` was called again. When the resource was first made an
error of that function was thrown in the run; now nobody is there who could catch it, so the run is blocked at its last good save.`,
  PD2218: `
Imports, module bindings and provided hosts are saved by their names and live as long as their process. A resource is the run's own, and disposed of when the run leaves the
process: disposing of a value that others use would break them.

\`\`\`ts
const db = resource(() => sharedPool, (pool) => pool.end());           // PD2218
const { rows } = await sharedPool.query("SELECT …");                   // saved by its name
\`\`\``,
  PD2219: `
A call that is given promises is one step, promises and all (\`prisma.$transaction([a, b])\`), unless its callee turns out to be durable: then it is a call as any other. Where one of its
arguments awaits, the others have been kept for a step when the callee is known.

\`\`\`ts
await team.gather([ask("ann"), await ask("bob")]);       // PD2219 when gather is a durable function
const [ann, bob] = [ask("ann"), await ask("bob")];       // instead
await team.gather([ann, bob]);
\`\`\``,
  PD2220: `
An operand that cannot be saved is kept as the expression that makes it, and made again for each attempt. Async functions may stand in it, as those of an agent's tools do: they are
called when the step runs. What calls one while the operand is still being made would do so again and again; so would what makes a step, sets a timer, makes a token or starts a run there.
Where the operand can be saved, it is no more than a value, and nothing is done twice.

\`\`\`ts
await generateText({ model, tools: { weather: tool({ inputSchema, execute: async ({ city }) => … }) } });   // fine: called by the step
await run(schedule(async () => charge(order)));                                  // PD2220 when schedule() calls it at once
await step(async () => run(schedule(async () => charge(order))));                // instead
\`\`\``,
  PD2221: `
What cannot be saved, and is used by steps alone, is made anew by each of them. That is right for a client, which holds what it was made of. What one step has *changed* of
its own is not there for the next: the messages of a conversation, the sheets of a workbook, the state of a connection. The run sees it where a property of the object is
another one after the step than before, or where a list, \`Map\` or \`Set\` in a property has grown or shrunk; and where the method that was called assigns to a private field. It cannot see what is in variables of ordinary closures.
A step that is under way at the same time has been given another one already, and stops the run too: of a lock or a queue each would hold its own.

\`\`\`ts
const chat = ai.chats.create({ model });
await chat.sendMessage({ message: "I am Ann." });
await chat.sendMessage({ message: "Who am I?" });                 // PD2221: each step would have a conversation of its own
const answer = await step(async () => {                            // instead: one step
  const chat = ai.chats.create({ model });
  await chat.sendMessage({ message: "I am Ann." });
  return (await chat.sendMessage({ message: "Who am I?" })).text;
});
const history = [{ role: "user", parts: [{ text: "I am Ann." }] }];  // or the state in a variable of the workflow, which is saved
const { text } = await ai.models.generateContent({ model, contents: history });
\`\`\``,
  PD2222: `
A step is ordinary code: it begins again if its process dies, and nothing in it is saved. A call of a function whose file has no directive is one step, with all that this
function does. So a long \`sleep\`, a \`token\` or a \`start\` in it cannot be what they are in a run.

\`\`\`ts
// fulfil.ts, without "use durable" at its top
export async function fulfil(id: string) {
  await charge(id);
  await sleep("3 days");                       // PD2222: the step would begin again, and charge again
  await ship(id);
}
\`\`\`

With the directive the function is part of the run that calls it: \`charge\` and \`ship\` are steps, and the sleep is a durable timer. A step may sleep for up to a
minute; for any pause that may be lost there is \`setTimeout\` of \`node:timers/promises\`.`,
  PD2301: `
A step is called after the save that holds its arguments, perhaps by another process. So its arguments must be values that can be saved, names
(imports, module bindings, provided hosts), or expressions that make them anew for each attempt.

A client or query builder that the workflow makes is such an expression where it stands, in a variable that only calls use, and where a function of the workflow returns it
(types must be known). In a property, a list or a closure it is a value. Nor can one be made anew whose callbacks do more than build: to call them again would do that again.

\`\`\`ts
await new Api(key).get(path);                              // made for each attempt: fine
const connect = (key: string) => new Api(key);             // in a file with "use durable", too
await connect(key).get(path);
this.api = new Api(key);                                   // a value
await this.api.get(path);                                  // PD2301
await orders().where((b) => { count++; b.open(); }).all(); // PD2301: made again, it would count again
await step(async () => new Api(key).get(path));            // whatever it is: all of it inside one step
\`\`\`

An argument that is made anew must be the same each time: a service that has taken the first attempt must see that the second is no other call. What is random in it is drawn in a
line of its own, whose value is saved. The run sees what the properties of the argument show, its \`toJSON()\` and its \`toString()\`; not what is hidden in closures.

\`\`\`ts
await bank.send(payment(order));                           // PD2301: payment() draws an id, and its value cannot be saved
const id = crypto.randomUUID();
await bank.send(payment(order, id));                       // instead
\`\`\``,
  PD2302:
    "The step was saved by a process that had other code, codecs or provided hosts than this one. It was not called.",
  PD2303:
    "A step's result, and what it changed in its copy of the arguments, enter the run by value. Here a property could not even be read.",
  PD2304: `
A warning, printed once for the step or given to the observer (\`waiting-step\`). Each attempt of a step works on its own copy of its arguments and of the object whose method it calls. An
ordinary \`bus.once("paid")\` puts a callback into that copy; \`bus.emit("paid")\` in the run looks into the run's own object, and the step waits for ever.

\`\`\`ts
const paid = bus.once("paid");                             // Bus: a class of an ordinary file
bus.emit("paid", receipt);                                 // the step has a copy of bus, and hears nothing
\`\`\`

With the directive in the file that declares it, the class is part of the workflow: its methods run in the run, and its callbacks and promises are saved with it. A step that
does come to its end, since the object calls back by itself, goes on as if nothing had been said.`,
} as const satisfies MessagePages;
