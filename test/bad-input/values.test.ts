/** Values that cannot be saved: in variables, closures, arguments, results, and in what is thrown. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, at, badInput, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await badInput();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());

async function begin(): Promise<void> {
  app = await built.open();
  path = storeFile(built);
  engine = working(app, path);
}
const socketCodec = (of: App) =>
  of.codec(of.Socket, { tag: "socket", encode: ({ host }) => ({ host }), decode: ({ host }) => of.connect(host) });

test("a variable that cannot be saved blocks the run before anything is issued; a codec mends it", async () => {
  await begin();
  const run = await engine.start(app.keepsSocket, ["db.example"], { id: "a" });
  const error = await failure(run.result());
  expect(error).toMatchObject({ code: "PD4001", fix: expect.stringContaining("codecs: [codec(Socket") });
  expect(error.message).toContain(`keepsSocket ${at("programs.ts", 'await note("before");\n  return order')}`);
  expect(error.message).toContain("› order.transport.socket cannot be saved");
  expect(error.message).toContain("docs/errors/PD4001.md");
  expect(app.calls, "the step waits for the save that holds its waiter").toEqual([]);
  expect((await run.status()).status).toBe("blocked");
  await engine.stop();

  const mended = await built.open();
  engine = working(mended, path, { codecs: [socketCodec(mended)] });
  // Nobody asks for it: the sweep sees that this environment is another one.
  await until(async () => (await engine.run("a").status()).status === "done");
  expect(await engine.run("a").result()).toBe("db.example: after");
  expect(mended.calls).toEqual(["before"]);
});

test("a captured variable is named by its closure", async () => {
  await begin();
  const run = await engine.start(app.keepsSocketInClosure, ["db.example"]);
  const error = await failure(run.result());
  expect(error.code).toBe("PD4001");
  expect(error.message).toContain(`write ${at("programs.ts", "const write =")}`);
  expect(error.message).toContain("› socket cannot be saved");
});

test("a step's result that is kept across a save blocks the run there; released code mends it", async () => {
  await begin();
  const run = await engine.start(app.keepsDialled, ["db.example"], { id: "a" });
  const error = await failure(run.result());
  expect(error.code).toBe("PD4001");
  expect(error.message).toContain(`keepsDialled ${at("programs.ts", 'await note("dialled")')}`);
  expect(error.message).toContain("› socket cannot be saved");
  expect(app.calls).toEqual(["dial db.example"]);
  // The last good save is the one before the step settled: a codec lets it go on from there.
  expect((await run.stack())[0]).toMatchObject({ function: "keepsDialled", waitsFor: "step dial(host)" });
  await engine.stop();
  const mended = await built.open();
  engine = working(mended, path, { codecs: [socketCodec(mended)] });
  await until(async () => (await engine.run("a").status()).status === "done");
  expect(await engine.run("a").result()).toBe("db.example: after");
  expect(mended.calls).toEqual(["dial db.example", "dialled"]);
});

test("a step's result that cannot be saved may be used until the next save", async () => {
  await begin();
  const run = await engine.start(app.usesDialledAtOnce, ["db.example"]);
  expect(await run.result()).toBe("db.example: after");
});

test("an argument that cannot be saved is refused by start, with its path", async () => {
  await begin();
  const error = await failure(engine.start(app.keepsOrder, [{ id: 1, via: { socket: app.connect("x") } }]));
  expect(error.code).toBe("PD4001");
  expect(error.message).toContain(
    "arguments[0].via.socket cannot be saved: it is an instance of the ordinary class Socket",
  );
  expect(await engine.list()).toEqual([]);
});

test("a result that cannot be saved blocks the run, which names the function; released code mends it", async () => {
  await begin();
  const run = await engine.start(app.returnsSocket, ["db.example"], { id: "a" });
  const error = await failure(run.result());
  expect(error.code).toBe("PD4001");
  expect(error.message).toContain(`returnsSocket ${at("programs.ts", "export async function returnsSocket")}`);
  await engine.stop();
  const mended = await built.open();
  engine = working(mended, path, { codecs: [socketCodec(mended)] });
  await until(async () => (await engine.run("a").status()).status === "done");
  const socket = (await engine.run("a").result()) as { write(text: string): string };
  expect(socket).toBeInstanceOf(mended.Socket);
  expect(socket.write("on")).toBe("db.example: on");
});

test("what is thrown always leaves the run: with all of it that can be saved", async () => {
  await begin();
  const run = await engine.start(app.throwsSocket, ["db.example"]);
  const error = await failure(run.result());
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ message: "bad host", attempts: 3 });
  expect(error, "the data of the socket, and not the socket").toMatchObject({ socket: { host: "db.example" } });
  expect((await run.status()).status).toBe("failed");
  const other = await failure((await engine.start(app.throwsNoError, ["db.example"])).result());
  expect(other.message).toBe('a thrown Socket: {"host":"db.example"}');
});

test("an error thrown by a step enters with what can be saved of it, and is caught", async () => {
  await begin();
  const run = await engine.start(app.catchesCardError, []);
  expect(await run.result()).toEqual([true, "CardDeclined", "no funds", "card_declined", { host: "card.example" }]);
});

test("a step's operand that cannot be saved names the step and its line", async () => {
  await begin();
  const run = await engine.start(app.sendsUnsavable, []);
  const error = await failure(run.result());
  expect(error).toMatchObject({ code: "PD2301", fix: expect.stringContaining("step(async () => …)") });
  expect(error.message).toContain(`sendsUnsavable ${at("programs.ts", "await describeAll(")}`);
  expect(error.message).toContain("describeAll(registry)");
  expect(error.message).toContain("weak collection");
  expect(app.calls).toEqual([]);
});

test.each([
  [
    "put there before the first save",
    () => app.stampsAnObject,
    [false],
    /› order cannot be saved: it has private names of the class Stamp/,
  ],
  [
    "put on an object that was saved without",
    () => app.stampsAnObject,
    [true],
    /› order cannot be saved: it has private names of the class Stamp/,
  ],
  [
    "of an instance that lost its prototype",
    () => app.losesItsPrototype,
    [],
    /› order\.inner cannot be saved: it has private names of the class Sealed/,
  ],
])("private names of a class that an object does not show, %s, are refused", async (_, program, args, message) => {
  await begin();
  const run = await engine.start(program() as () => Promise<number>, args as []);
  const error = await failure(run.result());
  expect(error.code).toBe("PD4001");
  expect(error.message).toMatch(message);
  expect(app.calls).not.toContain("stamped");
});

test("private names on an object that no save reaches harm nobody", async () => {
  await begin();
  expect(await (await engine.start(app.stampsForAMoment, [])).result()).toBe(5);
});

test("an object of a built-in class whose prototype says otherwise is no plain object", async () => {
  await begin();
  const error = await failure((await engine.start(app.hidesAWeakMap, [])).result());
  expect(error.code).toBe("PD4001");
  expect(error.message).toContain(
    "› order.cache cannot be saved: it is an object of a built-in class whose prototype was exchanged",
  );
});

test("a durable callee that is given promises beside an await is refused, and not run inside a step", async () => {
  await begin();
  const error = await failure((await engine.start(app.givesPromisesBesideAnAwait, [])).result());
  expect(error.code).toBe("PD2219");
  expect(error.message).toContain("givesPromisesBesideAnAwait");
  expect(error.message).toContain('o.count([note("one"), await note("two")])');
});

test("an async function that is called while an operand is made of it", async () => {
  await begin();
  const error = await failure((await engine.start(app.beginsWhatItHandsOver, [])).result());
  expect(error.code).toBe("PD2220");
  expect(error.message).toContain("beginsWhatItHandsOver");
  expect(app.calls).not.toContain("begun");
});

test.each([
  ["step", 'the step `note("begun")` was made'],
  ["timer", "a timer was set"],
  ["token", "a token was made"],
  ["message", "a message was asked for"],
  ["run", "a run was started"],
])("a %s that is made while an operand is made of a function", async (what, text) => {
  await begin();
  const error = await failure((await engine.start(app.beginsWhileItMakes, [what])).result());
  expect(error.code).toBe("PD2220");
  expect(error.message).toContain("beginsWhileItMakes");
  expect(error.message).toContain(`${text} while an operand of a step was made`);
  expect(app.calls).not.toContain("begun");
});

const ASKING = [
  "postsRequest",
  "postsWrapped",
  "postsInLiteral",
  "postsAll",
  "postsConstant",
  "postsByClient",
  "postsByKeptClient",
] as const;

test.each([
  ["id", ".id"],
  ["nested", ".headers[0].value"],
  ["bytes", ".nonce"],
  ["map", ".headers[0][1]"],
  ["set", ".keys[0]"],
  ["number", ".key"],
  ["digits", ".key"],
  ["text", ""],
  ["json", ".request"],
] as const)("an argument that each attempt would make another: %s", async (shape, path) => {
  await begin();
  for (const name of ASKING) {
    const error = await failure((await engine.start(app[name], [shape])).result());
    expect(error.code).toBe("PD2301");
    expect(error.message).toContain(`made anew for each attempt, and be another each time${path && ` (${path})`}`);
    expect(error.message).toContain("draw what is random in it");
  }
});

test.each([
  "same",
  "clock",
  "counter",
  "emitter",
  "proxy",
  "circular",
  "closed",
] as const)("an argument that may be made again: %s", async (shape) => {
  await begin();
  for (const name of ASKING) expect(await (await engine.start(app[name], [shape])).result()).toBe("posted");
  expect(await (await engine.start(app.postsToGot, [shape])).result()).toBe("posted");
  expect(app.calls).not.toContain("asked a proxy");
});
