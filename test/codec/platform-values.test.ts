/** Values of the platform that people hold across awaits. */
import { Readable } from "node:stream";
import { decodeValue, encodeValue } from "perdure/internal/machine/values";
import { describe, expect, test } from "vitest";

const copy = <T>(value: T): T => decodeValue(encodeValue(value)) as T;

test("Headers: names, values in order, cookies each on its own", () => {
  const headers = new Headers({ accept: "text/plain" });
  headers.append("accept", "text/html");
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");
  const back = copy({ headers, again: headers });
  expect(back.headers).toBeInstanceOf(Headers);
  expect(back.again).toBe(back.headers);
  expect([...back.headers]).toEqual([...headers]);
  expect(back.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  back.headers.set("accept", "x");
  expect(headers.get("accept")).toBe("text/plain, text/html");
});

test("FormData: texts; a file of ordinary code is refused under its name", () => {
  const form = new FormData();
  form.append("to", "a");
  form.append("to", "b");
  form.append("subject", "");
  const back = copy(form);
  expect(back).toBeInstanceOf(FormData);
  expect([...back]).toEqual([...form]);
  form.append("file", new Blob(["x"]), "x.txt");
  expect(() => encodeValue(form)).toThrow(/PD4001: value\.get\("file"\) cannot be saved: it was made by ordinary code/);
});

describe("a URL and its parameters are one", () => {
  test("whichever is met first", () => {
    const url = new URL("http://a/?x=1&x=2");
    for (const order of [
      { params: url.searchParams, url },
      { url, params: url.searchParams },
    ]) {
      const back = copy(order);
      expect(back.url.searchParams).toBe(back.params);
      back.params.append("y", "3");
      expect(back.url.href).toBe("http://a/?x=1&x=2&y=3");
    }
  });

  test("parameters alone, of a URL or not", () => {
    const [own, of] = copy([new URLSearchParams("b=1&a"), new URL("http://a/?c=%20").searchParams]);
    expect([String(own), String(of)]).toEqual(["b=1&a=", "c=+"]);
    expect(own).toBeInstanceOf(URLSearchParams);
  });

  test("the text of a URL is not that of its parameters", () => {
    const url = new URL("data:text/plain,a b?x=%20+y&&#z");
    void url.searchParams;
    expect(copy(url).href).toBe(url.href);
  });

  test("what is no URL is refused", () => {
    const text = encodeValue(new URL("http://host/"));
    expect(() => decodeValue(text.replace("http://host/", "no URL"))).toThrow(/PD4010/);
  });
});

test("formatters are made again from their options; one that cannot be is refused", () => {
  const [money, date] = copy([
    new Intl.NumberFormat("de", { style: "currency", currency: "EUR" }),
    new Intl.DateTimeFormat("en", { timeStyle: "short", timeZone: "UTC" }),
  ]);
  expect(money).toBeInstanceOf(Intl.NumberFormat);
  expect([money.format(1), date.format(0)].map((text) => text.replace(/\s/g, " "))).toEqual(["1,00 €", "12:00 AM"]);
  const odd = new Intl.NumberFormat("de");
  const more = Object.setPrototypeOf(odd, class extends Intl.NumberFormat {}.prototype) as object;
  expect(() => encodeValue(more)).toThrow(/PD4001/);
});

test("a damaged text is refused, not taken in part", () => {
  const text = encodeValue(new Headers({ a: "1" }));
  const damaged = text.replace('["a","1"]', '["a"]');
  expect(damaged).not.toBe(text);
  expect(() => decodeValue(damaged)).toThrow(/PD4010/);
});

test.each<[string, unknown, RegExp]>([
  ["Blob", new Blob(["x"]), /made by ordinary code in the turn.*make it in durable code/s],
  ["Request", new Request("http://localhost/"), /made by ordinary code in the turn/],
  ["Response", new Response("x"), /made by ordinary code in the turn.*await response\.json\(\)/s],
  ["TextDecoder", new TextDecoder(), /middle of a stream.*module level/s],
  ["ReadableStream", new ReadableStream(), /it is a stream.*inside one step/s],
  ["a stream of Node", Readable.from(["x"]), /it is a stream.*inside one step/s],
  [
    "CryptoKey",
    await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
    /key of the platform.*exportKey/s,
  ],
  ["a subclass of Headers", new (class More extends Headers {})(), /More, which extends a built-in/],
])("%s is refused with what to do", (_, value, message) => {
  expect(() => encodeValue({ value })).toThrow(message);
  expect(() => encodeValue({ value })).toThrow(/PD4001: value\.value cannot be saved/);
});

test.each([
  ["URL", () => new URL("http://shop/a?b=1")],
  ["URLSearchParams", () => new URLSearchParams("b=1")],
])("a %s whose prototype was exchanged is no empty object", (_, make) => {
  for (const prototype of [null, Object.prototype])
    expect(() => copy({ address: Object.setPrototypeOf(make(), prototype) })).toThrow(
      /address cannot be saved: it is an object of a built-in class whose prototype was exchanged/,
    );
  expect(copy({ empty: {}, bare: Object.create(null) })).toEqual({ empty: {}, bare: {} });
});
