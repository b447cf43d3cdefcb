/** The runner itself, with tests and a harness of our own: `npm run test262` needs a checkout of test262, this does not. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Adapter, makeAdapter, withHarness } from "./adapter.ts";
import { printResults, readCounts, resultsFile } from "./counts.ts";
import { execute, type Result } from "./execute.ts";
import { byReason, differences, readExpected } from "./expected.ts";
import { injectAwait } from "./inject-await.ts";
import { lists, select } from "./lists.ts";
import { metadataOf } from "./metadata.ts";
import { isReason } from "./reasons.ts";

const harness = {
  "assert.js": `
    function assert(value) { if (value !== true) throw new Test262Error("not true"); }
    assert.same = function (actual, expected) { if (actual !== expected) throw new Test262Error(actual + " is not " + expected); };
    assert.throws = function (of, run) { try { run(); } catch (error) { return assert.same(error.constructor, of); } throw new Test262Error("nothing thrown"); };`,
  "sta.js": `function Test262Error(message) { this.message = message; }`,
  "doneprintHandle.js": `
    function $DONE(error) { print(error ? "Test262:AsyncTestFailure:" + error.message : "Test262:AsyncTestComplete"); }`,
};

let checkout: string;
const adapters = {} as Record<"semantics" | "persist", Adapter>;
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), "conformance-"));
  mkdirSync(join(checkout, "harness"));
  for (const [name, text] of Object.entries(harness)) writeFileSync(join(checkout, "harness", name), text);
  for (const mode of ["semantics", "persist"] as const) adapters[mode] = makeAdapter(mode);
});
afterAll(() => rmSync(checkout, { recursive: true }));

async function run(mode: "native" | "semantics" | "persist", text: string, inject = false): Promise<Result> {
  mkdirSync(join(checkout, "test"), { recursive: true });
  writeFileSync(join(checkout, "test/one.js"), text);
  const adapter = mode === "native" ? null : adapters[mode];
  return execute("test/one.js", { test262: checkout, adapter, inject, patience: 200 });
}
const modes = ["native", "semantics", "persist"] as const;
const ASYNC = "/*---\nflags: [async]\n---*/\n";

describe.each(modes)("in mode %s", (mode) => {
  test("a synchronous test passes and fails", async () => {
    expect(await run(mode, "assert.same(this, globalThis);")).toMatchObject({ passed: true });
    expect(await run(mode, "assert.same(1, 2);")).toMatchObject({ passed: false, phase: "runtime" });
  });

  test("an asynchronous test passes, fails, and is missed", async () => {
    const counting = `async function count() { let n = 0; for (const i of [1, 2, 3]) n += await i; return n; }`;
    const passing = await run(mode, `${ASYNC}${counting} count().then((n) => assert.same(n, 6)).then($DONE, $DONE);`);
    expect(passing, passing.error).toMatchObject({ passed: true });
    if (mode === "persist") expect(passing.withFrame).toBeGreaterThan(2);
    expect(await run(mode, `${ASYNC}${counting} count().then((n) => assert.same(n, 5)).then($DONE, $DONE);`)).toEqual(
      expect.objectContaining({ passed: false, phase: "async", error: "6 is not 5" }),
    );
    expect(await run(mode, `${ASYNC}(async () => { await 0; })();`)).toMatchObject({ passed: false, phase: "timeout" });
  });

  test("a test that must throw passes when it does", async () => {
    const negative = "/*---\nnegative:\n  phase: runtime\n  type: RangeError\n---*/\n";
    expect(await run(mode, `${negative}throw new RangeError();`)).toMatchObject({ passed: true });
    expect(await run(mode, `${negative}throw new TypeError();`)).toMatchObject({ passed: false });
    expect(await run(mode, negative)).toMatchObject({ passed: false, phase: "negative" });
  });

  test("injected awaits change nothing", async () => {
    const text = `var log = ""; for (let i = 0; i < 3; i++) { try { if (i === 1) continue; log += i; } finally { log += "f"; } }
      assert.same(log, "0ff2f"); assert.throws(TypeError, function () { null.x; });`;
    expect(await run(mode, text, true)).toMatchObject({ passed: true });
  });
});

test("what the compiler refuses is told from what it gets wrong", async () => {
  expect(await run("semantics", 'function f() { return eval("1"); }')).toMatchObject({
    passed: false,
    phase: "refused",
  });
});

test("closures, calls and classes are made without the iterator of arrays, which a program may replace", async () => {
  const text = `(function () {
    const x = 1;
    delete Array.prototype[Symbol.iterator];
    const add = (n) => n + x;
    class C { static own() { return x; } get() { return add(x); } }
    assert.same(add(1) + new C().get() + C.own(), 5);
    assert.throws(TypeError, () => { [...[x]]; });
  })();`;
  expect(await run("semantics", text)).toMatchObject({ passed: true });
});

test("a run is saved, and its end told, whatever its program did to the iterators of arrays", async () => {
  for (const patch of [
    "delete Array.prototype[Symbol.iterator];",
    "Array.prototype[Symbol.iterator] = function () { throw new TypeError(); };",
  ]) {
    const result = await run("persist", `${patch} assert.throws(TypeError, () => { const [x] = [1]; });`);
    expect(result.error, patch).toBe(undefined);
    expect(result).toMatchObject({ passed: true, saves: 1 });
    const injected = await run("persist", `${patch} assert.throws(TypeError, () => { const [x] = [1]; });`, true);
    expect(injected.error, patch).toBe(undefined);
    expect(injected.withFrame).toBeGreaterThan(2);
  }
});

test("objects of the harness are references, and counted", async () => {
  const held = `${ASYNC}async function f() { const held = assert; await 0; assert.same(held, assert); } f().then($DONE, $DONE);`;
  const result = await run("persist", held);
  expect(result).toMatchObject({ passed: true });
  expect(result.references).toBeGreaterThan(0);
});

test("a runner that leaves the harness as it is gets tests that bring their own, compiled, once", async () => {
  const text = `"use strict";\n${ASYNC}assert.throws(TypeError, () => null.x); (async () => { await 0; })().then($DONE, $DONE);`;
  writeFileSync(join(checkout, "test/one.js"), text);
  const options = { sourceType: "script" } as const;
  const brought = withHarness(adapters.persist, text, join(checkout, "test/one.js"), options);
  expect(brought).toMatch(/^"use strict";.*eval/);
  for (const name of ["assert.js", "sta.js", "doneprintHandle.js"])
    expect(brought.split(`__perdure__.harness["${name}"] ||`)).toHaveLength(2);
  expect(adapters.persist.harness(harness["sta.js"], "sta.js")).toContain('__perdure__.harness["sta.js"] = true');
  expect(withHarness(adapters.semantics, text, join(checkout, "test/one.js"), options)).not.toContain("eval");
});

describe("injection", () => {
  const injected = (text: string): string => /\{([\s\S]*)\n\}\)\.call/.exec(injectAwait(text))![1]!;
  test.each([
    ["a = b + 1;", "await 0; a = (await 0, b) + (await 0, 1);"],
    ["f(x.y, ...z);", "await 0; (await 0, f)((await 0, x).y, ...(await 0, z));"],
    [
      "[a, ...b] = c; ({ d, e: f = 1 } = g);",
      "await 0; [a, ...b] = (await 0, c); await 0; ({ d, e: f = (await 0, 1) } = (await 0, g));",
    ],
    ["for (k in o) k++;", "await 0; for (k in (await 0, o)) k++;"],
    ["class C extends B { [k] = v; }", "await 0; class C extends (await 0, B) { [(await 0, k)] = v; }"],
    ["function f() { return 1; }", "function f() { return 1; }"],
    ['"use strict"; typeof x; l: { break l; }', '"use strict"; await 0; typeof x; await 0; l: { await 0; break l; }'],
  ])("%s", (text, expected) => expect(injected(text)).toBe(expected));
});

test("metadata is read in both forms of a list", () => {
  const { flags, includes, negative } = metadataOf(
    "/*---\nflags: [async, onlyStrict]\nincludes:\n  - a.js\n  - b.js\n---*/",
  );
  expect([...flags]).toEqual(["async", "onlyStrict"]);
  expect(includes).toEqual(["a.js", "b.js"]);
  expect(negative).toBe(null);
});

test("a list leaves out what has no strict mode", () => {
  const folder = join(checkout, "test/built-ins/Promise");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "strict.js"), "Promise.resolve();");
  writeFileSync(join(folder, "sloppy.js"), "/*---\nflags: [noStrict]\n---*/");
  expect(select(checkout, "promise", /./)).toEqual(["test/built-ins/Promise/strict.js"]);
});

describe("expected results", () => {
  const modes = ["native", "semantics", "persist"];
  const kept = Object.keys(lists).flatMap((list) => modes.map((mode) => ({ list, mode })));

  test.each(kept)("$list, $mode: every failure has a stated reason", ({ list, mode }) => {
    const unstated = byReason(readExpected(list, mode)).filter(([reason]) => !isReason(reason));
    expect(unstated).toEqual([]);
  });

  test("the table is printed from them, and its counts are theirs", () => {
    expect(readFileSync(resultsFile, "utf8")).toBe(printResults());
    for (const [list, counts] of Object.entries(readCounts()))
      for (const [mode, { passed, total, list: all }] of Object.entries(counts))
        if (total === all) expect(total - passed, `${list}, ${mode}`).toBe(readExpected(list, mode).size);
  });

  test("another failure, another reason and a failure that is gone are told", () => {
    const expected = new Map([
      ["refused.js", "refused PD1001"],
      ["mended.js", "slow"],
      ["known.js", "slow"],
    ]);
    const failures = new Map([
      ["refused.js", "unexplained (runtime)"],
      ["new.js", "refused PD1001"],
      ["known.js", "slow"],
    ]);
    expect(differences(expected, failures, (path) => path === "mended.js")).toEqual({
      regressions: ["refused.js", "new.js"],
      mended: ["mended.js"],
    });
    expect(isReason("unexplained (runtime)")).toBe(false);
  });
});
