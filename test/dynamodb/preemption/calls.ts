/** What may be asked of a store about one run, and in which situations. */
import type { Claim, Commit, Lease, Store } from "perdure/internal/store/store";
import { commitOf, newRun, one, register } from "../fixtures.ts";
import type { World } from "./worlds.ts";

/** Length of the leases, ms. */
export const SPAN = 1_000;
const LONG = JSON.stringify("x".repeat(5_000));

/** A run as its driver knows it. */
export interface Driven {
  readonly lease: Lease;
  readonly position: number;
}

export interface Situation {
  readonly name: string;
  readonly prepare: (world: World) => Promise<Driven>;
}

const claims = (store: Store, worker: string, { now }: World) => register(store, worker, SPAN, now);
const message = (key: string) => ({ key, body: `"${key}"` });
const entry = (seq: number) =>
  ({ type: "message", seq, to: "b", incarnation: null, message: message(`${seq}`) }) as const;

/** Claimed, with some turns made, one of which has sent something. */
async function driven(world: World): Promise<Driven> {
  const { driver } = world;
  await driver.create(newRun("a"));
  const lease = (await claims(driver, "w", world))[0]!.lease;
  await driver.commit([commitOf(lease, 0, { outbox: [entry(1), entry(2)] })]);
  await driver.commit([commitOf(lease, 1)]);
  await driver.commit([commitOf(lease, 2)]);
  // The other process looks at the heart of the first, so that it can tell later that it has stopped.
  await claims(world.other, "heir", world);
  return { lease, position: 3 };
}

const after = (name: string, change: Partial<Commit>): Situation => ({
  name,
  async prepare(world) {
    const run = await driven(world);
    await world.driver.commit([commitOf(run.lease, 3, change)]);
    return { ...run, position: 4 };
  },
});

export const SITUATIONS: readonly Situation[] = [
  { name: "driven", prepare: driven },
  {
    name: "driven, with mail",
    async prepare(world) {
      const run = await driven(world);
      await world.other.deliver("a", null, message("first"));
      return run;
    },
  },
  {
    name: "given back and claimed again, with mail",
    async prepare(world) {
      const { lease } = await driven(world);
      await world.driver.commit([commitOf(lease, 3, { release: true, wakeAt: 0 })]);
      await world.driver.deliver("a", null, message("first"));
      const [again] = await claims(world.driver, "w", world);
      return { lease: again!.lease, position: 4 };
    },
  },
  {
    name: "taken over",
    async prepare(world) {
      await driven(world);
      const found: Claim[] = [];
      // Whose heart has stopped is seen at the second look, in memory at the first.
      for (let look = 1; look <= 2; look++) {
        world.now += SPAN + 1;
        found.push(...(await claims(world.driver, "w2", world)));
      }
      const { lease } = found[0]!;
      await claims(world.other, "heir", world);
      return { lease, position: 3 };
    },
  },
  {
    name: "driven into the third lap of the ring",
    async prepare(world) {
      const { lease } = await driven(world);
      for (let position = 3; position < 9; position++) await world.driver.commit([commitOf(lease, position)]);
      return { lease, position: 9 };
    },
  },
  after("parked", { release: true, wakeAt: 1e9 }),
  after("due", { release: true, wakeAt: 0 }),
  after("stuck", { status: "stuck", reason: LONG }),
  after("blocked", { status: "blocked", reason: "{}" }),
  after("ended", { status: "done", result: LONG }),
];

export interface Call {
  readonly name: string;
  /** Only the process that drives the run makes it; two commits never at once. */
  readonly driving?: "commit" | "other";
  /** How long nothing has happened when it is made, ms. */
  readonly pause?: number;
  /** An attempt that was not heard may be answered as the call made again would be. */
  readonly repeated?: true;
  readonly make: (store: Store, run: Driven, world: World) => Promise<unknown>;
}

const commit = (name: string, change: Partial<Commit>): Call => ({
  name,
  driving: "commit",
  async make(store, { lease, position }) {
    return (await one(store, commitOf(lease, position, { commitId: name, ...change }))).type;
  },
});
const delivering = (key: string): Call => ({
  name: `deliver ${key}`,
  make: async (store) => (await store.deliver("a", null, message(key))).type,
});

async function claiming(store: Store, _run: Driven, world: World): Promise<unknown> {
  const made = await claims(store, "heir", world);
  return made.map(({ lease, head, takenOver }) => [lease.run, head.position, head.inboxSeq, takenOver]);
}

export const CALLS: readonly Call[] = [
  commit("a turn", {}),
  commit("a turn that sends", { outbox: [entry(7)] }),
  commit("a turn with a base", { segment: { kind: "base", text: "base of the turn" } }),
  commit("a turn with a result", { status: "finishing", result: LONG }),
  commit("a turn that is released", { release: true, reason: LONG }),
  commit("a release", { segment: null, release: true }),
  commit("a stop", { status: "stuck", reason: LONG }),
  commit("an end", { status: "done", result: LONG, outbox: [entry(8)] }),
  {
    name: "a base",
    driving: "other",
    repeated: true,
    make: (store, { lease, position }) => store.compact(lease, position, { kind: "base", text: `base ${position}` }),
  },
  {
    name: "load",
    driving: "other",
    async make(store, { lease }) {
      const loaded = await store.load(lease);
      if (loaded === "fenced") return loaded;
      const { position, inboxSeq } = loaded.head;
      // Acknowledgements are made entry by entry, and may come in between.
      return [position, inboxSeq, loaded.segments.length, loaded.inbox.length];
    },
  },
  {
    name: "retire",
    driving: "other",
    make: (store, { lease }) => store.retire(lease.worker),
  },
  delivering("hello"),
  delivering("first"),
  { name: "acknowledge", make: (store, { lease }) => store.acknowledge("a", lease.incarnation, [1]) },
  { name: "acknowledge the rest", make: (store, { lease }) => store.acknowledge("a", lease.incarnation, [1, 2]) },
  { name: "revive", make: (store, _run, { now }) => store.revive("a", now) },
  {
    name: "an end from outside",
    make(store, { lease: { run, incarnation }, position }) {
      const ending = { run, incarnation, commitId: "an end from outside", position, now: 0 };
      return store.end({ ...ending, status: "cancelled", result: LONG, outbox: [entry(9)] });
    },
  },
  { name: "claim", make: claiming },
  { name: "a takeover", pause: SPAN + 1, make: claiming },
  {
    name: "create under the same id",
    async make(store, { lease }) {
      const made = await store.create({ ...newRun("a", '"another"'), incarnation: "another" });
      return made.type === "created" ? made.type : [made.head.incarnation === lease.incarnation, made.head.status];
    },
  },
  { name: "sweep", make: (store) => store.sweep(1e9, 10) },
  {
    name: "read",
    async make(store) {
      const head = await store.read("a");
      return head && [head.status, head.position, head.inboxSeq, head.owner];
    },
  },
];
