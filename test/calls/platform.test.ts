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
