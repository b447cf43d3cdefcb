/** What may be started: every function of the module level, however it is written. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product } from "../product.ts";
import { type App, endToEnd, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());

test("constants that hold functions, and the default export, may be started", async () => {
  app = await built.open();
  engine = working(app, storeFile(built));
  for (const [fn, wanted] of [
    [app.arrow, "arrow a"],
    [app.expression, "expression a"],
    [app.named, "own a"],
    [app.short, "a"],
    [app.byDefault, "default a"],
  ] as const)
    expect(await (await engine.start(fn, ["a"])).result()).toBe(wanted);
});

test("they are saved by name, and children may be made of them", async () => {
  app = await built.open();
  engine = working(app, storeFile(built));
  const run = await engine.start(app.startsAll, ["b"]);
  expect(await run.result()).toEqual([true, "arrow b", "expression b", "own b", "b", "hidden arrow b"]);
});

test("a closure may not", async () => {
  app = await built.open();
  engine = working(app, storeFile(built));
  const closure = await app.makesClosure();
  expect(await failure(engine.start(closure, []))).toMatchObject({ code: "PD2512" });
});
