/**
 * One of several processes that drive the same runs in one SQLite file: claim, two commits each, park, until `seconds` are
 * over; and each also creates runs of its own. Prints what it did as JSON.
 */
import { sqlite } from "perdure/sqlite";

const [path, name, seconds] = process.argv.slice(2);
const store = sqlite(path);
const codes = new Set(["code"]);
const tally = { commits: 0, fenced: 0, created: 0, delivered: 0, longest: 0, blocked: 0, applied: {} };

/** Times a call to the store. */
const timed = async (call) => {
  const start = performance.now();
  const answer = await call();
  tally.longest = Math.max(tally.longest, performance.now() - start);
  return answer;
};
const commit = async (lease, position, change) => {
  const one = {
    lease,
    commitId: `${name}/${lease.run}/${lease.epoch}/${position}`,
    position,
    segment: { kind: "delta", text: JSON.stringify([name, lease.epoch, position + 1]) },
    status: "waiting",
    reason: null,
    result: null,
    codes: ["code"],
    consumed: 0,
    wakeAt: null,
    outbox: [],
    release: false,
    now: 0,
    ...change,
  };
  const [outcome] = await timed(() => store.commit([one]));
  if (outcome.type === "ok") {
    tally.commits++;
    tally.applied[lease.run] = (tally.applied[lease.run] ?? 0) + 1;
  } else tally.fenced++;
  return outcome;
};

/** The longest time for which the event loop stood still. */
let last = performance.now();
const heartbeat = setInterval(() => {
  const now = performance.now();
  tally.blocked = Math.max(tally.blocked, now - last - 5);
  last = now;
}, 5);

await store.renew(name, 0, 1e15);
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
const end = performance.now() + Number(seconds) * 1000;
const driver = async () => {
  while (performance.now() < end) {
    const claims = await timed(() => store.claim({ worker: name, limit: 3, suspects: 0, codes, now: 1 }));
    if (claims.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all(
      claims.map(async ({ lease, head }) => {
        const { consumed, inboxSeq } = head;
        const first = await commit(lease, head.position, { consumed });
        if (first.type === "ok") await commit(lease, first.position, { consumed: inboxSeq, release: true, wakeAt: 1 });
      }),
    );
  }
};
const creator = async () => {
  for (let n = 0; performance.now() < end; n++) {
    const run = `${name}-own-${n}`;
    const segment = { kind: "base", text: "0" };
    await store.create({
      run,
      incarnation: run,
      fn: "f",
      argsDigest: "",
      segment,
      codes: ["nobody"],
      parent: null,
      now: 0,
    });
    tally.created++;
    await store.deliver("shared-0", null, { key: run, body: "1" });
    tally.delivered++;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
await Promise.all([driver(), driver(), creator()]);
clearInterval(heartbeat);
await store.close();
process.stdout.write(`${JSON.stringify(tally)}\n`);
process.stdin.destroy();
