import { expect, test } from "vitest";
import { classify } from "./classified.ts";

const platformNames = (text: string): string[] => {
  const { sourceFile, table } = classify(text);
  const found: string[] = [];
  const visit = (node: import("@ts-morph/common").ts.Node): void => {
    const name = table.platformOf(node);
    if (name) found.push(`${node.getText()} → ${name}`);
    node.forEachChild(visit);
  };
  visit(sourceFile);
  return found;
};

test("platform names are found where they stand for the platform's value", () => {
  const text = `
    export async function f(o: { Promise: Promise<void> }, setImmediate: () => void) {
      const Q = Promise, name: Promise<string> = o.Promise;
      setTimeout(() => globalThis.clearTimeout(1), 5);
      process.nextTick(() => queueMicrotask(() => {}));
      setImmediate();
      globalThis["setInterval"](() => {}, 1);
      (globalThis as any).setTimeout(() => {}, 1);
      globalThis.process!.nextTick(() => {});
      window.globalThis.Promise.resolve();
      return { Promise, setTimeout: 1, x: Q instanceof Promise, c: new AbortController() };
    }`;
  expect(platformNames(text)).toEqual([
    "Promise → Promise",
    "setTimeout → setTimeout",
    "globalThis.clearTimeout → clearTimeout",
    "process.nextTick → nextTick",
    "queueMicrotask → queueMicrotask",
    'globalThis["setInterval"] → setInterval',
    "(globalThis as any).setTimeout → setTimeout",
    "globalThis.process!.nextTick → nextTick",
    "window.globalThis.Promise → Promise",
    "Promise → Promise",
    "Promise → Promise",
    "AbortController → AbortController",
  ]);
});

test("ordinary code of the same file and volatile callbacks keep the platform's", () => {
  const text = `
    import { step } from "perdure";
    const later = setTimeout;
    class Order { static at = setTimeout; }
    export async function f() { await step(async () => { setTimeout(later, 5); }); }`;
  expect(platformNames(text)).toEqual([]);
});

test("timer modules are replaced by their durable forms, nextTick by name", () => {
  const text = `
    import { setTimeout as delay } from "node:timers/promises";
    import * as timers from "timers";
    import type { Timer } from "node:timers";
    import process, { nextTick as soon } from "node:process";
    export async function f() { await delay(5); timers.setTimeout(() => {}, 5); soon(() => {}); process.nextTick(() => {}); }`;
  const { table } = classify(text);
  expect([...table.specifiers].map(([from, to]) => `${from.text} → ${to}`)).toEqual([
    "node:timers/promises → perdure/timers-promises",
    "timers → perdure/timers",
  ]);
  expect(platformNames(text)).toEqual(["soon → nextTick", "process.nextTick → nextTick"]);
});

test("what a CommonJS module requires is known as what it would import", () => {
  const text = `
    const { step, sleep: pause } = require("perdure");
    const { setTimeout: wait } = require("node:timers/promises");
    const hash = require("node:crypto").createHash;
    const path = require("path"), process = require("node:process");
    const { step: mine } = other("perdure");
    async function f(x) {
      const { step: inner } = require("perdure");
      await step(async () => x.load());
      await pause(wait);
      process.nextTick(() => path.join("a", x));
      hash("sha1");
      await mine(() => x.save());
      await inner(() => x.kept());
    }`;
  const { table, calls } = classify(text, undefined, "/app/orders.cjs");
  const rowOf = (start: string) => calls.find((call) => call.text.startsWith(start))?.row;
  expect([...table.specifiers].map(([from, to]) => `${from.text} → ${to}`)).toEqual([
    "node:timers/promises → perdure/timers-promises",
  ]);
  expect(platformNames(text)).toContain("process.nextTick → nextTick");
  expect([rowOf("step("), rowOf("pause("), rowOf("hash("), rowOf("path.join(")]).toEqual([
    "perdure",
    "perdure",
    "built-in",
    "built-in",
  ]);
  // The body of the explicit step is ordinary; that of a function of unknown origin is not.
  expect([rowOf("x.load("), rowOf("mine("), rowOf("inner("), rowOf("x.save(")]).toEqual([
    undefined,
    "position",
    "position",
    "tail",
  ]);
});

test("a require of one's own is an ordinary function", () => {
  const text = `
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const { step } = require("perdure");
    export async function f(x) { await step(() => x.load()); }`;
  expect(classify(text).calls.find((call) => call.text.startsWith("step("))?.row).toBe("position");
});
