/** Programs that fetch, killed after every commit in turn, and with every answer in hand. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expected, openWorld, type World } from "./server.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

describe.each(Object.keys(expected))("%s", (program) => {
  it.each(["after-commit", "after-step-before-commit"])("ends right, killed at any %s", async (failpoint) => {
    let kills = 0;
    for (let pass = 1; ; pass++) {
      world.reset();
      const store = world.database();
      const first = await world.live(program, store, `${failpoint}@${pass}`);
      if (!first.killed) {
        expect(first.result).toEqual(expected[program]);
        break;
      }
      kills++;
      const second = await world.live(program, store);
      expect(second).toEqual({ killed: false, result: expected[program] });
      // One attempt at most was lost with the process, and repeated under the same key.
      const keys = new Set(world.received.map(({ key }) => key));
      if (program === "order") expect([world.orders.size, keys.size]).toEqual([3, 3]);
      const lost = failpoint === "after-commit" ? 0 : 1;
      if (program !== "order") expect(world.received.length).toBeLessThanOrEqual(1 + lost);
    }
    expect(kills).toBeGreaterThanOrEqual(program === "order" ? 3 : 2);
  });
});
