/**
 * Commits to ten runs at once, again and again, and prints each acknowledged position; kills itself at the `count`-th call
 * of one failpoint.
 */
import { writeSync } from "node:fs";
import { sqlite } from "perdure/sqlite";

const [path, point, count] = process.argv.slice(2);
let calls = 0;
let armed = false;
const store = sqlite(path, {
  failpoint: (name) => {
    if (armed && name === point && ++calls === Number(count)) process.kill(process.pid, "SIGKILL");
  },
});
const worker = `worker-${process.pid}`;
await store.renew(worker, Number(process.pid), 1e15);
const claims = await store.claim({ worker, limit: 100, suspects: 100, codes: new Set(["code"]), now: 0 });
armed = true;
await Promise.all(
  claims.map(async ({ lease, head }) => {
    for (let position = head.position; ; position++) {
      const [outcome] = await store.commit([
        {
          lease,
          commitId: `${lease.epoch}/${position}`,
          position,
          segment:
            position % 4 === 3
              ? { kind: "base", text: `base ${position + 1}` }
              : { kind: "delta", text: `${position + 1}` },
          status: "waiting",
          reason: null,
          result: null,
          codes: ["code"],
          consumed: 0,
          wakeAt: null,
          outbox: [
            {
              type: "message",
              seq: position + 1,
              to: "x",
              incarnation: null,
              message: { key: `${position}`, body: "1" },
            },
          ],
          release: false,
          now: 0,
        },
      ]);
      // Synchronous: what was acknowledged is on record before anything else can happen.
      writeSync(1, `${lease.run} ${outcome.position}\n`);
    }
  }),
);
