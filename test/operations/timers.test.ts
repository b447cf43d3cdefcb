/** Timers: durable in a run (saved between any two jobs), the platform's of any length outside. */
import { sleep } from "perdure";
import * as $ from "perdure/emitted";
import * as timers from "perdure/timers";
import {
  setImmediate as immediately,
  scheduler,
  setInterval as ticks,
  setTimeout as wait,
} from "perdure/timers-promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

afterEach(() => {
  vi.useRealTimers();
});

const DAY = 86_400_000;

/** `push(list$, entry)` as a durable closure: notes an entry when it is called. */
const noting = ($m: $.ModuleScope) =>
  $m.code("main/note", { name: "note", at: [2, 3] }, (list: unknown[]) => (...entry: unknown[]) => {
    list.push(entry.length === 1 ? entry[0] : entry);
  });
const codes = ["main/note"];

test("what a race with a sleep gives is the other's or undefined, in projects without strict null checks too: no `void`", async () => {
  const answer: { ok: boolean } | undefined = await Promise.race([Promise.resolve({ ok: true }), sleep(1)]);
  expect(answer?.ok).toBe(true);
  const late: number | undefined = await Promise.race([new Promise<number>(() => {}), sleep(1)]);
  expect(late).toBeUndefined();
});

describe("in a run", () => {
  test("sleep is fulfilled with undefined at its instant, thirty days off or in the past", async () => {
    const { main } = linear(() => ({
      parts: [() => sleep("30 days"), () => sleep(new Date(5)), (_, sent) => sent === undefined],
    }));
    const world = await new World({ reload: true }).start(main).drive();
    expect(world.result).toBe(true);
    expect(world.clock).toBe(1_000_000 + 30 * DAY + 1);
  });

  test("sleep of what is no duration blocks the run, and try/catch cannot swallow that", () => {
    const { main } = linear(() => ({
      parts: [
        () => {
          try {
            return sleep("3 dyas");
          } catch {
            return 0;
          }
        },
        (_, s) => s,
      ],
    }));
    expect(() => new World().start(main).turn()).toThrow(/PD2204: \w+ \(.+:\d+:\d+\): "3 dyas" is not a duration/);
  });

  test("new Promise(r => setTimeout(r, thirty days)) is a durable timer", async () => {
    const { main } = linear(
      ($m) => {
        const executor = $m.code(
          "main/note",
          { name: "", at: [2, 3] },
          () => (r: () => void) => void $.setTimeout(r, 30 * DAY),
        );
        return { parts: [() => new $.Promise(executor() as never), (_: any, sent: unknown) => sent === undefined] };
      },
      { codes },
    );
    expect(await run(main)).toBe(true);
  });

  test("timers fire by instant, then in the order they were made; jobs run between them; arguments are passed", async () => {
    const { main } = linear(
      ($m) => {
        const note = noting($m);
        const later = $m.code("main/later", { name: "", at: [3, 3] }, (list: unknown[]) => (name: string) => {
          list.push(name);
          $.Promise.resolve(`${name}'s job`).then(note(list) as never);
        });
        return {
          slots: ["list"],
          parts: [
            (f: any) => {
              f.list = [];
              $.setTimeout(later(f.list), 20, "b");
              $.setTimeout(later(f.list), 10, "a");
              $.setTimeout(later(f.list), 20, "c");
              $.setTimeout(note(f.list), 0, "x", "y");
              $.setImmediate(note(f.list), "immediate");
              return sleep(50);
            },
            (f: any) => f.list,
          ],
        };
      },
      { codes: [...codes, "main/later"] },
    );
    expect(await run(main)).toEqual(["immediate", ["x", "y"], "a", "a's job", "b", "b's job", "c", "c's job"]);
  });

  test("clearTimeout by handle, by primitive and by dispose; handles survive a reload with their surface", async () => {
    const { main } = linear(
      ($m) => {
        const note = noting($m);
        return {
          slots: ["list", "a", "b", "c", "d"],
          parts: [
            (f: any) => {
              f.list = [];
              f.a = $.setTimeout(note(f.list), 100, "a");
              f.b = $.setTimeout(note(f.list), 100, "b");
              f.c = $.setTimeout(note(f.list), 100, "c");
              f.d = $.setTimeout(note(f.list), 100, "d");
              return sleep(10);
            },
            (f: any) => {
              $.clearTimeout(f.a);
              $.clearTimeout(+f.b);
              f.c[Symbol.dispose]();
              f.list.push([f.d.hasRef(), f.d.unref().hasRef(), f.d.ref() === f.d, typeof +f.d]);
              $.clearTimeout(undefined);
              $.clearTimeout("nothing");
              return sleep(200);
            },
            (f: any) => f.list,
          ],
        };
      },
      { codes },
    );
    expect(await run(main)).toEqual([[true, false, true, "number"], "d"]);
  });

  test("refresh starts the delay again, also of a timer that has fired", async () => {
    const { main } = linear(
      ($m) => {
        const note = noting($m);
        return {
          slots: ["list", "t"],
          parts: [
            (f: any) => {
              f.list = [];
              f.t = $.setTimeout(note(f.list), 100, "fired");
              return sleep(60);
            },
            (f: any) => {
              f.t.refresh();
              return sleep(60);
            },
            (f: any) => {
              f.list.push("not yet");
              return sleep(60);
            },
            (f: any) => {
              f.t.refresh();
              return sleep(150);
            },
            (f: any) => f.list,
          ],
        };
      },
      { codes },
    );
    expect(await run(main)).toEqual(["not yet", "fired", "fired"]);
  });

  test("setInterval fires again and again until it is cleared, by its own callback too", async () => {
    const { main } = linear(
      ($m) => {
        const tick = $m.code("main/note", { name: "", at: [2, 3] }, (state: any) => () => {
          if (++state.n === 3) $.clearInterval(state.handle);
        });
        return {
          slots: ["state"],
          parts: [
            (f: any) => {
              f.state = { n: 0 };
              f.state.handle = $.setInterval(tick(f.state), 100);
              return sleep(1000);
            },
            (f: any) => f.state.n,
          ],
        };
      },
      { codes },
    );
    expect(await run(main)).toBe(3);
  });

  test("a run is finishing until its timers have fired; those that were unrefed do not hold it", () => {
    const program = (held: boolean) =>
      linear(
        ($m) => {
          const note = noting($m);
          return {
            parts: [
              () => {
                const timer = $.setTimeout(note([]), 100) as { unref(): unknown };
                if (!held) timer.unref();
                return 0;
              },
              () => "result",
            ],
          };
        },
        { codes },
      ).main;
    for (const [held, status] of [
      [true, "finishing"],
      [false, "done"],
    ] as const) {
      const world = new World().start(program(held));
      world.turn();
      expect([world.vat.status(), world.result]).toEqual([status, "result"]);
    }
  });

  test("a callback that throws fails the run, as an uncaught exception ends a process", async () => {
    const { main } = linear(
      ($m) => {
        const boom = $m.code("main/note", { name: "", at: [2, 3] }, () => () => {
          throw new RangeError("in the timer");
        });
        return {
          parts: [
            () => {
              $.setTimeout(boom(), 10);
              return sleep("1h");
            },
            () => 0,
          ],
        };
      },
      { codes },
    );
    const world = await new World().start(main).drive();
    expect(world.vat.status()).toBe("failed");
    expect(() => world.result).toThrow(/in the timer/);
  });

  test("an ordinary callback runs in the turn; a native promise from it blocks the run", async () => {
    const calls: number[] = [];
    const log = (x: number) => void calls.push(x);
    const promising = async () => 1;
    const ok = linear(
      () => ({
        parts: [
          () => {
            $.setTimeout(log, 10, 5);
            return sleep(20);
          },
          () => 0,
        ],
      }),
      { refs: { log: () => log } },
    );
    await new World().start(ok.main).drive();
    expect(calls).toEqual([5]);
    const bad = linear(
      () => ({
        parts: [
          () => {
            $.setTimeout(promising, 10);
            return sleep(20);
          },
          () => 0,
        ],
      }),
      { refs: { promising: () => promising } },
    );
    await expect(new World().start(bad.main).drive()).rejects.toThrow("PD2201");
  });

  test("what is no function is refused as Node refuses it", async () => {
    const { main } = linear(() => ({
      parts: [() => $.setTimeout("code" as never, 1), () => 0, (_, e) => [e.name, e.code]],
      handlers: { 0: 2 },
    }));
    expect(await run(main)).toEqual(["TypeError", "ERR_INVALID_ARG_TYPE"]);
  });

  test("queueMicrotask and nextTick are jobs of the run", async () => {
    const { main } = linear(
      ($m) => {
        const note = noting($m);
        return {
          slots: ["list"],
          parts: [
            (f: any) => {
              f.list = [];
              $.Promise.resolve("promise").then(note(f.list) as never);
              $.queueMicrotask(note(f.list));
              $.nextTick(note(f.list), "tick", 1);
              f.list.push("sync");
              return sleep(1);
            },
            (f: any) => f.list,
          ],
        };
      },
      { codes },
    );
    expect(await run(main)).toEqual(["sync", "promise", [], ["tick", 1]]);
  });

  test("ticks and promise jobs take turns as in Node, and a reload does not change that", async () => {
    /** The same program for both: `tick` and `job` note their name, then queue what they are given. */
    const program = (list: string[], tick: (fn: () => void) => void, job: (fn: () => void) => void) => {
      const note = (name: string, then?: () => unknown) => () => {
        list.push(name);
        then?.();
      };
      job(
        note("job 1", () => [tick(note("tick of job 1", () => job(note("job of tick")))), job(note("job of job 1"))]),
      );
      tick(note("tick 1", () => [job(note("job of tick 1")), tick(note("tick of tick 1"))]));
      tick(note("tick 2"));
      job(note("job 2"));
    };
    const native: string[] = [];
    await new Promise<void>((resolve) =>
      setTimeout(() => {
        program(native, process.nextTick, queueMicrotask);
        setTimeout(resolve, 5);
      }, 1),
    );
    const { main } = linear(
      ($m) => {
        const name = $m.code("main/name", { name: "", at: [2, 3] }, (list: string[], plan: any) => () => {
          list.push(plan.name);
          for (const next of plan.next ?? []) (next.tick ? $.nextTick : $.queueMicrotask)(name(list, next) as never);
        });
        return {
          slots: ["list"],
          parts: [
            (f: any) => {
              f.list = [];
              $.setTimeout(name(f.list, { name: "timer", next: f.args[0] }) as never, 1);
              return sleep(10);
            },
            (f: any) => f.list.slice(1),
          ],
        };
      },
      { codes: ["main/name"] },
    );
    const plan = [
      {
        name: "job 1",
        next: [{ name: "tick of job 1", tick: true, next: [{ name: "job of tick" }] }, { name: "job of job 1" }],
      },
      { name: "tick 1", tick: true, next: [{ name: "job of tick 1" }, { name: "tick of tick 1", tick: true }] },
      { name: "tick 2", tick: true },
      { name: "job 2" },
    ];
    expect(await run(main, [plan])).toEqual(native);
    expect(native.slice(0, 3)).toEqual(["tick 1", "tick 2", "tick of tick 1"]);
  });

  test("cancel clears callbacks and rejects what new Promise(r => setTimeout(r)) waits for", async () => {
    const { main } = linear(
      ($m) => {
        const executor = $m.code(
          "main/note",
          { name: "", at: [2, 3] },
          () => (r: () => void) => void $.setTimeout(r, DAY),
        );
        return {
          parts: [() => new $.Promise(executor() as never), () => "fired", (_: any, e: Error) => e.name],
          handlers: { 0: 2 },
        };
      },
      { codes },
    );
    const world = new World().start(main);
    world.turn();
    world.deliver({ type: "cancel", reason: null });
    expect((await world.drive()).result).toBe("CancelledError");
    expect(world.clock).toBe(1_000_000);
  });
});

describe("node:timers/promises in a run", () => {
  test("setTimeout gives its value, setImmediate too, scheduler waits", async () => {
    const { main } = linear(() => ({
      slots: ["a", "b"],
      parts: [
        () => wait(1000, { a: 1 }),
        (f, sent) => {
          f.a = sent;
          return immediately("b");
        },
        (f, sent) => {
          f.b = sent;
          return scheduler.wait(500);
        },
        () => scheduler.yield(),
        (f) => [f.a, f.b],
      ],
    }));
    expect(await run(main)).toEqual([{ a: 1 }, "b"]);
  });

  test("the iterator of ticks is refused with PD2206", () => {
    const { main } = linear(() => ({ parts: [() => ticks(100), () => 0] }));
    expect(() => new World().start(main).turn()).toThrow("PD2206");
  });

  test("a signal that durable code aborts rejects at once; one that is aborted already, and one that is none, reject too", async () => {
    const { main } = linear(() => ({
      slots: ["out"],
      parts: [
        (f) => {
          f.out = [];
          const controller = new AbortController();
          const p = wait(DAY, 0, { signal: controller.signal });
          controller.abort();
          return p;
        },
        () => 0,
        (f, e) => {
          f.out.push(e.name, e.code);
          return wait(1, 0, { signal: AbortSignal.abort() }).catch((x) => x.name);
        },
        (f, sent) => [...f.out, sent],
      ],
      handlers: { 0: 2 },
    }));
    expect((await new World().start(main).drive()).result).toEqual(["AbortError", "ABORT_ERR", "AbortError"]);
  });

  test("a platform signal that aborts between turns breaks the run with PD2211 instead of changing it", () => {
    let controller!: AbortController;
    const make = () => (controller = new AbortController()).signal;
    const { main } = linear(($m) => ({ parts: [() => wait(DAY, 0, { signal: $m.now(0, make()) }), (_, s) => s] }), {
      refs: { make: () => make },
    });
    const world = new World().start(main);
    world.turn();
    controller.abort();
    expect(world.brokenBy?.message).toMatch("PD2211");
  });
});

describe("outside a run", () => {
  test("timers longer than the platform's fire when they are due", () => {
    vi.useFakeTimers();
    const fired: string[] = [];
    timers.setTimeout((name: string) => fired.push(name), 60 * DAY, "long");
    const cleared = timers.setTimeout(() => fired.push("cleared"), 60 * DAY) as unknown as {
      hasRef(): boolean;
      unref(): unknown;
    };
    cleared.unref();
    expect(cleared.hasRef()).toBe(false);
    timers.clearTimeout(cleared as never);
    vi.advanceTimersByTime(59 * DAY);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(DAY);
    expect(fired).toEqual(["long"]);
  });

  test("sleep and the promise timers are plain, of any length", async () => {
    vi.useFakeTimers();
    const woken: unknown[] = [];
    void sleep("40 days").then(() => woken.push("sleep"));
    void wait(40 * DAY, "value").then((value) => woken.push(value));
    const controller = new AbortController();
    const aborted = wait(40 * DAY, 0, { signal: controller.signal });
    controller.abort("why");
    await expect(aborted).rejects.toMatchObject({ name: "AbortError", code: "ABORT_ERR", cause: "why" });
    await vi.advanceTimersByTimeAsync(39 * DAY);
    expect(woken).toEqual([]);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(woken).toEqual(["sleep", "value"]);
  });

  test("the family is the platform's", async () => {
    const order: string[] = [];
    timers.setImmediate(() => order.push("immediate"));
    const interval = timers.setInterval(() => order.push("interval"), 1);
    await wait(20);
    timers.clearInterval(interval);
    $.queueMicrotask(() => order.push("microtask"));
    await immediately();
    expect(order).toContain("immediate");
    expect(order).toContain("interval");
    expect(order.at(-1)).toBe("microtask");
    let n = 0;
    for await (const value of ticks(1, "tick")) {
      expect(value).toBe("tick");
      if (++n === 2) break;
    }
    expect(n).toBe(2);
    await expect(wait(1, 0, { signal: 5 as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });
});
