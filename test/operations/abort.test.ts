/** AbortController and AbortSignal: data of the run, the platform's in its steps. */
import { currentStep } from "perdure";
import * as $ from "perdure/emitted";
import { setTimeout as wait } from "perdure/timers-promises";
import { describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

describe("in a run", () => {
  test("a controller and its signal survive a reload, with their listeners", async () => {
    const { main } = linear(
      ($m) => {
        const note = $m.code("main/note", { name: "note", at: [2, 3] }, (list: unknown[]) => (event: any) => {
          list.push([event.type, event.target.reason]);
        });
        return {
          slots: ["c", "list"],
          parts: [
            (f: any) => {
              f.c = new $.AbortController();
              f.list = [];
              f.c.signal.addEventListener("abort", note(f.list));
              f.c.signal.addEventListener("abort", note(f.list), { once: true });
              f.c.signal.onabort = note(f.list);
              return wait(10);
            },
            (f: any) => {
              f.c.abort("why");
              f.c.abort("again");
              return wait(10);
            },
            (f: any) => {
              let thrown: unknown;
              try {
                f.c.signal.throwIfAborted();
              } catch (e) {
                thrown = e;
              }
              return [
                f.list,
                f.c.signal.aborted,
                f.c.signal.reason,
                thrown,
                f.c instanceof $.AbortController,
                f.c.signal instanceof $.AbortSignal,
              ];
            },
          ],
        };
      },
      { codes: ["main/note"] },
    );
    const entry = ["abort", "why"];
    expect(await run(main)).toEqual([[entry, entry, entry], true, "why", "why", true, true]);
  });

  test("aborting rejects a promise timer, across a reload; its timer is gone", async () => {
    const { main } = linear(() => ({
      slots: ["c", "p"],
      parts: [
        (f) => {
          f.c = new $.AbortController();
          f.p = wait(1e9, 0, { signal: f.c.signal });
          return wait(10);
        },
        (f) => {
          f.c.abort();
          return f.p;
        },
        () => "fulfilled",
        (_, e) => [e.name, e.code, e.cause.name],
      ],
      handlers: { 1: 3 },
    }));
    expect(await run(main)).toEqual(["AbortError", "ABORT_ERR", "AbortError"]);
  });

  test("any and timeout: dependents abort with their sources; a timeout does not hold the run", async () => {
    const { main } = linear(() => ({
      slots: ["c", "any", "both"],
      parts: [
        (f) => {
          f.c = new $.AbortController();
          f.any = $.AbortSignal.any([f.c.signal, $.AbortSignal.timeout(1000)]);
          f.both = $.AbortSignal.any([f.any]);
          return wait(500);
        },
        (f) => [f.both.aborted, wait(1000)][1],
        (f) => [
          f.c.signal.aborted,
          f.any.aborted,
          f.any.reason.name,
          f.both.aborted,
          $.AbortSignal.abort(5).reason,
          $.AbortSignal.any([$.AbortSignal.abort(6)]).reason,
        ],
      ],
    }));
    expect(await run(main)).toEqual([false, true, "TimeoutError", true, 5, 6]);
    const idle = linear(() => ({
      parts: [
        () => {
          $.AbortSignal.timeout(1e9);
          return 0;
        },
        () => 1,
      ],
    }));
    const world = new World().start(idle.main);
    world.turn();
    expect(world.vat.status()).toBe("done");
  });

  test("a listener that throws fails the run, after the others were called", async () => {
    const { main } = linear(
      ($m) => {
        const boom = $m.code("main/boom", { name: "", at: [2, 3] }, () => () => {
          throw new Error("in the listener");
        });
        return {
          parts: [
            () => {
              const c = new $.AbortController();
              c.signal.addEventListener("abort", boom());
              c.abort();
              return wait(5);
            },
            () => 0,
          ],
        };
      },
      { codes: ["main/boom"] },
    );
    const world = await new World().start(main).drive();
    expect(world.vat.status()).toBe("failed");
    expect(() => world.result).toThrow("in the listener");
  });
});

describe("given to a step", () => {
  const signals: AbortSignal[] = [];
  /** As most code is written: nobody asks whether it has aborted before. */
  const listen = (options: { signal: AbortSignal }) =>
    new Promise((_, reject) => {
      signals.push(options.signal);
      options.signal.addEventListener("abort", () => reject(options.signal.reason));
    });
  const program = linear(
    ($m) => ({
      slots: ["c", "p"],
      parts: [
        (f) => {
          f.c = new $.AbortController();
          f.p = $m.call(0, listen, [{ signal: f.c.signal }]);
          return wait(1000);
        },
        (f) => {
          f.c.abort(new RangeError("enough"));
          return f.p;
        },
        () => "fulfilled",
        (_, e) => [e.name, e.message],
      ],
      handlers: { 1: 3 },
    }),
    { refs: { listen: () => listen } },
  );

  test("it is a signal of the platform that aborts with the run's, also in an attempt that was opened later", async () => {
    signals.length = 0;
    const world = new World().start(program.main);
    world.turn();
    world.issue();
    expect(signals[0]).toBeInstanceOf(AbortSignal);
    expect(signals[0]!.aborted).toBe(false);
    expect((await world.drive()).result).toEqual(["RangeError", "enough"]);
    expect(await run(program.main)).toEqual(["RangeError", "enough"]);
    expect(signals.at(-1)!.aborted).toBe(true);
  });

  test("one that was aborted before the call is aborted in the step; the step may hand it back", async () => {
    const echo = async (options: { signal: AbortSignal }) => ({
      aborted: options.signal.aborted,
      reason: options.signal.reason,
      options,
      step: currentStep()!.attempt,
    });
    const { main } = linear(
      ($m) => ({
        slots: ["options"],
        parts: [
          (f) => {
            f.options = { signal: $.AbortSignal.abort("early") };
            return $m.call(0, echo, [f.options]);
          },
          (f, sent) => [
            sent.aborted,
            sent.reason,
            sent.options === f.options,
            sent.options.signal === f.options.signal,
          ],
        ],
      }),
      { refs: { echo: () => echo } },
    );
    expect(await run(main)).toEqual([true, "early", true, true]);
  });

  test("a controller is refused: its signal is what a step may have", () => {
    const { main } = linear(
      ($m) => ({ parts: [() => $m.call(0, listen, [new $.AbortController() as never]), (_, s) => s] }),
      { refs: { listen: () => listen } },
    );
    expect(() => new World().start(main).turn()).toThrow(/PD2301.*pass its signal/s);
  });
});

test("outside a run they are the platform's", () => {
  const controller = new $.AbortController();
  expect(Object.getPrototypeOf(controller)).toBe(AbortController.prototype);
  expect(controller).toBeInstanceOf($.AbortController);
  expect(controller.signal).toBeInstanceOf($.AbortSignal);
  expect($.AbortSignal.abort(1).reason).toBe(1);
  expect($.AbortSignal.any([controller.signal]).aborted).toBe(false);
  expect($.AbortSignal.timeout(1000)).toBeInstanceOf(AbortSignal);
  expect(() => new ($.AbortSignal as any)()).toThrow("Illegal constructor");
  expect(() => ($.AbortController as any)()).toThrow("without 'new'");
});
