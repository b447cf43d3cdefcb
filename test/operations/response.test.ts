/** `fetch`: a step whose Response is a value of the run, with its body; reading the body is a step of its own. */
import { createServer } from "node:http";
import type * as $ from "perdure/emitted";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linear } from "./linear.ts";
import { run, World } from "./world.ts";

const server = createServer((request, response) => {
  if (request.url === "/empty") return void response.writeHead(204).end();
  if (request.url === "/large") return void response.end(Buffer.alloc(9 * 1024 * 1024, 1));
  if (request.url === "/moved") return void response.writeHead(302, { location: "/data" }).end();
  response.writeHead(201, "Made", { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
  response.end(JSON.stringify({ path: request.url, bytes: "é\u0000" }));
});
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => void server.close());

const fetching = (then: (m: $.ModuleScope) => [(f: any, sent: any) => unknown, (f: any, sent: any) => unknown]) =>
  linear(
    ($m) => {
      const code = $m.expression("main/fetch", { name: "", at: [1, 9] }, (url: string) => fetch(url));
      const [read, end] = then($m);
      return {
        slots: ["res"],
        parts: [(f: any) => $m.step(0, code, [f.args[0]]), (f: any, sent: any) => read(f, (f.res = sent)), end],
      };
    },
    { codes: ["main/fetch"], sites: ["fetch(url)", "res.json()", "res.text()"] },
  ).main;

describe("fetch in a run", () => {
  test("its Response survives a reload, its body is read once", async () => {
    const main = fetching(($m) => [
      (f) => $m.method(1, f.res, "json", []),
      (f, sent) => [
        sent,
        f.res.status,
        f.res.statusText,
        f.res.ok,
        f.res.headers.get("content-type"),
        f.res.headers.getSetCookie(),
        f.res.url,
        f.res.redirected,
        f.res.bodyUsed,
        f.res instanceof Response,
      ],
    ]);
    expect(await run(main, [`${base}/data`])).toEqual([
      { path: "/data", bytes: "é\u0000" },
      201,
      "Made",
      true,
      "application/json",
      ["a=1", "b=2"],
      `${base}/data`,
      false,
      true,
      true,
    ]);
    const [, , , , , , url, redirected] = await run(main, [`${base}/moved`]);
    expect([url, redirected]).toEqual([`${base}/data`, true]);
  });

  test("a body that was read is used up, as on the platform", async () => {
    const { main } = linear(
      ($m) => {
        const code = $m.expression("main/fetch", { name: "", at: [1, 9] }, (url: string) => fetch(url));
        return {
          slots: ["res"],
          parts: [
            (f: any) => $m.step(0, code, [f.args[0]]),
            (f: any, sent: any) => {
              f.res = sent;
              return $m.method(0, f.res, "text", []);
            },
            (f: any) => $m.method(0, f.res, "text", []),
            () => "not reached",
            (_: any, e: Error) => e.name,
          ],
          handlers: { 2: 4 },
        };
      },
      { codes: ["main/fetch"] },
    );
    expect(await run(main, [`${base}/data`])).toBe("TypeError");
  });

  test("one without a body", async () => {
    const main = fetching(($m) => [
      (f) => $m.method(1, f.res, "text", []),
      (f, sent) => [f.res.status, sent, f.res.body],
    ]);
    expect(await run(main, [`${base}/empty`])).toEqual([204, "", null]);
  });

  test("a body beyond the limit enters as it is, and blocks a save that reaches it", async () => {
    const main = fetching(($m) => [(f) => $m.method(1, f.res, "text", []), (_, sent) => sent.length]);
    await expect(new World().start(main, [`${base}/large`]).drive()).rejects.toThrow(/PD2301.*Response/s);
  });
});
