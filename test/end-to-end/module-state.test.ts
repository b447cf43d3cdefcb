/** What a run holds is its own, also where it has put that into variables of the module, which another process has not, or has from another run. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Product, until } from "../product.ts";
import { type App, endToEnd, open, storeFile, working } from "./app.ts";

let built: Product<App>;
let engine: ReturnType<typeof working> | undefined;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());
afterEach(() => engine?.stop());

const PLACES = ["binding", "property", "list", "map"];

test.each(
  PLACES.flatMap((place) => [false, true].map((other) => [place, other] as const)),
)("in a %s of the module; another run has put something there: %s", async (place, other) => {
  const path = storeFile(built);
  const first = await built.open();
  engine = working(first, path);
  await engine.start(first.remembers, [place, "mine", 5], { id: "mine" });
  await until(() => first.gates.has("mine"));
  await engine.stop();

  const second = await built.open();
  engine = working(second, other ? storeFile(built) : path);
  if (other) {
    await engine.start(second.remembers, [place, "theirs", 999], { id: "theirs" });
    await until(() => second.gates.has("theirs"));
    await engine.stop();
    engine = working(second, path);
  }
  await open(second, "mine");
  expect(await engine.run("mine").result()).toEqual({
    order: { id: "mine", total: 5 },
    text: "app",
    sameSteps: true,
    hasSeen: other,
  });
});
