/** An index that says what was, for as long as the test likes. */
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CODES, commitOf, newRun, register, through } from "./fixtures.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test("a run that waits for code is found behind one of the same code that waits no more", async () => {
  // One shard: what the index names comes in the order in which it is due.
  await ensureTable({ table: "late", client: server.client, shards: 1, slots: 4 });
  const answers = new Map<string, unknown>();
  let late = false;
  const store = dynamodb({
    table: "late",
    client: through(server.client, async (command, send) => {
      if (command.input.IndexName === undefined) return send();
      const question = JSON.stringify(command.input);
      if (!late) answers.set(question, await send());
      return answers.get(question) ?? send();
    }),
  });
  const elsewhere = new Set(["other"]);
  const found = async (): Promise<string[]> => (await store.unlinked!(elsewhere)).map(({ run }) => run);
  await store.create({ ...newRun("first"), now: 1 });
  await store.create({ ...newRun("second"), now: 2 });
  expect(await found()).toEqual(["first"]);
  late = true;

  for (const { lease } of await register(store, "w", 60_000, 10))
    await store.commit([commitOf(lease, 0, { release: true, wakeAt: lease.run === "first" ? null : 1_000 })]);
  expect(await found()).toEqual(["second"]);
  expect(await store.unlinked!(CODES)).toEqual([]);
});
