/**
 * `fetch` of durable code against a real server, in processes that are killed: what was committed is not asked for again, what is asked for again has the same key.
 * `kill.test.ts` kills at every commit and answer.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { expected, openWorld, type World } from "./server.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

it("a response that was committed is not asked for again", async () => {
  const store = world.database();
  // The second commit holds the response, and the step that reads its body.
  expect(await world.live("read", store, "after-commit@2")).toEqual({ killed: true, result: undefined });
  expect(world.received).toHaveLength(1);
  expect(await world.live("read", store)).toEqual({ killed: false, result: expected.read });
  expect(world.received).toHaveLength(1);
});

it("what is sent again has the same key, so that it is done once", async () => {
  const store = world.database();
  // All that was asked for is answered, and nothing of it is saved.
  expect((await world.live("order", store, "after-step-before-commit@1")).killed).toBe(true);
  expect(await world.live("order", store)).toEqual({ killed: false, result: expected.order });
  // The last two are sent together.
  expect([...world.orders.values()].sort()).toEqual(["first", "second", "third"]);
  expect(world.received).toHaveLength(4);
  expect(new Set(world.received.map(({ key }) => key)).size).toBe(3);
});

it("sends the key of the step with unsafe methods, and never in place of the program's own", async () => {
  const { result } = await world.live("keys", world.database());
  const answers = result as [status: number, key: string, method: string][];
  expect(answers.map(([, key, method]) => [method, /^[0-9a-f]{32}\/\d+$/.test(key) ? "the step's" : key])).toEqual([
    ["GET", "none"],
    ["HEAD", "none"],
    ["DELETE", "the step's"],
    ["PATCH", "mine"],
    ["POST", "mine"],
    ["PUT", "the step's"],
    ["POST", "mine"],
    ["PUT", "the step's"],
    ["POST", "the step's"],
  ]);
  const sent = answers.map(([, key]) => key).filter((key) => key.includes("/"));
  expect(new Set(sent).size).toBe(sent.length);
});
