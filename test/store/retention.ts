/** What a run leaves in a store, counted in rows: its tombstone once it has ended, and nothing once that was swept. */
import { Engine } from "perdure/internal/engine/engine";
import { platformHost } from "perdure/internal/engine/platform-host";
import type { Store } from "perdure/internal/store/store";
import { scriptedVats } from "perdure/internal/testing/simulator/scripted-vat";
import { until } from "../engine/support.ts";

const RUNS = 5;

export interface Left {
  /** Rows while runs wait, compacted again and again. */
  readonly during: Readonly<Record<string, number>>;
  /** When all have ended. */
  readonly ended: Readonly<Record<string, number>>;
  /** After a sweep whose instant is past. */
  readonly swept: Readonly<Record<string, number>>;
}

/** `count` gives the rows of the store by the kind of what they hold. */
export async function left(store: Store, count: () => Promise<Record<string, number>>): Promise<Left> {
  const tokens: string[] = [];
  const vats = scriptedVats({
    programs: {
      // Long enough for several bases; a message that is consumed; one that leaves, and a child.
      parent: [...Array.from({ length: 20 }, () => ["step", "a"] as const), ["token"], ["child", "child"]],
      child: [["step", "a"]],
    },
    call: async ({ name, args }) => {
      if (name === "announce") tokens.push(args as string);
      return "x".repeat(100);
    },
  });
  const engine = new Engine({ store, vats, surroundings: { provided: {} }, host: platformHost() });
  const settings = { lease: 5_000, poll: 20, linger: 10, grace: 50, sweep: 60, compactDeltas: 4 };
  const working = engine.work(settings);
  for (let n = 0; n < RUNS; n++) await engine.start(vats.fn("parent"), [n], { id: `parent-${n}` });
  await until(() => tokens.length === RUNS, 60_000);
  await until(async () => (await store.list({ status: "waiting" })).length === RUNS, 60_000);
  const during = await count();
  for (const token of tokens) await engine.resume(token, "yes");
  await until(async () => (await store.list({ status: "done" })).length === 2 * RUNS, 60_000);
  await until(async () => (await store.pendingOutbox(10)).length === 0, 60_000);
  const ended = await count();
  await engine.stop();
  await working;
  let swept: Readonly<Record<string, number>> = {};
  // A heartbeat that was on its way when the worker stopped may have come after it was forgotten: then it is forgotten again.
  await until(async () => {
    await store.sweep(Date.now() + 60_000, 100);
    swept = await count();
    return (await store.list({})).length === 0 && !swept["workers"];
  }, 60_000);
  return { during, ended, swept };
}
