/** A store with something of everything in it, and every call that can be made of it once somebody has changed what it holds. */
import { isPerdureError } from "perdure/internal/errors";
import type { Commit, CommitOutcome, Lease, NewRun, Outgoing, RunHead, Store } from "perdure/internal/store/store";

const CODES = new Set(["code"]);
export const RUNS = ["a", "b", "c", "d", "e", "f"] as const;

export const newRun = (run: string, change: Partial<NewRun> = {}): NewRun => ({
  run,
  incarnation: `1${run}`,
  fn: "f",
  argsDigest: "",
  segment: { kind: "base", text: '"0"' },
  codes: ["code"],
  parent: null,
  now: 0,
  ...change,
});
const commitOf = (lease: Lease, position: number, change: Partial<Commit> = {}): Commit => ({
  lease,
  commitId: `${lease.run}/${position}/${change.commitId ?? ""}`,
  position,
  segment: { kind: "delta", text: `"${position + 1}"` },
  status: "waiting",
  reason: null,
  result: null,
  codes: ["code"],
  consumed: 0,
  wakeAt: null,
  outbox: [],
  release: false,
  now: 1,
  ...change,
});

/** Runs in all walks of life; the leases of those that are driven. */
export async function furnish(store: Store): Promise<ReadonlyMap<string, Lease>> {
  const parent = '{"run":"a","incarnation":"1a","operation":1}';
  for (const run of RUNS) await store.create(newRun(run, run === "d" ? { parent } : {}));
  const leases = new Map<string, Lease>();
  const take = async (worker: string, limit: number, until: number): Promise<void> => {
    await store.renew(worker, 0, until);
    const claims = await store.claim({ worker, limit, suspects: 0, codes: CODES, now: 0 });
    for (const { lease } of claims) leases.set(lease.run, lease);
  };
  await take("w1", 5, 1_000);
  const child: Outgoing = { type: "start", seq: 2, create: newRun("g") };
  const message: Outgoing = { type: "message", seq: 1, to: "b", incarnation: null, message: { key: "k", body: "1" } };
  const of = (run: string): Lease => leases.get(run)!;
  const driven = [...leases.keys()];
  for (const run of driven) await store.commit([commitOf(of(run), 0)]);
  const [a, b, c, d] = driven.map(of) as [Lease, Lease, Lease, Lease];
  for (const key of ["k1", "k2", "k3"])
    await store.deliver(a.run, null, { key, body: '{"type":"cancel","reason":null}' });
  const base = { kind: "base", text: '"1"' } as const;
  await store.commit([commitOf(a, 1, { outbox: [message, child], consumed: 1, segment: base })]);
  await store.commit([commitOf(a, 2, { consumed: 2 }), commitOf(b, 1, { release: true, wakeAt: 5 })]);
  await store.commit([commitOf(c, 1, { status: "blocked", reason: '{"code":"PD4001","message":"m"}' })]);
  await store.commit([commitOf(d, 1, { status: "done", result: '{"status":"fulfilled","value":1}', segment: null })]);
  await take("w2", 1, 2);
  return leases;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): boolean => Number.isFinite(value);
const orNull = (is: (value: unknown) => boolean) => (value: unknown) => value === null || is(value);
const STATUSES = /^(running|waiting|finishing|stuck|blocked|quarantined|done|failed|cancelled)$/;

const HEAD: { readonly [field in keyof RunHead]: (value: unknown) => boolean } = {
  run: isText,
  incarnation: isText,
  fn: isText,
  status: (value) => isText(value) && STATUSES.test(value as string),
  reason: orNull(isText),
  createdAt: isTime,
  updatedAt: isTime,
  argsDigest: isText,
  position: isCount,
  inboxSeq: isCount,
  consumed: isCount,
  wakeAt: orNull(isTime),
  owner: orNull(isText),
  epoch: isCount,
  codes: (value) => Array.isArray(value) && value.every(isText),
  suspect: (value) => typeof value === "boolean",
  strikes: isCount,
  result: orNull(isText),
  parent: orNull(isText),
};

/** Whoever gets this need not look at types again. */
function checkHead(head: RunHead): void {
  for (const [field, is] of Object.entries(HEAD)) {
    const value: unknown = head[field as keyof RunHead];
    if (!is(value)) throw new Error(`a head has ${field} ${JSON.stringify(value)?.slice(0, 100)}`);
  }
}
function check(what: string, ok: boolean, value: unknown): void {
  if (!ok) throw new Error(`${what} is ${JSON.stringify(value)?.slice(0, 200)}`);
}
function checkOutgoing(entry: Outgoing): void {
  const { type, seq } = entry;
  check("an outgoing entry", isCount(seq) && (type === "message" || type === "start"), entry);
  if (type === "message") {
    const { to, incarnation, message } = entry;
    const ok = isText(to) && orNull(isText)(incarnation) && isText(message.key) && isText(message.body);
    check("an outgoing message", ok, entry);
  } else {
    const { run, incarnation, fn, argsDigest, segment, codes, parent, now } = entry.create;
    const texts = [run, incarnation, fn, argsDigest, segment.text].every(isText) && orNull(isText)(parent);
    check("a run to be made", texts && segment.kind === "base" && codes.every(isText) && isTime(now), entry);
  }
}
const checkEntry = (entry: { seq: unknown; key: unknown; body: unknown }): void =>
  check("a message", isCount(entry.seq) && isText(entry.key) && isText(entry.body), entry);
function checkLoaded(loaded: Awaited<ReturnType<Store["inspect"]>> | "fenced"): void {
  if (loaded === null || loaded === "fenced") return;
  checkHead(loaded.head);
  for (const one of loaded.segments)
    check("a segment", (one.kind === "base" || one.kind === "delta") && isText(one.text), one);
  for (const entry of loaded.inbox) checkEntry(entry);
  for (const entry of loaded.outbox) checkOutgoing(entry);
}

/** How often the calls were answered, and refused by which code. */
export type Tally = Map<string, number>;

/**
 * Makes every call. Each is answered with values of their types, or refused with a coded error that says whether it happened; nothing of every object's prototype is
 * changed. Throws what breaks that.
 */
export async function interrogate(store: Store, leases: ReadonlyMap<string, Lease>, tally: Tally): Promise<void> {
  const before = Reflect.ownKeys(Object.prototype).length;
  const note = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
  const ask = async <T>(what: string, call: () => Promise<T>, judge: (value: T) => void = () => {}): Promise<void> => {
    let value: T;
    try {
      value = await call();
    } catch (error) {
      if (!isPerdureError(error)) throw new Error(`${what} failed without a code`, { cause: error });
      const { outcome } = error as unknown as { outcome?: string };
      if (outcome !== "unknown" && outcome !== "refused")
        throw new Error(`${what} does not say whether it happened`, { cause: error });
      return note(error.code);
    }
    note("answered");
    judge(value);
  };
  const each =
    <T>(judge: (one: T) => void) =>
    (all: readonly T[]): void => {
      for (const one of all) judge(one);
    };
  const heads = each(checkHead);
  const outcomes = each((one: CommitOutcome) => {
    const ok = one.type === "ok" ? isCount(one.position) : orNull(isCount)(one.epoch);
    check("an outcome", ok, one);
  });

  for (const run of RUNS) {
    await ask(
      "read",
      () => store.read(run),
      (head) => void (head && checkHead(head)),
    );
    await ask("inspect", () => store.inspect(run), checkLoaded);
  }
  await ask("list", () => store.list({}), heads);
  await ask("list", () => store.list({ status: "blocked", fn: "f", after: "a" }), heads);
  await ask(
    "nextWake",
    () => store.nextWake(CODES),
    (at) => check("an instant", orNull(isTime)(at), at),
  );
  if (store.unlinked !== undefined) await ask("unlinked", () => store.unlinked!(new Set()), heads);
  if (store.census !== undefined) await ask("census", () => store.census!(10, CODES));
  await ask(
    "pendingOutbox",
    () => store.pendingOutbox(10),
    each(({ entry }) => checkOutgoing(entry)),
  );
  for (const worker of ["w1", "w2"])
    await ask(
      "owned",
      () => store.owned(worker),
      (all) => {
        for (const { lease, inboxSeq, consumed } of all)
          check(
            "what is owned",
            isText(lease.run) && isCount(lease.epoch) && isCount(inboxSeq) && isCount(consumed),
            lease,
          );
      },
    );
  for (const lease of leases.values()) {
    await ask("load", () => store.load(lease), checkLoaded);
    await ask("inbox", () => store.inbox(lease, 0), each(checkEntry));
  }
  const [a, b] = [...leases.values()] as [Lease, Lease];
  for (const run of [a.run, "c", "d"])
    for (const key of ["k1", "new"])
      await ask(
        "deliver",
        () => store.deliver(run, null, { key, body: "1" }),
        ({ type, body }) => {
          check("a delivery", /^(accepted|duplicate|gone)$/.test(type) && (type !== "duplicate" || isText(body)), {
            type,
            body,
          });
        },
      );
  await ask("commit", () => store.commit([commitOf(a, 3, { consumed: 2 }), commitOf(b, 2)]), outcomes);
  await ask("compact", () => store.compact(a, 2, { kind: "base", text: '"2"' }));
  await ask("acknowledge", () => store.acknowledge(a.run, a.incarnation, [1]));
  await ask(
    "commit",
    () => store.commit([commitOf(a, 4, { commitId: "end", status: "done", segment: null })]),
    outcomes,
  );
  await ask("revive", () => store.revive("c", 3));
  await ask("end", () =>
    store.end({
      ...{ run: "b", incarnation: b.incarnation, commitId: "the end of b", position: 3, status: "cancelled" },
      ...{ result: "{}", outbox: [], now: 3 },
    }),
  );
  await ask("renew", () => store.renew("w3", 3_000, 9_000));
  await ask(
    "claim",
    () => store.claim({ worker: "w3", limit: 9, suspects: 9, codes: CODES, now: 3_000 }),
    each(({ head }) => checkHead(head)),
  );
  await ask("retire", () => store.retire("w1"));
  await ask(
    "sweep",
    () => store.sweep(5_000, 10),
    (count) => check("a count", isCount(count), count),
  );
  await ask("create", () => store.create(newRun("z")));
  await ask("create", () => store.create(newRun("a", { incarnation: "other" })));
  if (Reflect.ownKeys(Object.prototype).length !== before || "polluted" in {})
    throw new Error("a prototype is polluted");
}
