import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { memory } from "perdure/memory";
import { storeConformance } from "perdure/testing";
import { expect, test } from "vitest";
import { temporary } from "./fixtures.ts";

/** Ways to break a store: file of the memory store, the text to replace, and with what. The suite must see each. */
const mutants: Record<string, [file: "index" | "record", from: string, to: string]> = {
  "no fence": ["record", "head.epoch === lease.epoch && head.owner === lease.worker", "true"],
  "no epoch in the fence": ["record", "head.epoch === lease.epoch && ", ""],
  "no owner in the fence": ["record", " && head.owner === lease.worker", ""],
  "no incarnation in the fence": ["record", "head.incarnation === lease.incarnation && ", ""],
  "epochs start anew with each run": ["index", "epoch: ++epochs", "epoch: head.epoch + 1"],
  "parks without its condition": ["record", "head.inboxSeq > head.consumed ? 0 : head.wakeAt", "head.wakeAt"],
  "stuck without its condition": ["index", 'commit.status === "stuck" && mail', "false"],
  "commits are not remembered": ["index", "record.lastCommit === commit.commitId", "false"],
  "commit ids count across incarnations": [
    "index",
    "record?.head.incarnation === commit.lease.incarnation && record.lastCommit",
    "record?.lastCommit",
  ],
  "position is not compared": ["record", "commit.position !== head.position", "false"],
  "consumed may go back": ["record", "commit.consumed < head.consumed || ", ""],
  "consumed may run ahead": ["record", " || commit.consumed > head.inboxSeq", ""],
  "results change": ["index", "head.result ?? commit.result", "commit.result"],
  "an end does not release": ["index", "commit.release || ended || DORMANT.has(commit.status)", "commit.release"],
  "keys are forgotten once consumed": [
    "index",
    "record.inbox = record.inbox.filter((entry) => entry.seq > commit.consumed)",
    "record.inbox = record.inbox.filter((entry) => entry.seq > commit.consumed || !record.keys.delete(entry.key))",
  ],
  "an ended run takes messages": [
    "index",
    'if (ENDED.has(head.status))\n                return { type: "gone" }',
    "if (false) return",
  ],
  "delivery does not wake a stuck run": ["index", 'head.status === "stuck"', "false"],
  "delivery revives a blocked run": ["index", 'head.status === "stuck"', "DORMANT.has(head.status)"],
  "any incarnation takes a message": [
    "index",
    "(incarnation !== null && record.head.incarnation !== incarnation)",
    "false",
  ],
  "acknowledgements cross incarnations": [
    "index",
    "if (record?.head.incarnation !== incarnation)",
    "if (record === undefined)",
  ],
  "codes are not asked for": ["index", "head.codes.every((code) => codes.has(code))", "true"],
  "a takeover is no suspicion": ["index", "head.suspect || takenOver", "head.suspect"],
  "no strikes": ["index", "takenOver && head.suspect ? 1 : 0", "0"],
  "strikes for innocents": ["index", "takenOver && head.suspect ? 1 : 0", "takenOver ? 1 : 0"],
  "parking clears suspicion": ["index", "head.suspect && !progress && !ended", "false"],
  "the suspects limit is ignored": ["index", "Math.min(request.suspects, request.limit)", "request.limit"],
  "a takeover leaves the lease": ["index", "workers.get(head.owner).ended = true", "void 0"],
  "retire leaves the lease": ["index", "worker.ended = true;", ";"],
  "leases shrink": ["index", "Math.max(worker.until, until)", "until"],
  "leases run out an instant early": ["index", "worker.until >= now", "worker.until > now"],
  "unregistered workers claim": ["index", "if (!running(request.worker))", "if (false)"],
  "sweep forgets the outbox": ["index", " && outbox.length === 0", ""],
  "sweep takes the living": ["index", "ENDED.has(head.status) && head.updatedAt < before", "head.updatedAt < before"],
  "sweep forgets workers that own runs": ["index", "worker.until < before && !owners.has(id)", "worker.until < before"],
  "create replaces a tombstone": [
    "index",
    "if (taken !== undefined)\n                return",
    "if (taken !== undefined && !ENDED.has(taken.head.status))\n                return",
  ],
  "compaction beyond the position": ["index", "checkCompaction(position, record.head.position);", ""],
  "compaction takes later segments": ["index", "seq > position)", "seq > position + 1)"],
  "compaction goes back": ["index", "if (position <= record.segments[0].seq)", "if (false)"],
  "a revival keeps the reason": ["index", "reason: null,\n                wakeAt: now", "wakeAt: now"],
  "ids in the order of UTF-16": ["index", "compareIds(a.head.run, b.head.run)", "(a.head.run < b.head.run ? -1 : 1)"],
};

async function failures(make: typeof memory): Promise<string[]> {
  const failed: string[] = [];
  const cases: [string, () => Promise<void>][] = [];
  storeConformance({ test: (name, run) => cases.push([name, run]), make });
  expect(cases.length).toBeGreaterThan(60);
  for (const [name, run] of cases) await run().catch(() => failed.push(name));
  return failed;
}

for (const [what, [file, from, to]] of Object.entries(mutants)) {
  test(`the suite sees a store that is broken: ${what}`, async () => {
    const directory = join(temporary(), "dist");
    for (const part of ["store", "errors.js"]) {
      cpSync(new URL(`../../runtime/dist/${part}`, import.meta.url), join(directory, part), { recursive: true });
    }
    writeFileSync(join(directory, "package.json"), '{"type":"module"}');
    const path = join(directory, `store/memory/${file}.js`);
    const text = readFileSync(path, "utf8");
    expect(text.split(from).length, `"${from}" stands once in ${file}.js`).toBe(2);
    writeFileSync(path, text.replace(from, to));
    const mutant = (await import(pathToFileURL(join(directory, "store/memory/index.js")).href)) as {
      memory: typeof memory;
    };
    expect(await failures(mutant.memory)).not.toEqual([]);
  });
}
