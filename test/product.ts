/**
 * The product as a user has it: a fixture folder bundled by esbuild with the plugin. Every `open()` loads the bundle anew, with its own copy of the runtime
 * and of all durable code, so two of them are to each other as two processes are.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";
import type { StackEntry } from "perdure/internal/machine/contract";
import { root } from "./repository/sources.ts";

/** Short times, so that what a worker does now and then is done at once. */
export const QUICK = { lease: 1_000, poll: 20, linger: 10, grace: 50, probation: 10, sweep: 50 } as const;

export interface Product<T> {
  /** Holds the bundles; tests keep their store files there too. */
  readonly folder: string;
  /** A fresh process, as far as a module graph is one. */
  open(): Promise<T>;
  /** The next release: texts of the sources are replaced, and it is built again. */
  release(...edits: readonly (readonly [file: string, from: string, to: string])[]): Promise<void>;
  /** Path of the bundle, for processes of their own. */
  readonly entry: string;
  remove(): void;
}

/**
 * Builds `fixtures/<fixture>/<entry>.ts`; its sources are copied, so that a release may edit them. `shared`: packages that are not bundled, of which it
 * has the test's copy.
 */
export async function product<T>(fixture: string, entry: string, shared: readonly string[] = []): Promise<Product<T>> {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp", `${fixture}-`));
  const sources = join(folder, "src");
  cpSync(join(root, "fixtures", fixture), sources, { recursive: true });
  // What lies in a folder of this name is loaded by Node itself (vitest.config.ts).
  const outfile = join(folder, "dist", `${entry}.mjs`);
  const bundle = () =>
    build({
      absWorkingDir: sources,
      entryPoints: [join(sources, `${entry}.ts`)],
      bundle: true,
      platform: "node",
      format: "esm",
      sourcemap: true,
      outfile,
      logLevel: "silent",
      external: ["pg", ...shared],
      plugins: [perdure()],
    });
  await bundle();
  let opened = 0;
  return {
    folder,
    entry: outfile,
    open: () => import(/* @vite-ignore */ `${pathToFileURL(outfile).href}?process=${++opened}`) as Promise<T>,
    async release(...edits) {
      for (const [file, from, to] of edits) {
        const path = join(sources, file);
        const text = readFileSync(path, "utf8");
        if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
        writeFileSync(path, text.replace(from, to));
      }
      await bundle();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Line and column, from 1, of the first place of `text` in a fixture's file, as messages print it: `orders.ts:12:3`. */
export function lineOf(fixture: string, file: string, text: string): string {
  const source = readFileSync(join(root, "fixtures", fixture, file), "utf8");
  const at = source.indexOf(text);
  if (at < 0) throw new Error(`${file} has no ${JSON.stringify(text)}`);
  return `${file}:${source.slice(0, at).split("\n").length}`;
}

/** Where it waits, as `function file:line`. */
export const places = (stack: readonly StackEntry[]): readonly string[] =>
  stack.map(({ function: name, file, position }) => `${name} ${file}:${position[0]}`);

export async function until(what: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string; fix?: string }> {
  return promise.then(
    (value) => {
      throw new Error(`it resolved: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as Error,
  );
}
