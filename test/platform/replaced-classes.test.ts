/** Servers and test tools put classes of their own in the place of the platform's while a program runs; what `fetch` yields stays of the platform's. */
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { capture } from "perdure/internal/machine/platform/bodies/capture";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import * as platform from "perdure/platform";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const server = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end('{"ok":true}');
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const names = ["Blob", "File", "FormData", "Headers", "Request", "Response", "URL", "URLSearchParams"] as const;
const native = Object.fromEntries(names.map((name) => [name, globalThis[name]])) as unknown as typeof globalThis;
const replace = (name: (typeof names)[number], by: unknown) =>
  Object.defineProperty(globalThis, name, { value: by, writable: true, configurable: true });
afterEach(() => {
  for (const name of names) replace(name, native[name]);
});

/** As a server does that makes the platform's object only when somebody asks for more than the head. */
function inFront(of: Function): Function {
  class Light {
    readonly #made: object;
    constructor(...args: unknown[]) {
      this.#made = Reflect.construct(of, args) as object;
    }
    get status() {
      return Reflect.get(this.#made, "status");
    }
    get bodyUsed() {
      return Reflect.get(this.#made, "bodyUsed");
    }
  }
  Object.setPrototypeOf(Light, of);
  Object.setPrototypeOf(Light.prototype, of.prototype as object);
  Object.defineProperty(Light, "name", { value: of.name });
  return Light;
}

/** A class that has nothing to do with the platform's. */
function polyfill(name: string): Function {
  return class {
    get [Symbol.toStringTag]() {
      return name;
    }
  };
}

const copy = <T>(value: T): T => decodeValue(encodeValue(value)) as T;

describe.each([
  ["extended", inFront],
  ["replaced", (of: Function) => polyfill(of.name)],
] as const)("where the classes have been %s", (_, by) => {
  const all = () => {
    for (const name of ["Request", "Response", "Blob", "File", "FormData"] as const) replace(name, by(native[name]));
  };

  test("a response of fetch is saved, and read after the load", async () => {
    all();
    const response = await fetch(url);
    await capture(response);
    const back = copy(response);
    expect([back.status, back.headers.get("content-type"), await back.json()]).toEqual([
      200,
      "application/json",
      { ok: true },
    ]);
  });

  test("its clone, its Blob and its form are the platform's", async () => {
    all();
    const response = await fetch(url);
    await capture(response);
    const back = copy(response);
    const blob = await back.clone().blob();
    expect(blob).toBeInstanceOf(native.Blob);
    await capture(blob);
    expect(await copy(blob).text()).toBe('{"ok":true}');
  });

  test("what was made before is saved", async () => {
    const before = {
      request: new native.Request(url, { method: "POST", body: "b" }),
      file: new native.File(["f"], "f.txt"),
      form: new native.FormData(),
    };
    before.form.append("a", "1");
    all();
    await capture(before);
    const back = copy(before);
    expect([back.request.method, await back.request.text(), back.file.name, await back.file.text()]).toEqual([
      "POST",
      "b",
      "f.txt",
      "f",
    ]);
    expect([...back.form]).toEqual([["a", "1"]]);
  });

  test("the platform's are instances of what durable code names", async () => {
    const before = new native.Response("x");
    all();
    expect([before instanceof platform.Response, (await fetch(url)) instanceof platform.Response]).toEqual([
      true,
      true,
    ]);
    expect({} instanceof platform.Response).toBe(false);
  });
});

test("so are URL and URLSearchParams", () => {
  const address = new native.URL("https://example.com/?a=1");
  replace("URL", polyfill("URL"));
  replace("URLSearchParams", polyfill("URLSearchParams"));
  const back = copy({ address, params: address.searchParams });
  back.params.append("b", "2");
  expect(back.address.href).toBe("https://example.com/?a=1&b=2");
});

test("outside a run the program's classes are made", () => {
  replace("Response", inFront(native.Response));
  expect(new platform.Response("x").constructor).toBe(globalThis.Response);
});

test("a class that nobody has asked for yet is found behind what has taken its place, and that stays", () => {
  const program = `
    import { platformClass } from "perdure/internal/codec/platform-class";
    class Mine {}
    Object.defineProperty(globalThis, "Response", { value: Mine, configurable: true, writable: true });
    delete globalThis.Request;
    const [response, request] = [platformClass("Response"), platformClass("Request")];
    console.log(JSON.stringify([
      response === Mine, response.prototype[Symbol.toStringTag], globalThis.Response === Mine,
      request.prototype[Symbol.toStringTag], "Request" in globalThis,
    ]));`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(JSON.parse(printed)).toEqual([false, "Response", true, "Request", false]);
});

test("one that was extended before the runtime was loaded is found below", () => {
  const program = `
    const Native = globalThis.Response;
    class Light {}
    Object.setPrototypeOf(Light, Native);
    Object.setPrototypeOf(Light.prototype, Native.prototype);
    Object.defineProperty(globalThis, "Response", { value: Light, configurable: true, writable: true });
    const { platformClass } = await import("perdure/internal/codec/platform-class");
    console.log(platformClass("Response") === Native);`;
  expect(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" })).toBe(
    "true\n",
  );
});
