/**
 * Promises/A+ (promisesaplus.com) on the durable promise: the 872 tests of its authors, in one run whose jobs are performed whenever the platform's are.
 * Their files ask for the globals of Mocha; `describe` and `specify` here collect what they declare.
 */
import { createRequire } from "node:module";
import { enterRun, leaveRun } from "perdure/internal/machine/current-run";
import { perform } from "perdure/internal/machine/promise/perform";
import { durablePromises } from "perdure/internal/machine/promise/run-promises";
import { Run } from "perdure/internal/machine/run";
import { describe, expect, test } from "vitest";

type Body = (done: () => void) => unknown;
interface Case {
  readonly name: string;
  readonly body: Body;
  /** Hooks of the groups around it, outer first. */
  readonly before: readonly Body[];
  readonly after: readonly Body[];
}

const files = [
  "2.1.2",
  "2.1.3",
  "2.2.1",
  "2.2.2",
  "2.2.3",
  "2.2.4",
  "2.2.5",
  "2.2.6",
  "2.2.7",
  "2.3.1",
  "2.3.2",
  "2.3.3",
  "2.3.4",
];
const PATIENCE = 1_000;

/** A run that is current until it is left, and performs its jobs as the platform does its own. */
class OpenRun extends Run {
  #scheduled = false;

  override enqueue(job: Parameters<Run["enqueue"]>[0]): void {
    super.enqueue(job);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (let next = this.jobs.take(); next !== undefined; next = this.jobs.take()) perform(this, next);
    });
  }
}

function collect(): Case[] {
  const cases: Case[] = [];
  const groups: { name: string; before: Body[]; after: Body[] }[] = [];
  const group = (name: string, declare: () => void): void => {
    groups.push({ name, before: [], after: [] });
    declare();
    groups.pop();
  };
  const specify = (name: string, body: Body): void => {
    cases.push({
      name: [...groups.map((one) => one.name), name].join(" › "),
      body,
      before: groups.flatMap((one) => one.before),
      after: groups.flatMap((one) => one.after),
    });
  };
  Object.assign(globalThis, {
    describe: group,
    specify,
    it: specify,
    beforeEach: (body: Body) => groups.at(-1)!.before.push(body),
    afterEach: (body: Body) => groups.at(-1)!.after.push(body),
  });
  const require = createRequire(import.meta.url);
  for (const file of files) require(`promises-aplus-tests/lib/tests/${file}.js`);
  return cases;
}

const finished = (body: Body): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("done was not called")), PATIENCE);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    body(done);
    if (body.length === 0) done();
  });

describe("Promises/A+", () => {
  test("all of its tests pass on the durable promise", async () => {
    const host = { now: () => 0, random: (n: number) => new Uint8Array(n), after: () => () => {}, provided: {} };
    const run = new OpenRun("aplus", "0".repeat(32), host, durablePromises);
    const { Promise: Durable } = run;
    const names = ["adapter", "describe", "specify", "it", "beforeEach", "afterEach"] as const;
    const global = globalThis as Record<string, unknown>;
    const kept = names.map((name) => [name, global[name]] as const);
    global.adapter = {
      resolved: (value: unknown) => Durable.resolve(value),
      rejected: (reason: unknown) => Durable.reject(reason),
      deferred: () => {
        let resolve!: (value: unknown) => void;
        let reject!: (reason: unknown) => void;
        const promise = new Durable((res, rej) => {
          resolve = res;
          reject = rej;
        });
        return { promise, resolve, reject };
      },
    };
    const previous = enterRun(run);
    const failures: string[] = [];
    let count = 0;
    try {
      for (const { name, body, before, after } of collect()) {
        count++;
        try {
          for (const hook of before) await finished(hook);
          await finished(body);
          for (const hook of after) await finished(hook);
        } catch (error) {
          failures.push(`${name}: ${(error as Error).message}`);
        }
      }
    } finally {
      leaveRun(previous);
      for (const [name, value] of kept) {
        if (value === undefined) delete global[name];
        else global[name] = value;
      }
    }
    expect(failures).toEqual([]);
    expect(count).toBe(872);
  });
});
