/** Ordinary code and runs that reach into each other: refused with the line, never silently wrong, never caught by durable code. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, at, badInput, storeFile, working } from "./app.ts";

let built: Product<App>;
let app: App;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await badInput();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());
async function begin(): Promise<void> {
  app = await built.open();
  engine = working(app, storeFile(built));
}
const here = (text: string): string => at("contract.ts", text);

test("a resolver that ordinary code calls outside any turn", async () => {
  await begin();
  const run = await engine.start(app.handsOutResolver, [], { id: "a" });
  await until(async () => (await run.status()).status === "waiting" && app.kept.length > 0);
  app.kept[0]!.resolve!("from outside");
  const error = await failure(run.result());
  expect(error).toMatchObject({ code: "PD2103", fix: expect.stringContaining("step(") });
  expect(error.message).toContain(`a promise of run a (awaited by handsOutResolver ${here("await Promise.race")}`);
  expect((await run.status()).status).toBe("blocked");
});

test("a closure that ordinary code calls outside any turn: the caller gets the error, and the run", async () => {
  await begin();
  const run = await engine.start(app.handsOutClosure, [], { id: "a" });
  await until(async () => (await run.status()).status === "waiting" && app.bus.listenerCount("data") > 0);
  let told = "";
  try {
    app.bus.emit("data", 5);
  } catch (error) {
    told = String(error);
  }
  expect(told).toMatch(/PD2202: the durable closure .*made in run a/);
  expect(told).toContain(here("bus.on(").slice(1, -1));
  expect(app.bus.emit("data", 5)).toBe(true);
});

test("a native promise that an ordinary call returned inside the turn", async () => {
  await begin();
  const error = await failure((await engine.start(app.keepsNativePromise, [])).result());
  expect(error).toMatchObject({ code: "PD2201", fix: expect.stringContaining("step(() => client.charge(5))") });
  expect(error.message).toContain(`keepsNativePromise ${here("client.charge(5)")}`);
});

test("a property that a step and the run have both changed", async () => {
  await begin();
  const error = await failure((await engine.start(app.changesBoth, [])).result());
  expect(error).toMatchObject({ code: "PD2203", fix: expect.stringContaining("return the new value") });
  expect(error.message).toContain(`changesBoth ${here("fillTax(order)")}`);
  expect(error.message).toContain("`fillTax(order)` changed");
  expect(error.message).toContain("tax");
});

test("a duration that is none blocks the run, whatever catch stands around it", async () => {
  await begin();
  const run = await engine.start(app.sleepsBadly, ["dyas"]);
  const error = await failure(run.result());
  expect(error.code).toBe("PD2204");
  expect(error.message).toContain('"3 dyas" is not a duration');
  expect(error.message).toContain(`sleepsBadly ${here("sleep(`3 ")}`);
});
