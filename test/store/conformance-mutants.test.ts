import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { memory } from "perdure/memory";
import { storeConformance } from "perdure/testing";
import { expect, test } from "vitest";
import { temporary } from "./fixtures.ts";

/** Ways to break a store: file, the text to replace, and with what. The suite must see each. */
const mutants: Record<string, [file: "memory/index" | "judgements", from: string, to: string]> = {
  "no fence": ["judgements", "head.epoch === lease.epoch && head.owner === lease.worker", "true"],
  "no epoch in the fence": ["judgements", "head.epoch === lease.epoch && ", ""],
  "no owner in the fence": ["judgements", " && head.owner === lease.worker", ""],
  "no incarnation in the fence": ["judgements", "head.incarnation === lease.incarnation && ", ""],
  "epochs start anew with each run": ["memory/index", "epoch: ++epochs", "epoch: head.epoch + 1"],
  "parks without its condition": ["judgements", "head.inboxSeq > head.consumed ? 0 : head.wakeAt", "head.wakeAt"],
  "stuck without its condition": ["memory/index", 'commit.status === "stuck" && mail', "false"],
  "commits are not remembered": ["memory/index", "record.lastCommit === commit.commitId", "false"],
  "commit ids count across incarnations": [
    "memory/index",
    "record?.head.incarnation === commit.lease.incarnation && record.lastCommit",
    "record?.lastCommit",
  ],
  "position is not compared": ["judgements", "commit.position === head.position", "true"],
  "consumed may go back": ["judgements", "commit.consumed >= head.consumed && ", ""],
  "consumed may run ahead": ["judgements", " && commit.consumed <= head.inboxSeq", ""],
  "results change": ["memory/index", "head.result ?? commit.result", "commit.result"],
  "an end does not release": [
    "memory/index",
    "commit.release || ended || DORMANT.has(commit.status)",
    "commit.release",
  ],
  "keys are forgotten once consumed": [
    "memory/index",
    "record.inbox = record.inbox.filter((entry) => entry.seq > commit.consumed)",
    "record.inbox = record.inbox.filter((entry) => entry.seq > commit.consumed || !record.keys.delete(entry.key))",
  ],
  "an ended run takes messages": [
    "memory/index",
    'if (ENDED.has(head.status))\n                return { type: "gone" }',
    "if (false) return",
  ],
  "delivery does not wake a stuck run": ["memory/index", 'head.status === "stuck"', "false"],
  "delivery revives a blocked run": ["memory/index", 'head.status === "stuck"', "DORMANT.has(head.status)"],
  "any incarnation takes a message": [
    "memory/index",
    "(incarnation !== null && record.head.incarnation !== incarnation)",
    "false",
  ],
  "acknowledgements cross incarnations": [
    "memory/index",
    "if (record?.head.incarnation !== incarnation)",
    "if (record === undefined)",
  ],
  "codes are not asked for": ["memory/index", "head.codes.every((code) => codes.has(code))", "true"],
  "a takeover is no suspicion": ["memory/index", "head.suspect || takenOver", "head.suspect"],
  "no strikes": ["memory/index", "takenOver && head.suspect ? 1 : 0", "0"],
  "strikes for innocents": ["memory/index", "takenOver && head.suspect ? 1 : 0", "takenOver ? 1 : 0"],
  "parking clears suspicion": ["memory/index", "head.suspect && !progress && !ended", "false"],
  "the suspects limit is ignored": ["memory/index", "Math.min(request.suspects, request.limit)", "request.limit"],
  "a takeover leaves the lease": ["memory/index", "workers.get(head.owner).ended = true", "void 0"],
  "retire leaves the lease": ["memory/index", "worker.ended = true;", ";"],
  "leases shrink": ["memory/index", "Math.max(worker.until, until)", "until"],
  "leases run out an instant early": ["memory/index", "worker.until >= now", "worker.until > now"],
  "unregistered workers claim": ["memory/index", "if (!running(request.worker))", "if (false)"],
  "sweep forgets the outbox": ["memory/index", " && outbox.length === 0", ""],
  "sweep takes the living": [
    "memory/index",
    "ENDED.has(head.status) && head.updatedAt < before",
    "head.updatedAt < before",
  ],
  "sweep forgets workers that own runs": [
    "memory/index",
    "worker.until < before && !owners.has(id)",
    "worker.until < before",
  ],
  "create replaces a tombstone": [
    "memory/index",
    "if (taken !== undefined)\n                return",
    "if (taken !== undefined && !ENDED.has(taken.head.status))\n                return",
  ],
  "compaction beyond the position": ["memory/index", "checkCompaction(position, record.head.position);", ""],
  "compaction takes later segments": ["memory/index", "seq > position)", "seq > position + 1)"],
  "compaction goes back": ["memory/index", "if (position <= record.segments[0].seq)", "if (false)"],
  "a revival keeps the reason": ["memory/index", "reason: null,\n                wakeAt: now", "wakeAt: now"],
  "an end of any position": ["memory/index", "head.position !== ending.position || ", ""],
  "an end sends a number again": ["memory/index", " || sendsAgain(record, outbox)", ""],
  "an end of any incarnation": ["memory/index", " || record.head.incarnation !== ending.incarnation", ""],
  "an end is not recognized": ["memory/index", "record.lastCommit = commitId;", ""],
  "an end leaves the owner": ["memory/index", "owner: null, suspect: false, strikes: 0", "suspect: false, strikes: 0"],
  "an end keeps suspicion": ["memory/index", "owner: null, suspect: false, strikes: 0", "owner: null"],
  "an end is due": ["memory/index", "reason: null, wakeAt: null, owner", "reason: null, owner"],
  "an end changes the result": ["memory/index", "head.result ?? ending.result", "ending.result"],
  "an end keeps the segments": ["memory/index", "record.segments = [];\n            for", "for"],
  "ids in the order of UTF-16": [
    "memory/index",
    "sort((a, b) => compareIds(a.run, b.run))",
    "sort((a, b) => (a.run < b.run ? -1 : 1))",
  ],
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
    const path = join(directory, `store/${file}.js`);
    const text = readFileSync(path, "utf8");
    expect(text.split(from).length, `"${from}" stands once in ${file}.js`).toBe(2);
    writeFileSync(path, text.replace(from, to));
    const mutant = (await import(pathToFileURL(join(directory, "store/memory/index.js")).href)) as {
      memory: typeof memory;
    };
    expect(await failures(mutant.memory)).not.toEqual([]);
  });
}
