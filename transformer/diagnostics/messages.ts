/** Diagnostics of the compiler. PD10xx: what durable code may not contain; PD11xx: what is not lowered yet (up to PD1119 found by the lowering itself); PD12xx: warnings. */
import type { MessageTable } from "perdure/internal/errors";

export const messages = {
  PD1001: {
    slug: "direct-eval",
    text: "%function% calls eval directly",
    fix: "use `(0, eval)(text)` or `new Function(text)`, which see no local variables",
    page: `Direct \`eval\` reads and writes the local variables of the function around it by name. In a durable function those live in the saved
frame, under names and in places that the text given to \`eval\` cannot know.

    const total = eval("price * count");         // before
    const total = (0, eval)(\`\${price} * \${count}\`); // after: indirect, sees only globals`,
  },
  PD1002: {
    slug: "with-statement",
    text: "%function% has a with statement",
    fix: "name the object: `settings.retries` instead of `with (settings) retries`",
    page: `Durable code is strict-mode module code, where \`with\` does not exist (ECMA-262 14.11.1). Inside it no compiler can tell which names are
variables of the function, and so what a saved frame must hold.`,
  },
  PD1003: {
    slug: "sloppy-mode-construct",
    text: "%construct% is not strict-mode code",
    fix: "%mend%",
    page: `Durable code is strict-mode code, whatever the file around it is: the transformer's output is a module. A construct that exists, or that means
something else, only in sloppy mode would change its meaning silently, so it is refused.

Among these are \`delete\` of a variable, assignment to \`eval\` or \`arguments\`,
function declarations as the body of an \`if\` or a label, and variables named like a word that strict mode reserves.`,
  },
  PD1004: {
    slug: "caller-and-callee",
    text: "%function% uses %construct%",
    fix: "give the function a name and call it by that name",
    page: `\`arguments.callee\`, \`arguments.caller\` and \`f.caller\` throw a TypeError in strict mode (ECMA-262 10.2.4), and a function that continues in another
process has no caller.

    return n < 2 ? 1 : n * arguments.callee(n - 1);                    // before
    return (function factorial(n) { return n < 2 ? 1 : n * factorial(n - 1); })(n);  // after`,
  },
  PD1005: {
    slug: "subclass-of-promise",
    text: "class %name% extends Promise at the level of a durable module",
    fix: "keep a promise in a field of the class, add a function that takes a promise, or make the class in a function",
    page: `Inside a run \`Promise\` is the run's own: it has the run's job queue and is saved with its reactions. A class that is made when its module is evaluated,
before there is any run, would extend that of the process. One that a durable function makes extends the run's, and is saved as any class.

    class Job extends Promise { … }                                     // before
    class Job { readonly done = new Promise((resolve) => { … }); }       // after

A subclass in ordinary code is no problem: a call that yields one is a step.`,
  },
  PD1006: {
    slug: "for-await-over-ordinary-iterator",
    text: "%function% iterates over %type%, which lives in this process only",
    fix: "%mend%",
    page: `A stream, a cursor or an async generator of ordinary code holds its position in objects that no other process can rebuild: a run that was saved in
the middle of the loop could not go on.

    for await (const row of cursor) await charge(row);                   // before: the run is saved in the middle
    const rows = await step(async () => {                                // after: read in one step, which yields all
      const all: Row[] = [];
      for await (const row of cursor) all.push(row);
      return all;
    });
    for (const row of rows) await charge(row);

A loop whose body waits for nothing needs no \`step\`: the whole loop is one, from the making of its source to its end.

    const stream = await openai.chat.completions.create({ …, stream: true });   // this works
    for await (const part of stream) text += part.choices[0]?.delta?.content ?? "";

That is so where the source is made in the loop's head, is declared directly before the loop for it alone, or is imported; where the variables that the loop changes
(and what they hold) are used by no other function, and no other function changes those that it reads; and where it starts nothing: calls in it are of ordinary code, built-ins or synchronous
functions of the module, and yield no promise. What it changes comes back with the step's result. An attempt that is lost begins again, with the values of before.

For long lists read a page at a time: each page is a step, and the cursor between two pages is plain data.`,
  },
  PD1007: {
    slug: "syntax-error",
    text: "%problem%",
    fix: "mend the syntax; nothing else in this file was looked at",
    page: `The file could not be parsed, so it was not transformed. The words are those of the TypeScript parser.`,
  },
  PD1008: {
    slug: "misplaced-using",
    text: "%function% declares %name% with %keyword% %where%",
    fix: "%mend%",
    page: `ECMAScript allows \`using\` and \`await using\` in blocks, bodies of functions and heads of \`for\` and \`for of\` loops, each with a name and a value. A clause
of a \`switch\` is no scope of its own, so nobody could see when its resource is disposed of.

    switch (kind) { case "a": using lock = open(); … }                   // before
    switch (kind) { case "a": { using lock = open(); … } }                // after`,
  },
  PD1009: {
    slug: "text-of-function",
    text: "%function% takes the text of %name%, which is another one once it is compiled",
    fix: "use its name, or a key of your own",
    page: `An async function or a generator is compiled to a state machine, so its text is no longer what its author wrote, and is another one after each change of the
compiler. As a property key, in a template, of \`String(f)\` or \`f.toString()\` it would be a value that no other process has.

    cache[charge.toString()] = answer;     // before
    cache[charge.name] = answer;           // after`,
  },
  PD1010: {
    slug: "extends-no-constructor",
    text: "%function% makes a class that extends %name%, an async function or generator, which constructs nothing",
    fix: "extend a class, or call the function",
    page: `Async functions and generators are no constructors: \`class X extends f\` throws a TypeError when it is evaluated. What a declaration of the module is compiled to
is hoisted as an ordinary function is, so a class could be made of it, and would do something else than the same code that was not compiled.

    class Import extends pages {}                   // before
    class Import { pages = pages; }                 // after`,
  },
  PD1011: {
    slug: "prototype-of-promises",
    text: "%function% asks what Promise.prototype inherits, which is another object in a run",
    fix: "ask a promise itself: `value instanceof Promise`",
    page: `A run has a \`Promise\` of its own, whose promises it can save. It extends the platform's, so \`Promise.prototype\` inherits the platform's \`Promise.prototype\`
there, and not \`Object.prototype\`: ordinary code that a promise of the run is given to finds it to be a promise.

    Object.getPrototypeOf(Promise.prototype) === Object.prototype     // before: false in a run
    value instanceof Promise                                          // after: the same everywhere`,
  },
  PD1012: {
    slug: "early-error",
    text: "in %function%, %problem%",
    fix: "%mend%",
    page: `ECMAScript refuses such code before it runs: an early error. The parser, which only takes types away, does not look for it, and once the file is
transformed nobody can: variables have become slots of a frame, loops and labels have become blocks, so the code would run, and do something else than what is written.

    const total = sum(order.items);
    const total = await charge(order);                  // before: total is declared twice
    const charged = await charge(order);                // after`,
  },
  PD1013: {
    slug: "stray-directive",
    text: "%text% makes nothing durable: %why%",
    fix: 'write "use durable" at the top of the file, before the imports, or as the first statement of the function',
    page: `A directive is a text that stands, by itself, before all other statements of a file or of a function (ECMA-262 11.2.1). Behind an import or a statement,
in backquotes, or in other letters it is an expression without effect: the functions would be ordinary ones, nothing in them would be saved, and nobody would say so.

    import { sleep } from "perdure";
    "use durable";                       // before: no directive

    "use durable";                       // after
    import { sleep } from "perdure";`,
  },
  PD1101: {
    slug: "super-outside-its-class",
    text: "%function% uses super where its code cannot reach it",
    fix: "call `super(…)` in the constructor itself, and declare the durable method in a durable module",
    page: `The code of an async method or of a closure continues outside the function that it was written in, and looks up \`super.name\` from its class or object
literal. \`super(…)\` in an arrow function would have to make the object of a constructor that it is not in. In an ordinary file, where only a method has the
directive, the class around it is not the compiler's to change, when it is made inside a function or is an object literal.

    constructor() { const make = () => super(); make(); }   // before
    constructor() { super(); }                              // after`,
  },
  PD1105: {
    slug: "not-lowered",
    text: "%function% has %construct% where durable code cannot be suspended yet",
    fix: "await into a variable before it; make the functions of a namespace functions of the module; or move it to an ordinary module",
    page: `The construct contains an \`await\`, or is a declaration, that this version cannot turn into a state machine. It is refused, never compiled wrongly.`,
  },
  PD1107: {
    slug: "durable-function-captures-ordinary-variable",
    text: "%function% is durable and uses %variable% of the ordinary function around it",
    fix: "pass %variable% as a parameter, or make the outer function durable",
    page: `The directive in a function makes that function and what is inside it durable. Variables of the ordinary function around it are not saved, so the durable
function cannot share them.

    function handler(request) { async function pay() { "use durable"; await charge(request.id); } }          // before
    function handler(request) { async function pay(id) { "use durable"; await charge(id); } }                // after`,
  },
  PD1122: {
    slug: "decorator-on-durable-code",
    text: "decorator @%name% stands on %target%: %reason%",
    fix: "call the function that the decorator stands for inside the method, or decorate a class of an ordinary module that calls it",
    page: `A class that is declared at the level of a durable module may have decorators, and so may its members and the parameters of its constructor. They may
take note of what they stand on; one that changes it is refused when the module is loaded (PD2005). Classes that functions make, async methods and generators become other
text, and a decorator would be given what is not written there.

    class Orders { async settle(@audited order: Order) { … } }             // before
    class Orders { async settle(order: Order) { audit(order); … } }         // after`,
  },
  PD1201: {
    slug: "run-value-in-module-binding",
    text: "%function% writes to %name%, which all runs of this process share",
    fix: "keep it in a local variable, return it, or store it outside with a step",
    page: `A module binding belongs to the process: every run in it sees the value, and none of them finds it again after a crash or on another worker. Objects,
promises and closures of one run that another run touches are an error when it does. So do globals and what built-ins have as properties: a function of
the run that is put on \`Array.prototype\` or \`globalThis\` stays there when the run is saved, and keeps the variables as they were before.

    let current: Order;                                                 // before
    export async function settle(order: Order) { current = order; … }

    export async function settle(order: Order) { const current = order; … }  // after

An object that the module makes of a class of its own is one for all runs, too. What its methods write to \`this\` belongs into variables of the run, or the object is
made by the run: then it is saved with it. So is what a function of the module has closed over when the module called it (\`const counter = createCounter()\`): call it
in the run.

    export const shop = new Shop(new Carts());                          // before: Shop.order writes to this.last
    export async function order(cart: Cart) { const shop = new Shop(new Carts()); … }  // after`,
  },
  PD1202: {
    slug: "module-level-cache",
    text: "%function% puts a value of its run into %name%, which all runs of this process share",
    fix: "make it inside the durable function, or keep the cache in an ordinary module and call it in a step",
    page: `A collection at module level that durable code fills mixes the values of different runs. Promises are the worst case: a second run awaits the promise of
the first one, which is an error, and after a crash it would never settle.

    const pending = new Map<string, Promise<Quote>>();                     // before
    export async function quote(id: string) {
      if (!pending.has(id)) pending.set(id, fetchQuote(id));
      return await pending.get(id);
    }

    import { cachedQuote } from "./quotes.ts";                            // after: the cache is ordinary code's
    export async function quote(id: string) { return await cachedQuote(id); }`,
  },
  PD1203: {
    slug: "module-level-limiter",
    text: "%function% runs its work through %name%, a limiter that all runs of this process share",
    fix: "make one inside the durable function, with `limiter` of `perdure/patterns`, or limit the ordinary function that it calls",
    page: `\`const limit = pLimit(5)\` at module level queues closures of several runs in one ordinary object. A closure of a run that is called by ordinary code
outside a turn is an error, and what waits in the queue is lost in a crash.

    const limit = pLimit(5);                                            // before
    await Promise.all(items.map((item) => limit(() => charge(item))));

    export const charge = (item: Item) => limit(() => api.charge(item));   // after, in the ordinary module
    await Promise.all(items.map((item) => charge(item)));`,
  },
  PD1204: {
    slug: "thenable-kept-in-variable",
    text: "%name% holds %type%, a thenable that is not a Promise, and is awaited away from where it is made",
    fix: "await it where it is written, or in one place only, through a variable that nothing else uses but to extend it (with callbacks that change nothing outside themselves); or make and await it in one step: await step(async () => { const query = …; return await query; })",
    page: `Query builders start their work when they are awaited. Awaited where it is written, the whole expression is one step and is evaluated again for each
attempt. Kept in a variable it is an ordinary object that no other process can rebuild: if the run is saved while it is alive, the run is blocked.

A variable may be extended until it is awaited, when nothing else uses it: no function that it is given to, no closure, no second \`await\`.

    let query = db.select().from(orders).$dynamic();                    // this works
    if (open) query = query.where(eq(orders.open, true));
    const rows = await query;

    const query = db.select().from(orders).$dynamic();                  // before
    const rows = await paged(query, page);

    const rows = await findOrders(open, page);                          // after: an ordinary function builds and awaits it`,
  },
} as const satisfies MessageTable;

export type DiagnosticCode = keyof typeof messages;
