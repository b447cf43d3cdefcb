/** Values of the platform that people hold across awaits. */
import { Readable } from "node:stream";
import { decodeValue, encodeValue } from "perdure/internal/codec/standalone";
import { expect, test } from "vitest";

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

test("FormData: texts; a file is refused under its name", () => {
  const form = new FormData();
  form.append("to", "a");
  form.append("to", "b");
  form.append("subject", "");
  const back = copy(form);
  expect(back).toBeInstanceOf(FormData);
  expect([...back]).toEqual([...form]);
  form.append("file", new Blob(["x"]), "x.txt");
  expect(() => encodeValue(form)).toThrow(/PD4001: value\.get\("file"\) cannot be saved: its bytes/);
});

test("a damaged text is refused, not taken in part", () => {
  const text = encodeValue(new Headers({ a: "1" }));
  const damaged = text.replace('["a","1"]', '["a"]');
  expect(damaged).not.toBe(text);
  expect(() => decodeValue(damaged)).toThrow(/PD4010/);
});

test.each<[string, unknown, RegExp]>([
  ["Blob", new Blob(["x"]), /its bytes can only be read asynchronously/],
  ["Request", new Request("http://localhost/"), /body of a Request or Response is a stream/],
  ["Response", new Response("x"), /body of a Request or Response is a stream.*await response\.json\(\)/s],
  ["ReadableStream", new ReadableStream(), /it is a stream.*inside one step/s],
  ["a stream of Node", Readable.from(["x"]), /it is a stream.*inside one step/s],
  ["Intl.NumberFormat", new Intl.NumberFormat("de"), /locale data.*module level/s],
  ["a subclass of Headers", new (class More extends Headers {})(), /More, which extends a built-in/],
])("%s is refused with what to do", (_, value, message) => {
  expect(() => encodeValue({ value })).toThrow(message);
  expect(() => encodeValue({ value })).toThrow(/PD4001: value\.value cannot be saved/);
});
