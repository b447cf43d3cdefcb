/** Signed links over HTTP, with a real server: who may resume what, and what hostile requests are told. */
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Engine } from "perdure";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { storeFile } from "../end-to-end/app.ts";
import { type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("../../fixtures/triggers/app.ts");

const old = { id: "2026-10", secret: "an old secret of thirty-two bytes" };
const key = { id: "2026-11", secret: "a secret of at least thirty-two bytes" };

let built: Product<App>;
let app: App;
let engine: Engine;
let server: Server;
let origin: string;
/** What the handler takes for the time. */
let now = Date.now();

beforeAll(async () => {
  built = await product<App>("triggers", "app");
  app = await built.open();
  engine = app.createEngine({ store: app.sqlite(storeFile(built)) }) as Engine;
  void engine.work(QUICK);
  const handler = app.tokenHandler(engine, { keys: [key, old], maxBody: 1000, now: () => now });
  server = createServer(app.nodeListener(handler)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await engine.stop();
  built.remove();
});
beforeEach(() => {
  now = Date.now();
});

const links = (keys = [key]) => app.tokenLinks({ url: `${origin}/resume?lang=de`, keys, now: () => now });
const post = (link: string, body?: string, init: RequestInit = {}) =>
  fetch(link, { method: "POST", ...(body !== undefined && { body }), ...init });

let subjects = 0;
async function invited() {
  const subject = `holiday ${++subjects}`;
  const run = await engine.start(app.approval, [subject], { id: `run/${subject}?&#%` });
  await until(() => app.invited.has(subject));
  return { subject, run, token: app.invited.get(subject)! };
}

describe("a signed link", () => {
  it("resumes its token, once", async () => {
    const { subject, run, token } = await invited();
    const link = await links().to(token);
    const first = await post(link, '{"ok":true,"by":"ann"}');
    expect([first.status, await first.json()]).toEqual([200, { outcome: "accepted" }]);
    expect(await run.result()).toBe(`${subject}: true by ann`);
    const second = await post(link, '{"ok":false}');
    expect([second.status, await second.json()]).toEqual([200, { outcome: "already-resumed" }]);
    expect(first.headers.get("cache-control")).toBe("no-store");
  });

  it("without a body resumes with null", async () => {
    const { subject, run, token } = await invited();
    expect((await post(await links().to(token))).status).toBe(200);
    expect(await run.result()).toBe(`${subject}: nothing said`);
  });

  it("signed by an older key is good while that key is in the list", async () => {
    const { token } = await invited();
    expect((await post(await links([old]).to(token), "null")).status).toBe(200);
    const unknown = { id: "2026-09", secret: "x".repeat(32) };
    expect((await post(await links([unknown]).to(token), "null")).status).toBe(403);
    // The same name, another secret.
    expect((await post(await links([{ ...key, secret: "y".repeat(32) }]).to(token), "null")).status).toBe(403);
  });

  it("ends when it says, and not before", async () => {
    const { token } = await invited();
    const link = await links().to(token, { expires: "3 days" });
    now += 3 * 86_400_000 + 1000;
    const late = await post(link, "null");
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([410, "PD6003"]);
    now -= 2000;
    expect((await post(link, "null")).status).toBe(200);
  });

  it("keeps the query of its address", async () => {
    expect(new URL(await links().to(`nobody.${"0".repeat(32)}.1.${"0".repeat(32)}`)).searchParams.get("lang")).toBe(
      "de",
    );
  });

  it("to a run that is gone says so", async () => {
    const token = `nobody.${"0".repeat(32)}.1.${"0".repeat(32)}`;
    const answer = await post(await links().to(token), "null");
    expect([answer.status, await answer.json()]).toEqual([410, { outcome: "gone" }]);
  });

  it("is made for tokens alone, and one to something else is not found", async () => {
    await expect(links().to("nonsense")).rejects.toMatchObject({ code: "PD2506" });
    const expires = String(Math.ceil(Date.now() / 1000) + 60);
    const signature = createHmac("sha256", key.secret).update(`perdure token link 1\n${expires}\nnonsense`);
    const query = new URLSearchParams({
      token: "nonsense",
      expires,
      key: key.id,
      signature: signature.digest("base64url"),
    });
    expect((await post(`${origin}/resume?${query}`, "null")).status).toBe(404);
  });
});

describe("hostile requests", () => {
  it.each(["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s resumes nothing", async (method) => {
    const { token, run } = await invited();
    const answer = await fetch(await links().to(token), { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    if (method !== "HEAD") expect(((await answer.json()) as { code: string }).code).toBe("PD6006");
    expect((await run.status()).status).toBe("waiting");
  });

  it("every change to a link voids it", async () => {
    const { token, run } = await invited();
    const other = await invited();
    const link = new URL(await links().to(token));
    const changes: ((query: URLSearchParams) => void)[] = [
      (query) => query.set("token", other.token),
      (query) => query.set("token", `${query.get("token")} `),
      (query) => query.delete("token"),
      (query) => query.append("token", other.token),
      (query) => query.set("expires", String(Number(query.get("expires")) + 1)),
      (query) => query.set("expires", `0${query.get("expires")}`),
      (query) => query.set("expires", `${query.get("expires")}.0`),
      (query) => query.set("expires", "9".repeat(400)),
      (query) => query.delete("expires"),
      (query) => query.set("key", old.id),
      (query) => query.set("key", "__proto__"),
      (query) => query.delete("key"),
      (query) => query.set("signature", ""),
      (query) => query.set("signature", `${query.get("signature")}=`),
      (query) => query.set("signature", "A".repeat(43)),
      (query) => query.set("signature", "é".repeat(43)),
      (query) => query.set("signature", query.get("signature")!.slice(0, -1)),
      (query) => query.delete("signature"),
    ];
    for (const change of changes) {
      const changed = new URL(link);
      change(changed.searchParams);
      const answer = await post(changed.href, "null");
      expect([answer.status, ((await answer.json()) as { code: string }).code], change.toString()).toEqual([
        403,
        "PD6002",
      ]);
    }
    expect((await run.status()).status).toBe("waiting");
  });

  it("an expired link with a wrong signature is not told that it expired", async () => {
    const { token } = await invited();
    const link = new URL(await links().to(token, { expires: "1s" }));
    link.searchParams.set("signature", "A".repeat(43));
    now += 10_000;
    expect((await post(link.href, "null")).status).toBe(403);
  });

  it.each([
    ["text", "hello"],
    ["half of an object", '{"ok":'],
    ["two values", "1 2"],
    ["a bare NaN", "NaN"],
  ])("%s is refused, and leaves the token open", async (_, body) => {
    const { token } = await invited();
    const link = await links().to(token);
    const answer = await post(link, body);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "PD6005"]);
    expect((await post(link, '{"ok":true}')).status).toBe(200);
  });

  it("bytes that are no UTF-8 are refused", async () => {
    const { token } = await invited();
    expect(
      (await fetch(await links().to(token), { method: "POST", body: new Uint8Array([34, 0xff, 34]) })).status,
    ).toBe(400);
  });

  it("a large body is refused, told or not told how large it is", async () => {
    const { token } = await invited();
    const link = await links().to(token);
    const large = await post(link, JSON.stringify("x".repeat(2000)));
    expect([large.status, ((await large.json()) as { code: string }).code]).toEqual([413, "PD6004"]);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        sent += 1000;
        if (sent > 10_000_000) return controller.close();
        controller.enqueue(new Uint8Array(1000).fill(32));
      },
    });
    const answer = await fetch(link, { method: "POST", body: endless, duplex: "half" } as RequestInit).catch(
      () => null,
    );
    // The connection may be closed under the sender before it has read the answer.
    if (answer !== null) expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(10_000_000);
    expect((await post(link, JSON.stringify("x".repeat(998)))).status).toBe(200);
  });

  it("what is nested deeply is refused", async () => {
    const { token } = await invited();
    const answer = await post(await links().to(token), "[".repeat(400) + "]".repeat(400));
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "PD2505"]);
  });

  it("__proto__ in a body stays data", async () => {
    const { subject, run, token } = await invited();
    expect((await post(await links().to(token), '{"__proto__":{"ok":true,"by":"nobody"},"ok":false}')).status).toBe(
      200,
    );
    expect(await run.result()).toBe(`${subject}: false by somebody`);
    expect(({} as { by?: string }).by).toBeUndefined();
  });

  it("a request that ends in the middle harms nobody", async () => {
    const { token } = await invited();
    const link = new URL(await links().to(token));
    const socket = connect(Number(link.port), "127.0.0.1");
    socket.write(`POST ${link.pathname}${link.search} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"ok":`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await post(link.href, '{"ok":true}')).status).toBe(200);
  });
});

describe("keys", () => {
  it.each([
    ["none", []],
    ["a short secret", [{ id: "a", secret: "short" }]],
    ["no secret", [{ id: "a", secret: undefined as never }]],
    ["no id", [{ id: "", secret: key.secret }]],
    ["an id that is no name", [{ id: "a b", secret: key.secret }]],
    ["one id twice", [key, { ...old, id: key.id }]],
  ])("are refused: %s", (_, keys) => {
    expect(() => app.tokenHandler(engine, { keys })).toThrow("PD6001");
    expect(() => app.tokenLinks({ url: origin, keys })).toThrow("PD6001");
  });

  it("may be bytes", async () => {
    const bytes = { id: key.id, secret: new TextEncoder().encode(key.secret) };
    const { token } = await invited();
    expect((await post(await links([bytes as never]).to(token), "null")).status).toBe(200);
  });
});

it("a store that does not answer is told as such, without its words, and printed", async () => {
  const failure = new Error("password=hunter2");
  const broken = { resume: () => Promise.reject(failure) };
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  const handler = app.tokenHandler(broken, { keys: [key] });
  const token = `a.${"0".repeat(32)}.1.${"0".repeat(32)}`;
  const answer = await handler(new Request(await links().to(token), { method: "POST" }));
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({ code: "PD6007" });
  expect(text).not.toContain("hunter2");
  // Once, however often it is asked.
  await handler(new Request(await links().to(token), { method: "POST" }));
  expect(printed.mock.calls.flat()).toEqual([
    expect.stringMatching(/^tokenHandler answered with 503: Error: password=hunter2\n {4}at /),
  ]);
  const events: unknown[] = [];
  const observed = app.tokenHandler(broken, { keys: [key], observe: (event) => void events.push(event) });
  await observed(new Request(await links().to(token), { method: "POST" }));
  expect(events).toEqual([{ type: "failed", error: failure }]);
  expect(printed.mock.calls).toHaveLength(1);
  printed.mockRestore();
});
