/** Where runs stand, as those see it who hold an engine, in this process and in another. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, lineOf, type Product, places, until } from "../product.ts";
import { type App, endToEnd, open, statusOf, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let path: string;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());
async function begin(): Promise<void> {
  app = await built.open();
  path = storeFile(built);
  engine = working(app, path);
}
const line = (text: string): string => lineOf("end-to-end", "programs.ts", text);

test("the stack names lines and shows variables, also in a process that did not run it", async () => {
  await begin();
  await engine.start(app.approval, [{ id: 7, total: 20_000 }], { id: "a" });
  await until(() => app.gates.size === 2);
  await open(app, "left");
  const received = async () =>
    (await engine.run("a").stack()).some(({ locals }) => locals["receipts"] === '["7-left"]');
  await until(received);

  const elsewhere = await built.open();
  const reader = elsewhere.createEngine({ store: elsewhere.sqlite(path) });
  const stack = await reader.run("a").stack();
  expect(places(stack)).toEqual([
    `collect ${line("receipts.push(")}`,
    `approval ${line("await Promise.all([collect")}`,
  ]);
  expect(stack[0]!.waitsFor).toBe("step gate(name)");
  expect(stack[0]!.locals).toMatchObject({ prefix: '"7-"' });
  expect(stack[1]!.locals).toMatchObject({ receipts: '["7-left"]' });

  await open(app, "right");
  await until(() => app.log.some((text) => text.startsWith("token ")));
  const token = app.log.find((text) => text.startsWith("token "))!.slice(6);
  await until(async () => (await reader.run("a").stack())[0]?.waitsFor === "token");
  await engine.stop();
  engine = working(elsewhere, path);
  expect(await engine.resume(token, "yes")).toBe("accepted");
  expect(await engine.run("a").result()).toBe("7-left,7-right yes");
  expect(await engine.run("a").stack()).toEqual([]);
});

test("a run that nothing can wake is stuck, says the line, and can be cancelled", async () => {
  await begin();
  const run = await engine.start(app.forgetsResolver, ["started"], { id: "a" });
  const error = await failure(run.result());
  expect(error).toMatchObject({ code: "PD2105", fix: expect.stringContaining("cancel the run") });
  expect(error.message).toContain(`${line("return await never")}:`);
  expect(error.message).toContain("forgetsResolver");
  expect(await run.status()).toMatchObject({ status: "stuck", reason: { code: "PD2105" } });
  expect(places(await run.stack())).toEqual([`forgetsResolver ${line("return await never")}`]);
  await run.cancel();
  await until(async () => (await statusOf(engine, "a")) === "cancelled");
  expect((await failure(run.result())).name).toBe("CancelledError");
});

test("a run whose function has settled is finishing until nothing is pending; its result is known", async () => {
  await begin();
  const run = await engine.start(app.leavesStepBehind, [], { id: "a" });
  expect(await run.result()).toBe("decided");
  expect(await statusOf(engine, "a")).toBe("finishing");
  expect(await run.cancel()).toBe("already-settled");
  await until(async () => (await statusOf(engine, "a")) !== "finishing");
  expect(await statusOf(engine, "a")).toBe("done");
  expect(await run.result()).toBe("decided");
});

test("a rejection that nobody handles fails the run, with its line", async () => {
  await begin();
  const run = await engine.start(app.forgetsAwait, []);
  const error = await failure(run.result());
  expect(error.message).toContain("PD2104: the promise rejected at ");
  expect(error.message).toContain(`${line('refuse("nobody looks")')}:`);
  expect(error.message).toContain("RangeError: nobody looks");
  expect(error.cause).toBeInstanceOf(RangeError);
  expect((await run.status()).status).toBe("failed");
});

test("what is thrown and is no error says its line and what it holds too", async () => {
  await begin();
  const text = await failure((await engine.start(app.forgetsPlainly, [])).result());
  expect(text.message).toContain(`PD2104: the promise rejected at ${line('refusePlainly("only')}:`);
  expect(text).toMatchObject({ cause: "only a text", message: expect.stringContaining("by nobody: only a text") });
  const run = await engine.start(app.throwsResponse, []);
  const object = await failure(run.result());
  expect(object).toMatchObject({ message: 'a thrown object: {"code":42,"of":[1,{"big":"7"}]}', code: 42 });
  expect((await run.status()).error).toBe(`Error: ${object.message}`);
});

test("an error thrown in a timer's callback fails the run, as it ends a process", async () => {
  await begin();
  const run = await engine.start(app.throwsInTimer, []);
  const error = await failure(run.result());
  expect(error.message).toContain("TypeError: thrown in a timer");
  expect(error.message).toContain(`PD2106: the callback at ${line("setTimeout(() => {\n    throw")}:`);
  expect((await run.status()).status).toBe("failed");
});
