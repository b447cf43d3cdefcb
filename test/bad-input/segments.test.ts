/** Saved state that is damaged, cut off, foreign or hostile, in a real store file. */
import Database from "libsql";
import { checksum, readSegment, type SegmentBody, writeSegment } from "perdure/internal/codec/segment";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { failure, type Product, until } from "../product.ts";
import { type App, badInput, storeFile, working } from "./app.ts";

let built: Product<App>;
let engine: ReturnType<typeof working>;
beforeAll(async () => {
  built = await badInput();
});
afterAll(() => built.remove());
afterEach(() => engine.stop());

const LIMIT = 1e9;
type Change = (body: SegmentBody) => SegmentBody;
/** Whoever can write to the file can make a checksum that fits. */
const forged = (change: Change) => (text: string) => writeSegment(change(readSegment(text, LIMIT)));
const eachNode =
  (tag: string, change: (payload: never) => unknown): Change =>
  (body) => ({
    ...body,
    nodes: body.nodes.map(([id, kind, payload]) => [
      id,
      kind,
      kind === tag ? (change(payload as never) as never) : payload,
    ]),
  });
/** The text with the checksum that fits its body. */
const checked = (text: string): string => {
  const [head] = /^\{"perdure":\d+,"checksum":"/.exec(text)!;
  const body = text.slice(text.indexOf('"body":') + 7, -1);
  return `${head}${checksum(body)}","body":${body}}`;
};
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const damages: Record<string, { damage: (text: string, other: string) => string; code: string; says: RegExp }> = {
  "corrupt: a character changed": {
    damage: (text) => text.replace('"turns"', '"tunrs"'),
    code: "PD4010",
    says: /the saved state of run victim cannot be read: the checksum/,
  },
  truncated: {
    damage: (text) => text.slice(0, text.length / 2),
    code: "PD4010",
    says: /the saved state of run victim cannot be read: the checksum/,
  },
  empty: { damage: () => "", code: "PD4010", says: /run victim cannot be read: a segment does not begin as one/ },
  "no JSON": { damage: () => "hello", code: "PD4010", says: /run victim cannot be read: a segment does not begin/ },
  "foreign: the segment of another run": {
    damage: (_, other) => other,
    code: "PD4010",
    says: /run victim cannot be read: a segment belongs to another run/,
  },
  "of a later format": {
    damage: (text) => text.replace('{"perdure":2,', '{"perdure":7,'),
    code: "PD4011",
    says: /run victim has format 7, and this build reads format 2/,
  },
  "hostile: an unknown code id": {
    damage: forged(eachNode("frame", ([, ...rest]: unknown[]) => ["node:child_process#exec@1", ...rest])),
    code: "PD2401",
    says: /node:child_process#exec/,
  },
  "hostile: a known code at a label that it does not have": {
    damage: forged(eachNode("frame", ([code, , ...rest]: unknown[]) => [code, "__proto__", ...rest])),
    code: "PD4010",
    says: /run victim cannot be read: .*no resume point __proto__/,
  },
  "hostile: an unknown kind": {
    damage: forged((body) => ({ ...body, nodes: body.nodes.map(([id, , payload]) => [id, "__proto__", payload]) })),
    code: "PD4013",
    says: /run victim holds an object of kind __proto__/,
  },
  "hostile: a reference to what has no name": {
    damage: forged((body) => ({
      ...body,
      nodes: body.nodes.map(([id, tag, payload]) => [
        id,
        tag,
        tag === "frame"
          ? JSON.parse(
              JSON.stringify(payload).replace(
                /"f":\[\d+\]|\{"counter":\[\d+\]/,
                '{"counter":["r","process.mainModule.require"]',
              ),
            )
          : payload,
      ]),
    })),
    code: "PD4012",
    says: /run victim refers to process\.mainModule\.require/,
  },
  "hostile: a number that was never given": {
    damage: forged((body) => ({ ...body, next: 2 })),
    code: "PD4010",
    says: /run victim cannot be read: object \d+ has a number that was never given/,
  },
  "hostile: a depth bomb": {
    damage: (text) => {
      const marked = forged(eachNode("frame", (payload: unknown[]) => payload.with(4, { counter: "BOMB" })))(text);
      return checked(marked.replace('"BOMB"', nested(200_000)));
    },
    code: "PD4010",
    says: /run victim cannot be read/,
  },
};

test.each(Object.entries(damages))("%s: the run is blocked, others go on, and it goes on once it is mended", async (_, {
  damage,
  code,
  says,
}) => {
  const path = storeFile(built);
  const app = await built.open();
  engine = working(app, path);
  const victim = await engine.start(app.waits, ["victim"], { id: "victim" });
  const other = await engine.start(app.waits, ["other"], { id: "other" });
  const token = (name: string) => app.calls.find((call) => call.startsWith(name))!.split(" ")[1]!;
  await until(async () =>
    (await engine.list()).every(({ status, updatedAt }) => status === "waiting" && +updatedAt > 0),
  );
  await until(() => app.calls.length === 2);
  await engine.stop();

  const db = new Database(path);
  const last = (run: string) =>
    db
      .prepare("SELECT segments.id, text FROM runs JOIN segments ON segments.id = runs.tail WHERE runs.run = ?")
      .get(run) as { id: number; text: string };
  // One base holds the whole run, so that whatever is changed is met.
  const { id, text } = last("victim");
  const first = db
    .prepare(
      "SELECT segments.id, text FROM runs JOIN segments ON segments.run = runs.id WHERE runs.run = 'victim' AND kind = 'base' ORDER BY segments.id DESC",
    )
    .get() as { id: number; text: string };
  const frames = text.includes('"frame"') ? { id, text } : first;
  const bad = damage(frames.text, last("other").text);
  expect(bad).not.toBe(frames.text);
  db.prepare("UPDATE segments SET text = ? WHERE id = ?").run(bad, frames.id);

  const fresh = await built.open();
  engine = working(fresh, path);
  expect(await engine.resume(token("victim"), { ok: true })).toBe("accepted");
  expect(await engine.resume(token("other"), { ok: true })).toBe("accepted");
  const error = await failure(engine.run("victim").result());
  expect(error.code).toBe(code);
  expect(error.message).toMatch(says);
  expect(error.message).toMatch(/fix: \S+/);
  expect((await engine.run("victim").status()).status).toBe("blocked");
  expect((await failure(engine.run("victim").stack())).message).toMatch(says);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(await engine.run("other").result()).toMatchObject({ answer: { ok: true }, turns: 1 });

  db.prepare("UPDATE segments SET text = ? WHERE id = ?").run(frames.text, frames.id);
  expect(await engine.run("victim").retry()).toBe(true);
  expect(await engine.run("victim").result()).toEqual({ answer: { ok: true }, turns: 1, note: "noted answered" });
  expect(victim.id + other.id).toBe("victimother");
  db.close();
});
