/**
 * What the programs of `fixtures/programs/using` cannot say on every Node, because TypeScript's own lowering of `using`, the oracle where the
 * platform does not parse it, has other ticks and a few bugs. Each log was made by Node 24, and is compared with it where it runs.
 */
import { describe, expect, it } from "vitest";
import { asMachines, hasUsing, same } from "./differential.ts";

const clock = `const clock = (async () => { for (let i = 1; i < 8; i++) { await null; log("t" + i); } })();`;
const d = `const d = (name) => ({ [Symbol.dispose]() { log("sync " + name); } });
  const a = (name) => ({ [Symbol.asyncDispose]() { log("async " + name); } });
  const bad = (name) => ({ [Symbol.dispose]() { log("bad " + name); throw new Error(name); } });`;

const cases: Record<string, [snippet: string, log: string[]]> = {
  "one tick for an await using": [
    `${d} ${clock} { await using x = a("x"); } log("after"); await clock;`,
    ["async x", "t1", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "one tick for nothing": [
    `${clock} { await using x = null; log("in"); } log("after"); await clock;`,
    ["in", "t1", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "one tick for many nothings": [
    `${clock} { await using x = null, y = undefined, z = null; } log("after"); await clock;`,
    ["t1", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "no tick of its own for a nothing beside an awaited one": [
    `${d} ${clock} { await using x = null; await using y = a("y"); await using z = null; } log("after"); await clock;`,
    ["async y", "t1", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "a tick between a nothing and a using before it": [
    `${d} ${clock} { using x = d("x"); await using y = null; } log("after"); await clock;`,
    ["t1", "sync x", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "no tick between an awaited one and a using before it": [
    `${d} ${clock} { using x = d("x"); await using y = a("y"); } log("after"); await clock;`,
    ["async y", "t1", "sync x", "after", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "a tick for each that is awaited": [
    `${d} ${clock} { await using x = a("x"), y = d("y"), z = a("z"); } log("after"); await clock;`,
    ["async z", "t1", "sync y", "t2", "async x", "t3", "after", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "the error of a sync method that stands in comes a tick later": [
    `${d} ${clock} try { await using x = bad("x"); } catch (e) { log("caught " + e.message); } await clock;`,
    ["bad x", "t1", "caught x", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "an await using that is not reached waits for nothing": [
    `${d} ${clock} b: { if (clock) break b; await using x = a("x"); } log("after"); await clock;`,
    ["after", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "= undefined"],
  ],
  "a null asyncDispose gives way to dispose": [
    `await using x = { [Symbol.asyncDispose]: null, [Symbol.dispose]() { log("sync"); } }; log("in");`,
    ["in", "sync", "= undefined"],
  ],
  "continue of a labelled loop with using in its head": [
    `${d} let n = 0; again: for (using x = d("x"); n < 3; n++) { for (;;) { if (n < 2) continue again; log(n); break again; } } await tick(n);`,
    ["2", "sync x", "tick 2", "= undefined"],
  ],
  "the same with an await in it": [
    `${d} let n = 0; again: for (using x = d("x"); n < 3; n++) { for (;;) { if (await tick(n < 2)) continue again; log(n); break again; } }`,
    ["tick true", "tick true", "tick false", "2", "sync x", "= undefined"],
  ],
  "a SuppressedError with its own properties": [
    `${d} try { using x = bad("x"), y = bad("y"); await null; throw new Error("body"); } catch (e) {
      const of = (o) => Reflect.ownKeys(o).filter((k) => ["error", "suppressed"].includes(k)).map((k) => k + Object.getOwnPropertyDescriptor(o, k).enumerable).join();
      log(e.name, e.message, e.error.message, e.suppressed.name, e.suppressed.error.message, e.suppressed.suppressed.message, of(e));
    }`,
    [
      "bad y",
      "bad x",
      "SuppressedError An error was suppressed during disposal x SuppressedError y body errorfalse,suppressedfalse",
      "= undefined",
    ],
  ],
  "what is no resource": [
    `for (const x of [1, "s", true, 5n, Symbol.iterator, {}, { [Symbol.dispose]: 1 }]) {
      try { using y = x; await null; } catch (e) { log(e.name); }
      try { await using y = x; await null; } catch (e) { log(e.name); }
    }`,
    [...Array(14).fill("TypeError"), "= undefined"],
  ],
  "text without spaces": [
    `${d} const f=()=>{using x=d("x");return()=>x;};const g=(n)=>{{using y=d("y");if(n)return n}};await tick(1);f();return g(2)`,
    ["tick 1", "sync x", "sync y", "= 2"],
  ],
};

describe("using", () => {
  it.each(Object.entries(cases))("%s", async (_, [snippet, log]) => {
    expect(await asMachines(snippet)).toEqual(log);
    if (hasUsing) expect(await same(snippet)).toEqual(log);
  });
});
