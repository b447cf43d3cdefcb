/**
 * Statements that are one step, and those that are none: loops over ordinary iterators, and what reads an answer that is alive. What they do is shown by
 * `fixtures/real/language/loops-of-feeds.ts` and `fixtures/real/http/undici-bodies.ts`.
 */
import { join } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { transform } from "@perdure/transformer";
import { createTypeSource } from "@perdure/transformer/internal/types/service";
import { describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../fixtures/real/language");
const types = createTypeSource({ tsconfig: join(folder, "../tsconfig.json") });

const head = `"use durable";
import { sleep } from "perdure";
import { request } from "undici";
import { chunksOf, client, feed, type Item, linesOf, logger, note } from "./feeds.ts";
`;
const compiled = (text: string) =>
  transform(head + text, { fileName: join(folder, "loops.ts"), root: folder, types, module: "loops.ts" });

/** How many steps there are; or the code of what was refused. */
function verdict(text: string): number | string {
  const { code, diagnostics } = compiled(text);
  if (code === null) return diagnostics.find((one) => one.severity === "error")!.code;
  return code.match(/=> async \(\) => \{/g)?.length ?? 0;
}

const durable = "async function own(n: number) { await sleep(n); return n; } async function* items() { yield 1; }";

describe("a loop is one step", () => {
  test.each([
    ["a sum", `export async function f() { let n = 0; for await (const { id } of feed(3)) n += id; return n; }`],
    [
      "with a source that was declared for it",
      `export async function f() { const source = chunksOf("a b"); const lines = linesOf(source); let n = 0; const all: string[] = []; for await (const line of lines) { n++; all.push(line); } return [n, all]; }`,
    ],
    [
      "of a promise, in the head",
      `export async function f() { for await (const { id } of (await client.open(2)).items) if (id > 0) return id; }`,
    ],
    [
      "with a decoder of its own",
      `export async function f() { let text = ""; for await (const item of feed(2)) text += new TextDecoder().decode(new TextEncoder().encode(String(item.id))); return text; }`,
    ],
    [
      "over the lines of an open file",
      `import { open } from "node:fs/promises"; export async function f(path: string) { const file = await open(path); let n = 0; for await (const line of file.readLines()) n += line.length; return n; }`,
    ],
    [
      "with a synchronous function of the module",
      `function weigh(item: Item): number { return item.id > 0 ? weigh({ ...item, id: item.id - 1 }) : item.tags.length; } export async function f() { let n = 0; for await (const item of feed(3)) n += weigh(item); return n; }`,
    ],
    [
      "over a variable that a closure only reads, and nothing writes",
      `export async function f(limit: number) { const within = (id: number) => id < limit; let n = 0; for await (const { id } of feed(3)) if (id < limit) n++; return within(n); }`,
    ],
    [
      "over a list that other functions see, and that it only reads",
      `export async function f(wanted: readonly number[], sizes: readonly number[]) { return await Promise.all(sizes.map(async (n) => { let found = 0; for await (const { id } of feed(n)) if (wanted.includes(id)) found += wanted.length; return found; })); }`,
    ],
    [
      "in an async generator",
      `export async function* f() { let n = 0; for await (const { id } of feed(3)) n += id; yield n; }`,
    ],
    [
      "in a method, over its object",
      `export class Report { n = 0; async read() { for await (const { id } of feed(2)) this.n += id; return this; } }`,
    ],
    [
      "with a void call of ordinary code",
      `export async function f() { for await (const { id } of feed(2)) logger.debug(String(id)); }`,
    ],
    [
      "inside a closure",
      `export async function f() { const read = async (n: number) => { let sum = 0; for await (const { id } of feed(n)) sum += id; return sum; }; return [await read(1), await read(2)]; }`,
    ],
  ])("%s", (_, text) => expect(verdict(text)).toBe(1));

  test("each of two", () => {
    const text = `export async function f() { let n = 0; for await (const a of feed(3)) n += a.id; await sleep(5); for await (const b of feed(2)) { if (b.id) return b; } return n; }`;
    expect(verdict(text)).toBe(2);
  });

  test("names of ours are none of the program's", () => {
    const text = `export async function loop(left: number) { for await (const { id } of feed(left)) if (id > 1) return id; }`;
    expect(compiled(text).code).toContain(`import { step as loop$ } from "perdure";`);
    expect(compiled(text).code).toMatch(/left\$/);
  });
});

describe("a loop is none", () => {
  test.each([
    ["its body waits", `export async function f() { for await (const { id } of feed(3)) await sleep(id); }`],
    [
      "another one stands in it",
      `export async function f() { for await (const a of feed(3)) for await (const b of feed(a.id)) logger.debug(String(b.id)); }`,
    ],
    [
      "a closure sees what it changes",
      `export async function f() { let n = 0; const now = () => n; for await (const { id } of feed(3)) n += id; return now(); }`,
    ],
    [
      "a closure changes what it reads",
      `export async function f() { let stop = false; const end = () => { stop = true; }; for await (const { id } of feed(3)) if (stop) break; else logger.debug(String(id)); end(); }`,
    ],
    [
      "it changes a list that other functions see",
      `export async function f(sizes: readonly number[]) { const all: number[] = []; await Promise.all(sizes.map(async (n) => { for await (const { id } of feed(n)) all.push(id); })); return all; }`,
    ],
    [
      "it changes an object that other functions see",
      `export async function f(sizes: readonly number[]) { const seen = { count: 0 }; await Promise.all(sizes.map(async (n) => { for await (const _ of feed(n)) seen.count++; })); return seen; }`,
    ],
    [
      "it starts durable code",
      `${durable} export async function f() { const all: Promise<number>[] = []; for await (const { id } of feed(3)) all.push(own(id)); return await Promise.all(all); }`,
    ],
    [
      "it starts an operation",
      `export async function f() { const all: unknown[] = []; for await (const { id } of feed(3)) all.push(sleep(id)); return all.length; }`,
    ],
    [
      "it starts ordinary code that is not awaited",
      `export async function f() { const all: Promise<string>[] = []; for await (const { id } of feed(3)) all.push(note(String(id))); return await Promise.all(all); }`,
    ],
    [
      "it calls a function that it was given",
      `export async function f(told: (id: number) => void) { for await (const { id } of feed(3)) told(id); }`,
    ],
    [
      "a function of the module starts something",
      `${durable} function begin(n: number): number { void own(n); return n; } export async function f() { let n = 0; for await (const { id } of feed(3)) n += begin(id); return n; }`,
    ],
    [
      "its source is used after it",
      `export async function f() { const source = chunksOf("a b"); let n = 0; for await (const _ of source) n++; source.destroy(); return n; }`,
    ],
    [
      "something happens between its source and it",
      `export async function f() { const source = chunksOf("a b"); await note("begins"); let n = 0; for await (const _ of source) n++; return n; }`,
    ],
    [
      "it was given its source",
      `import type { Readable } from "node:stream"; export async function f(source: Readable) { let n = 0; for await (const _ of source) n++; return n; }`,
    ],
    [
      "its source is its object's",
      `import type { Readable } from "node:stream"; export class A { constructor(readonly source: Readable) {} async read() { let n = 0; for await (const _ of this.source) n++; return n; } }`,
    ],
    [
      "it leaves for a label outside",
      `export async function f() { out: for (let i = 0; i < 3; i++) for await (const { id } of feed(3)) if (id === i) continue out; }`,
    ],
    [
      "it declares a var that is used after it",
      `export async function f() { for await (const { id } of feed(3)) { var last = id; } return last!; }`,
    ],
    [
      "it makes a function that waits",
      `export async function f() { const all: (() => Promise<string>)[] = []; for await (const { id } of feed(3)) all.push(async () => await note(String(id))); return all.length; }`,
    ],
    ["it sets a timer", `export async function f() { for await (const { id } of feed(3)) setTimeout(() => {}, id); }`],
    [
      "it makes a class",
      `export async function f() { let made; for await (const { id } of feed(3)) made = class { id = id; }; return made; }`,
    ],
    [
      "it returns from a generator",
      `export async function* f() { for await (const { id } of feed(3)) if (id > 1) return id; yield 1; }`,
    ],
    [
      "it waits for a promise that began elsewhere",
      `export async function f() { const opened = client.open(2); let n = 0; for await (const { id } of feed((await opened).size)) n += id; return n; }`,
    ],
  ])("%s", (_, text) => expect(verdict(text)).toBe("PD1006"));

  test.each([
    [
      "durable code is iterated over",
      `${durable} export async function f() { let n = 0; for await (const id of items()) n += id; return n; }`,
    ],
    [
      "the type says nothing, and it was given its source",
      `export async function f(source: AsyncIterable<number>) { let n = 0; for await (const id of source) n += id; return n; }`,
    ],
    [
      "an array of promises is iterated over",
      `export async function f() { let n = 0; for await (const text of [note("a"), note("b")]) n += text.length; return n; }`,
    ],
  ])("%s", (_, text) => {
    expect(verdict(text)).toBe(0);
    expect(compiled(text).code).toContain("iterateAsync");
  });

  test("without types", () => {
    const text = `export async function f() { let n = 0; for await (const { id } of feed(3)) n += id; return n; }`;
    const { code } = transform(head + text, { fileName: join(folder, "loops.ts"), root: folder });
    expect(code).toContain("iterateAsync");
  });
});

describe("using what is alive is one step", () => {
  test.each([
    [
      "a body",
      `export async function f(url: string) { const { body } = await request(url); const user = (await body.json()) as Item; return user.id; }`,
    ],
    [
      "what is decided before",
      `export async function f(url: string) { const answer = await request(url); if (answer.statusCode === 404) { await answer.body.dump(); return null; } const text = await answer.body.text(); return text; }`,
    ],
    [
      "into a variable from before",
      `export async function f(url: string) { let text = ""; const { body } = await request(url); text = await body.text(); return text; }`,
    ],
    [
      "a transaction",
      `import type { Pool } from "pg"; declare const pool: Pool; export async function f() { const client = await pool.connect(); try { await client.query("BEGIN"); const { rows } = await client.query("SELECT 1"); await client.query("COMMIT"); logger.debug(String(rows.length)); return rows; } catch (error) { await client.query("ROLLBACK"); throw error; } finally { client.release(); } }`,
    ],
    [
      "a client that is made, connected and ended",
      `import { Client } from "pg"; export async function f(url: string) { const client = new Client(url); await client.connect(); const { rows } = await client.query("SELECT 1"); await client.end(); return rows; }`,
    ],
    [
      "a client, with what is got from it",
      `import { StoreClient as Store } from "../databases/document-store.mjs"; export async function f(url: string) { const store = new Store(url); try { await store.connect(); const users = store.db("x").collection("users"); await users.insertOne({ name: "ann" }); for await (const user of users.find({})) logger.debug(String(user.name)); } finally { await store.close(); } }`,
    ],
    [
      "a client that is yielded connected",
      `import { createStore } from "../databases/document-store.mjs"; export async function f(url: string) { const store = await createStore(url).connect(); const users = store.db("x").collection("users"); const size = store.size; await store.close(); await users.insertOne({}); await note("x"); return size; }`,
    ],
    [
      "an open file, with a loop over its lines",
      `import { open } from "node:fs/promises"; export async function f(path: string) { const file = await open(path); let n = 0; for await (const line of file.readLines()) n += line.length; await file.close(); return n; }`,
    ],
    [
      "of an ordinary function",
      `export async function f() { const { items } = await client.open(1); let n = 0; for await (const { id } of items) n += id; return n; }`,
    ],
  ])("%s", (_, text) => expect(verdict(text)).toBe(1));

  test("gives what others use, by name", () => {
    const text = `export async function f(url: string) { const { statusCode, headers, body } = await request(url); const text = await body.text(); return [statusCode, text]; }`;
    expect(compiled(text).code).toContain("return { statusCode, text };");
    expect(compiled(text).code).not.toContain("return { statusCode, headers");
  });
});

describe("using it is none", () => {
  test.each([
    [
      "the answer is used after other work",
      `export async function f(url: string) { const { body } = await request(url); await note("asked"); return await body.text(); }`,
    ],
    [
      "other work is an argument",
      `export async function f(url: string) { const { body } = await request(url); return await body.pipe(JSON.parse(await note("x"))).toArray(); }`,
    ],
    [
      "durable work stands in the middle",
      `import type { Pool } from "pg"; declare const pool: Pool; export async function f() { const client = await pool.connect(); await client.query("BEGIN"); await sleep(5); await client.query("COMMIT"); client.release(); }`,
    ],
    [
      "other work stands between connecting and using",
      `import { Client } from "pg"; export async function f(url: string) { const client = new Client(url); await client.connect(); await note("connected"); await client.query("SELECT 1"); await client.end(); }`,
    ],
    [
      "nobody connects the client here",
      `import { StoreClient as Store } from "../databases/document-store.mjs"; export async function f(url: string) { const store = new Store(url); await store.db("x").collection("users").insertOne({}); return await store.db("x").collection("users").insertOne({}); }`,
    ],
    [
      "what was got from the client is used after other work",
      `import { createStore } from "../databases/document-store.mjs"; export async function f(url: string) { const store = await createStore(url).connect(); const users = store.db("x").collection("users"); await store.close(); await note("x"); await users.insertOne({}); }`,
    ],
    [
      "the client is of the project's own",
      `class Client { async connect() {} async close() {} } export async function f() { const client = new Client(); await client.connect(); await client.close(); }`,
    ],
    [
      "a type of the project's own has such a name",
      `class FileHandle { async close() {} } declare function openIt(): Promise<FileHandle>; export async function f() { const file = await openIt(); await file.close(); }`,
    ],
    [
      "the answer itself is used by others",
      `export async function f(url: string) { const answer = await request(url); const text = await answer.body.text(); const again = () => answer.statusCode; return [text, again()]; }`,
    ],
    [
      "it was given to the function",
      `import type { Readable } from "node:stream"; export async function f(body: Readable & { text(): Promise<string> }) { return await body.text(); }`,
    ],
    [
      "a variable that changes holds it",
      `export async function f(url: string) { let answer = await request(url); if (answer.statusCode > 300) answer = await request(url); return await answer.body.text(); }`,
    ],
    [
      "the platform's own fetch, whose answer can be kept",
      `export async function f(url: string) { const answer = await fetch(url); return (await answer.json()) as Item; }`,
    ],
    [
      "a value that is no connection's",
      `export async function f() { const answer = await client.open(1); const text = await note(String(answer.size)); return text; }`,
    ],
  ])("%s", (_, text) => expect(verdict(text)).toBe(0));
});

describe("places are those of the author's text", () => {
  const text = `let shared = 0;
export async function f() {
  const source = chunksOf("a b");
  let n = 0;
  for await (const chunk of source) {
    n += chunk.length;
    if (n > 3) return n / 2;
  }
  shared = n;
  return afterwards(n);
}
const afterwards = (n: number): number => n + 1;
`;
  const written = head + text;
  const { code, map, diagnostics, manifest } = compiled(text);

  test("in diagnostics", () => {
    const [warning] = diagnostics;
    expect(warning).toMatchObject({ code: "PD1201", line: 13, column: 3 });
    expect(written.slice(warning!.start, warning!.end)).toBe("shared");
  });

  test("in the source map", () => {
    const traced = new TraceMap(map as ConstructorParameters<typeof TraceMap>[0]);
    const lines = code!.split("\n");
    const first = lines.findIndex((one) => one.includes("=> async () => {"));
    const places: string[] = [];
    for (let at = first; !lines[at]!.startsWith("const f$ ="); at++)
      for (const { 0: word, index } of lines[at]!.matchAll(/chunksOf|source|chunk\b|length|return(?!:)/g)) {
        const { line, column } = originalPositionFor(traced, { line: at + 1, column: index! });
        expect(written.split("\n")[line! - 1]!.slice(column!), word).toMatch(new RegExp(`^${word}`));
        places.push(`${line}:${column} ${word}`);
      }
    expect(places).toContain("7:17 chunksOf");
    expect(places).toContain("10:15 length");
    expect(places).toContain("11:15 return");
    expect((map as { sourcesContent: string[] }).sourcesContent).toEqual([written]);
  });

  test("in what explains the calls", () => {
    const loop = manifest!.calls.find((one) => one.text.startsWith("for await"))!;
    expect(loop).toMatchObject({ position: [9, 3], kind: "step" });
    expect(manifest!.codes.map(({ id }) => id)).toContain("loops.ts#f/loop");
  });
});
