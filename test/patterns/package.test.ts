/** What is published: compiled by our own transformer, under names that are the package's wherever it was built. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../repository/sources.ts";

const folder = join(root, "runtime/dist/patterns");
const sources = readdirSync(join(root, "runtime/patterns")).filter((name) => name.endsWith(".ts"));
const modules = sources.filter((name) => name !== "index.ts").map((name) => name.replace(/\.ts$/, ""));

test("every module is compiled, mapped and typed", () => {
  for (const name of modules) {
    const code = readFileSync(join(folder, `${name}.js`), "utf8");
    expect(code).toContain(`$.module("perdure/patterns/${name}.ts"`);
    expect(code).not.toMatch(/^(export )?async |from "\..*\.ts"/m);
    expect(code).not.toContain(root);
    expect(code).not.toContain("use durable");
    const map = JSON.parse(readFileSync(join(folder, `${name}.js.map`), "utf8"));
    expect(map.sources).toEqual([`${name}.ts`]);
    expect(map.sourcesContent).toEqual([readFileSync(join(root, `runtime/patterns/${name}.ts`), "utf8")]);
    expect(readFileSync(join(folder, `${name}.d.ts`), "utf8")).toContain("export");
  }
});

test("the index gives out functions that are durable, by their names", async () => {
  const patterns = await import("perdure/patterns");
  const { isDurable } = await import("perdure/emitted");
  expect(Object.keys(patterns).sort()).toEqual([
    "TimeoutError",
    "debounce",
    "limiter",
    "map",
    "pollUntil",
    "retry",
    "saga",
    "timeout",
  ]);
  for (const [name, fn] of Object.entries(patterns))
    if (name !== "TimeoutError") expect(isDurable(fn), name).toBe(true);
});
