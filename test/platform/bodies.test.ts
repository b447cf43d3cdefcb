/** Bodies that enter a run: how much of them, from where, and what is refused. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createEngine } from "perdure";
import * as $ from "perdure/emitted";
import { capture } from "perdure/internal/machine/platform/bodies/capture";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import { memory } from "perdure/memory";
import * as platform from "perdure/platform";
import { setTimeout as wait } from "perdure/timers-promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linear } from "../operations/linear.ts";
import { run, World } from "../operations/world.ts";

const server = createServer((request, response) => {
  if (request.url === "/slow") return void setTimeout(() => response.end("late"), 5_000).unref();
  response.setHeader("content-type", "text/plain");
  response.end("x".repeat(Number(request.url!.slice(1))));
});
let base = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const copy = <T>(value: T): T => decodeValue(encodeValue(value)) as T;

/** Calls one ordinary function in a step, and holds what it gives across a save. */
const holding = (ordinary: (...args: any[]) => unknown, then: (value: any) => unknown) =>
  linear(
    ($m) => ({
      slots: ["value"],
      parts: [
        (f: any) => $m.step(0, $m.expression("main/call", { name: "", at: [1, 9] }, ordinary), f.args),
        (f: any, sent: any) => {
          f.value = sent;
          return $m.step(
            1,
            $m.expression("main/pause", { name: "", at: [2, 9] }, async () => 1),
            [],
          );
        },
        (f: any) => then(f.value),
      ],
    }),
    { codes: ["main/call", "main/pause"], sites: ["call()", "pause()"] },
  ).main;

describe("what a step gives", () => {
  test("is read wherever it stands, also in an error", async () => {
    const value = {
      list: [{ response: new Response("deep", { status: 202 }) }],
      map: new Map([["blob", new Blob(["b"], { type: "t/t" })]]),
      error: Object.assign(new Error("HTTP 404"), { response: new Response('{"why":1}', { status: 404 }) }),
    };
    await capture(value);
    const back = copy(value);
    expect(await back.list[0]!.response.text()).toBe("deep");
    expect([back.map.get("blob")!.type, await back.map.get("blob")!.text()]).toEqual(["t/t", "b"]);
    expect(await back.error.response.json()).toEqual({ why: 1 });
    // The ordinary code that still has it can read it too.
    expect(await value.list[0]!.response.text()).toBe("deep");
  });

  test("may have been read already", async () => {
    const response = new Response("used");
    await response.text();
    await capture(response);
    const back = copy(response);
    expect(back.bodyUsed).toBe(true);
    await expect(back.text()).rejects.toThrow(TypeError);
  });

  test("has a limit", async () => {
    const response = new Response("x".repeat(11));
    await capture(response, 10);
    expect(() => encodeValue(response)).toThrow(/PD4001.*more than 10 bytes.*bodyLimit/s);
    expect(await response.text()).toHaveLength(11);
    const blob = new Blob(["x".repeat(11)]);
    await capture(blob, 10);
    expect(() => encodeValue(blob)).toThrow(/the Blob has more than 10 bytes/);
  });

  test("is not a part of the platform that it extends", async () => {
    class More extends Response {
      more = 1;
    }
    const response = new More("x");
    await capture(response);
    expect(() => encodeValue(response)).toThrow(/PD4001/);
  });
});

test("the limit of the engine is the limit of its runs", async () => {
  const main = holding(
    (url: string) => fetch(url),
    (response) => response.status,
  );
  for (const [bodyLimit, outcome] of [
    [100, /more than 100 bytes/],
    [200, 200],
  ] as const) {
    const engine = createEngine({ store: memory(), fetch: { bodyLimit } });
    const working = engine.work({ poll: 5 });
    const started = await engine.start(main as (url: string) => Promise<unknown>, [`${base}/150`]);
    if (typeof outcome === "number") expect(await started.result()).toBe(outcome);
    else await expect(started.result()).rejects.toThrow(outcome);
    await engine.stop();
    await working;
  }
});

test("outside a run the constructors are the platform's", async () => {
  const response = new platform.Response("x");
  expect(Object.getPrototypeOf(response)).toBe(Response.prototype);
  expect([response instanceof platform.Response, new Blob([]) instanceof platform.Blob]).toEqual([true, true]);
  expect({} instanceof platform.File).toBe(false);
  expect(await platform.Response.json({ a: 1 }).json()).toEqual({ a: 1 });
  expect([platform.Request.name, platform.FormData.length, new platform.TextDecoder().encoding]).toEqual([
    "Request",
    FormData.length,
    "utf-8",
  ]);
  class Mine extends platform.Blob {}
  expect(new Mine(["x"])).toBeInstanceOf(Mine);
});

test("a request of the run aborts with its signal, also in the step that sends it", async () => {
  const { main } = linear(
    ($m) => {
      const send = $m.expression("main/send", { name: "", at: [1, 9] }, (request: Request) => fetch(request));
      return {
        slots: ["controller", "request", "answer"],
        handlers: { 1: 3 },
        parts: [
          (f: any) => {
            f.controller = new $.AbortController();
            f.request = new platform.Request(f.args[0], { method: "POST", body: "b", signal: f.controller.signal });
            f.answer = $m.step(0, send, [f.request]);
            return wait(5);
          },
          (f: any) => {
            f.controller.abort(new Error("stop"));
            return f.answer;
          },
          () => "answered",
          (f: any, error: Error) => [error.message, f.request.signal.aborted, f.request.signal === f.controller.signal],
        ],
      };
    },
    { codes: ["main/send"], sites: ["fetch(request)"] },
  );
  expect(await run(main, [`${base}/slow`])).toEqual(["stop", true, false]);
});

test("drives with a virtual clock, too", async () => {
  const main = holding(
    () => new Response("w", { headers: { a: "1" } }),
    (response) => [response.headers.get("a"), response instanceof Response],
  );
  const world = await new World({ reload: true }).start(main, []).drive();
  expect(world.result).toEqual(["1", true]);
});
