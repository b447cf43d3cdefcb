/** Prints `docs/calls.md` from the call table. */
import {
  CALLING_BACK,
  COMBINATORS,
  CONNECTING,
  DURABLE_GLOBALS,
  DURABLE_MODULES,
  EAGER_PROMISES,
  ENDING,
  LIVE_TYPES,
  PURE_GLOBALS,
  PURE_IMPORTS,
  PURE_MEMBERS,
  PURE_MODULES,
} from "./platform.ts";
import { POSITIONS } from "./positions.ts";
import { CALL_TABLE } from "./table.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");
const names = (list: Iterable<string>): string =>
  [...list]
    .sort()
    .map((name) => `\`${name}\``)
    .join(", ");

const members = (table: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
  [...table]
    .filter(([name]) => !name.startsWith("node:"))
    .flatMap(([name, list]) => [...list].map((member) => `${name}.${member}`));

export function printCallTable(): string {
  const rows = CALL_TABLE.map(
    (row) =>
      `| ${cell(row.call)} | ${cell(row.meaning)} | ${row.emitted ? `\`${cell(row.emitted)}\`` : "its own text"} | \`${row.id}\` |`,
  );
  const positions = Object.entries(POSITIONS).map(([id, words]) => `| \`${id}\` | ${cell(words)} |`);
  const eager = [...EAGER_PROMISES].map(([name, whose]) => `\`${name}\` (${whose})`);
  return `# What a call means

Printed from the table in \`transformer/2-analyze/calls/table.ts\` by \`npm run generate\`. The rows are tried in order, the first that applies decides. \`--explain\`
prints the row of every call of a build. The emitted forms are described in [abi.md](abi.md), section 4; each row has a fixture in \`fixtures/calls/\`.

Types are used where a tsconfig covers the file; without them every type is unknown. Whether a callee is durable is decided at the call, by its mark.

| call in durable code | meaning | emitted | row |
|---|---|---|---|
${rows.join("\n")}

## Promise position

Where the value of an expression is certainly consumed as a promise. Parentheses and type assertions change nothing; the branches of \`?:\` and the right operands of \`??\`, \`||\`, \`&&\` and the comma
are in the position of the whole.

| position | an expression that is |
|---|---|
${positions.join("\n")}

*Iterable position* is the same for the elements of an array: the argument of ${names([...COMBINATORS].map((name) => `Promise.${name}`))}; a spread element there or in a \`push\`; a \`const\` array
that is only pushed to, measured, indexed in promise position and used in iterable position; the receiver of \`concat\`, \`filter\`, \`flat\`, \`slice\` … in it; the list of a \`for … of\` whose variable
is used only in promise position.

## Operands of a step

- A value of the turn (a *leaf*): variables, operators, calls of built-ins and durable functions, \`await\`. It is evaluated once and saved.
- *Made*: an ordinary \`new\`, call, or property path that is more than one level below a reference (\`this.aws.s3\`). It is evaluated in the turn and, if its value cannot be saved, kept as that expression over its own operands. An argument that is another each time it is made (an id is drawn in it) is refused (PD2301).
- *Deferred*: a call that types know to yield a promise or thenable, inside a larger ordinary call that is a step. It is evaluated in the attempts only.
- A list of lazy thenables, \`users.map((user) => prisma.user.create({ data: user }))\`, is made in the turn; its elements are deferred. A variable is such a list where all of its uses are known: it is built with \`map\`, \`flatMap\`, \`Array.from\`, literals, \`push\` and \`unshift\`, cut with \`slice\`, \`splice\` and \`filter(Boolean)\`, joined with \`concat\` and spreads, measured, and given to steps.
- The call of a durable function is made in the turn. A lazy thenable that it returns is deferred, a client or builder is made: what the function draws, counts and chooses is the same in each attempt. The promise of an async one is none for ordinary code (PD2301): \`await\` it first.
- A \`const\` that is used only as an operand of steps is kept in the same way; but not a client that one of them connects or ends (\`await client.connect()\`, \`await client.quit()\`): the next step would make one that nobody has connected, or that nobody ends. It may be a literal in which such things stand, \`const tools = { find: tool({ … }) }\`; and what is read from it, \`stripe.charges\`, is made with it.

## Statements that are one step

Some values belong to a connection, a stream or a descriptor of this process, and cannot be kept: what they are used for has to happen in the step that made them. Where types show such a value, and nothing else is waited for or started
while it is used, the compiler writes \`step(async () => { … })\` around the statements; \`perdure explain\` lists it as one.

- A \`for await\` over an iterator of ordinary code, whose body waits for nothing, with the declarations that make the iterator: \`const stream = await openai.responses.create({ …, stream: true })\`.
- All statements from \`const { statusCode, body } = await request(url)\` to the last that uses \`body\`, when what they await are its methods: answers with a body or stream in them, and ${names(LIVE_TYPES.keys())}.
- The same from \`const client = new Client(url)\` on, where \`await client.${CONNECTING}()\` follows, or from \`const client = await createClient().connect()\`, for clients of packages that have such a method and one to end them (${names(ENDING)}); and from \`const queue = new Queue(name)\` or \`const tx = await db.transaction()\` on, where such a method of theirs is called, \`await queue.close()\`. What is got from the client (\`client.db().collection("users")\`) may be awaited too.
- The same from \`const answer = streamText({ … })\` on, for what a package makes and goes on with: it is iterated over, or has promises or streams in its properties, and one of its methods or promises is awaited: \`await answer.usage\`, \`await stream.finalMessage()\`, \`while (await cursor.hasNext())\`.

A client that only these statements ask for something, \`const openai = new OpenAI()\` directly in front of them, is made in the step.
Constants that they declare and others use come with the result of the step; so do the variables that they change, which no other function may see. A \`return\` among them returns from the function. What does not keep to this
is refused ([PD1006](errors/PD1006.md)), or stops the run with the path to the value ([PD2301](errors/PD2301.md)): then write the \`step\` yourself.

## Tables

**Durable globals**: ${names(DURABLE_GLOBALS.keys())}, \`process.nextTick\`. Those that call back: ${names(CALLING_BACK)}, \`Promise.try\`.

**Durable modules**: ${[...DURABLE_MODULES]
    .filter(([from]) => from.startsWith("node:"))
    .map(([from, to]) => `\`${from}\` (as \`${to}\`)`)
    .join(", ")}.

**Built-in and pure globals** (with all their members): ${names(PURE_GLOBALS)}; ${names(members(PURE_MEMBERS))}.

**Pure modules**: ${names([...PURE_MODULES].filter((name) => name.startsWith("node:")))}; of others ${names(members(PURE_IMPORTS))}.

**Eager subclasses of \`Promise\`**, which are steps at the call: ${eager.join(", ")}. Every other subclass is taken to be lazy.
`;
}
