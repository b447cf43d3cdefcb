/** What the engine reads out of a store (results, reasons, parents, messages, what leaves, saved state), changed for one run each: that run stops with a coded error or goes on, all others go on. */
import type { Engine as EngineClass } from "perdure/internal/engine/engine";
import { Engine } from "perdure/internal/engine/engine";
import { platformHost } from "perdure/internal/engine/platform-host";
import { isPerdureError } from "perdure/internal/errors";
import { machineVats } from "perdure/internal/machine/vats";
import { checkedEntry, checkedOutgoing, checkedSegment } from "perdure/internal/store/saved";
import type { InboxEntry, LoadedRun, Outgoing, RunHead, Store } from "perdure/internal/store/store";
import { durableFunction, type World } from "perdure/internal/testing/simulator/machines";
import { memory } from "perdure/memory";
import type { Chance } from "./mutate.ts";
import { mutatedText } from "./mutate.ts";
import type { Tally } from "./trial.ts";

const FIELDS = ["result", "reason", "parent", "inbox", "outbox", "segment"] as const;
type Field = (typeof FIELDS)[number];
const PROGRAMS = ["token", "race", "parent", "steps"] as const;
/** Runs that nobody touches, and which have to end. */
const CONTROLS = { control1: "token", control2: "steps" } as const;
/** Mutations in one world. */
const TOGETHER = 100;
/** How long the controls are waited for, however slow the machine; the others as long as `SOON` says. */
const PATIENCE = 60_000;
const SOON = 1_500;

interface Plan {
  readonly field: Field;
  readonly chance: () => Chance;
}

/** Changes one field of each run that is named in the plans, the same way each time. */
function tampering(store: Store, plans: ReadonlyMap<string, Plan>): Store {
  const planOf = (run: string, field: Field): Plan | undefined => {
    const plan = plans.get(run);
    return plan?.field === field ? plan : undefined;
  };
  const changed = (run: string, field: Field, text: string): string => {
    const plan = planOf(run, field);
    return plan === undefined ? text : mutatedText(plan.chance(), text);
  };
  const head = (one: RunHead): RunHead => {
    const field = (name: "result" | "reason" | "parent"): string | null =>
      one[name] === null ? null : changed(one.run, name, one[name]);
    return { ...one, result: field("result"), reason: field("reason"), parent: field("parent") };
  };
  const entries = (run: string, all: readonly InboxEntry[]): InboxEntry[] =>
    all.map((entry) => checkedEntry({ ...entry, body: changed(run, "inbox", entry.body) }));
  const outgoing = (run: string, entry: Outgoing): Outgoing => {
    if (planOf(run, "outbox") === undefined) return entry;
    if (entry.type === "message")
      return checkedOutgoing({
        ...entry,
        message: { ...entry.message, body: changed(run, "outbox", entry.message.body) },
      });
    const parent = entry.create.parent === null ? null : changed(run, "outbox", entry.create.parent);
    return checkedOutgoing({ ...entry, create: { ...entry.create, parent } });
  };
  const whole = ({ head: of, segments, inbox, outbox }: LoadedRun): LoadedRun => ({
    head: head(of),
    segments: segments.map(({ kind, text }, n) =>
      n === segments.length - 1 ? checkedSegment(kind, changed(of.run, "segment", text)) : { kind, text },
    ),
    inbox: entries(of.run, inbox),
    outbox: outbox.map((entry) => outgoing(of.run, entry)),
  });
  return {
    ...store,
    claim: async (request) => (await store.claim(request)).map((one) => ({ ...one, head: head(one.head) })),
    load: async (lease) => {
      const loaded = await store.load(lease);
      return loaded === "fenced" ? loaded : whole(loaded);
    },
    inspect: async (run) => {
      const found = await store.inspect(run);
      return found && whole(found);
    },
    read: async (run) => {
      const found = await store.read(run);
      return found && head(found);
    },
    list: async (query) => (await store.list(query)).map(head),
    inbox: async (lease, after) => entries(lease.run, await store.inbox(lease, after)),
    pendingOutbox: async (limit) =>
      (await store.pendingOutbox(limit)).map((one) => ({ ...one, entry: outgoing(one.run, one.entry) })),
  };
}

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function round(plans: ReadonlyMap<string, Plan>, tally: Tally): Promise<void> {
  const note = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
  const store = memory();
  const tokens: string[] = [];
  const bad: unknown[] = [];
  const world: World = {
    fresh: () => "fresh",
    call: async (name, args) => {
      await soon(0);
      if (name === "announce") tokens.push(args as string);
      return name === "announce" ? "announced" : { name };
    },
  };
  const make = (over: Store): EngineClass =>
    new Engine({
      store: over,
      vats: machineVats({ provided: { world } }),
      surroundings: { provided: { world } },
      host: platformHost(),
      observe: (event) => {
        if (event.type === "store-failed" && !isPerdureError(event.error)) bad.push(event.error);
      },
    });
  const uncaught = (error: unknown): void => void bad.push(error);
  process.on("unhandledRejection", uncaught);
  process.on("uncaughtException", uncaught);
  const settings = { lease: 2_000, poll: 20, linger: 0, grace: 20, probation: 5, sweep: 40 } as const;
  const honest = make(store);
  const engine = make(tampering(store, plans));
  try {
    // Halfway by an engine that reads what was written, from there on by one that does not.
    const names = [...plans.keys(), ...Object.keys(CONTROLS)];
    for (const [n, id] of names.entries()) {
      const program = id in CONTROLS ? CONTROLS[id as keyof typeof CONTROLS] : PROGRAMS[n % PROGRAMS.length]!;
      await honest.start(durableFunction(program), [world], { id });
    }
    const began = honest.work(settings);
    await soon(120);
    await honest.stop();
    await began;
    void engine.work(settings);
    const since = performance.now();
    for (let going = true; going && performance.now() - since < PATIENCE; ) {
      for (const token of tokens.splice(0)) await engine.resume(token, { ok: true }).catch(coded);
      await soon(10);
      const heads = await store.list({ limit: 500 });
      const open = heads.filter(({ status, owner }) => /^(running|waiting|finishing)$/.test(status) || owner !== null);
      going = open.some(({ run }) => run in CONTROLS) || (open.length > 0 && performance.now() - since < SOON);
    }
    for (const id of names) {
      const run = engine.run(id);
      const told = async (ask: () => Promise<unknown>): Promise<void> => {
        await ask().then(
          () => note("answered"),
          (error: unknown) => {
            note((error as { code?: string }).code ?? "thrown");
            coded(error);
          },
        );
      };
      const { status } = (await store.read(id))!;
      if (id in CONTROLS && status !== "done") bad.push(new Error(`${id} is ${status}`));
      await told(() => run.status());
      await told(() => run.stack());
      if (!/^(running|waiting|finishing)$/.test(status)) await told(() => run.result());
      await told(() => run.cancel());
    }
    await engine.list();
    await engine.metrics();
  } finally {
    await Promise.all([honest.stop(), engine.stop()]);
    await soon(5);
    process.removeListener("unhandledRejection", uncaught);
    process.removeListener("uncaughtException", uncaught);
  }
  if ("polluted" in {}) throw new Error("a prototype is polluted");
  if (bad.length > 0) throw new AggregateError(bad, `without a code: ${String(bad[0])}`, { cause: bad[0] });
}

/** What the runs themselves throw has no code; what the engine says of them has. */
function coded(error: unknown): void {
  if (!isPerdureError(error) && !(error instanceof Error && /cancel/i.test(error.name)))
    throw new Error("an engine failed without a code", { cause: error });
}

export async function fuzzEngine(chance: (n: number) => Chance, count: number, tally: Tally): Promise<void> {
  for (let from = 0; from < count; from += TOGETHER) {
    const plans = new Map<string, Plan>();
    for (let n = from; n < Math.min(count, from + TOGETHER); n++)
      plans.set(`run${n}`, {
        field: FIELDS[n % FIELDS.length]!,
        chance: () => chance(n),
      });
    try {
      await round(plans, tally);
    } catch (cause) {
      throw new Error(`engine, mutations ${from} to ${from + TOGETHER}`, { cause });
    }
  }
}
