/** Operations that the runtime's own functions make know the line of the call: for stacks, reports of stuck runs, and messages. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "@perdure/transformer";
import { transform as strip } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { World } from "../operations/world.ts";

const out = join(import.meta.dirname, "dist", `places-${process.pid}`);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const text = `"use durable";
import { sleep, start, step, token } from "perdure";
import * as perdure from "perdure";
import { setTimeout as delay } from "node:timers/promises";
import * as timers from "node:timers";

export async function child() {}

export async function main() {
  const first = token();
  const racing = [
    first,
    sleep("3 days"),
    perdure.sleep(7),
    start(child, []),
    step(async () => 1, { retry: 2 }),
    delay(5),
    new Promise((resolve) => setTimeout(resolve, 5)),
  ];
  timers.setTimeout(() => {}, 4);
  globalThis.setTimeout(() => {}, 5);
  const keepAlive = globalThis.setInterval(console.log, 5);
  AbortSignal.timeout(9);
  setImmediate(() => keepAlive.unref());
  await Promise.race(racing);
}
`;

test("each by the line and text of its own call", async () => {
  const { code, diagnostics } = transform(text, { fileName: "/app/places.ts", root: "/app" });
  expect(diagnostics).toEqual([]);
  mkdirSync(out, { recursive: true });
  const fileName = join(out, "places.mjs");
  writeFileSync(fileName, (await strip(code!, { loader: "ts", target: "esnext" })).code);
  const { main } = (await import(/* @vite-ignore */ pathToFileURL(fileName).href)) as { main: () => Promise<void> };
  const world = new World().start(main);
  world.vat.turn();
  const lines = text.split("\n");
  const places = [...world.vat.operations.values()].map(({ type, where: { position, function: name } }) => {
    const [line, column] = position;
    return `${name}: ${type} ${lines[line - 1]!.slice(column - 1).replace(/[,;]$/, "")}`;
  });
  expect(places).toEqual([
    "main: token token()",
    'main: timer sleep("3 days")',
    "main: timer perdure.sleep(7)",
    "main: child start(child, [])",
    "main: step step(async () => 1, { retry: 2 })",
    "main: timer delay(5)",
    "main: timer setTimeout(resolve, 5))",
    "main: timer timers.setTimeout(() => {}, 4)",
    "main: timer globalThis.setTimeout(() => {}, 5)",
    "main: timer globalThis.setInterval(console.log, 5)",
    "main: timer AbortSignal.timeout(9)",
    "main: timer setImmediate(() => keepAlive.unref())",
  ]);
});
