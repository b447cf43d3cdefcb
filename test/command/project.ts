/** A copy of the fixture project with one TypeScript, outside the repository, and the command run in it. */
import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../repository/sources.ts";

/** Versions of TypeScript that a project may have; none: the copy that the transformer carries. */
export const VERSIONS = ["5", "6", "7", "none"] as const;
export type Version = (typeof VERSIONS)[number];

/** The package itself, and the script of its `tsc`. */
const typescriptOf = (version: Version): string =>
  version === "7"
    ? join(root, "node_modules/typescript")
    : join(root, "fixtures/typescript", version, "node_modules/typescript");

export interface Ran {
  readonly code: number;
  /** What it printed, both streams. */
  readonly printed: string;
}

export interface Project {
  readonly folder: string;
  read(path: string): string;
  exists(path: string): boolean;
  write(path: string, text: string): void;
  edit(path: string, from: string, to: string): void;
  perdure(...args: readonly string[]): Promise<Ran>;
  /** The `tsc` of the project's own TypeScript. */
  tsc(...args: readonly string[]): Promise<Ran>;
  node(script: string, ...args: readonly string[]): Promise<Ran>;
  /** Starts the command, which watches. */
  watch(...args: readonly string[]): Watching;
  remove(): void;
}

export interface Watching {
  /** Resolves when it has printed what is asked for, since the last time. */
  prints(what: RegExp): Promise<string>;
  stop(): Promise<void>;
}

const bin = join(root, "plugins/bin/perdure.js");

/** @param fixture false: an empty folder, from which the packages resolve */
export function project(version: Version, fixture = true): Project {
  const folder = mkdtempSync(join(tmpdir(), `perdure-${version}-`));
  if (fixture) cpSync(join(root, "fixtures/command"), folder, { recursive: true });
  const link = (name: string, to: string): void => {
    const path = join(folder, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(to, path);
  };
  link("perdure", join(root, "runtime"));
  link("@perdure/plugins", join(root, "plugins"));
  link("@types/node", join(root, "node_modules/@types/node"));
  link("undici-types", join(root, "node_modules/undici-types"));
  if (version !== "none") link("typescript", typescriptOf(version));
  const path = (name: string): string => join(folder, name);
  const run = (script: string, args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      execFile(process.execPath, [script, ...args], { cwd: folder, encoding: "utf8" }, (failure, stdout, stderr) =>
        resolve({
          code: typeof failure?.code === "number" ? failure.code : failure ? -1 : 0,
          printed: stdout + stderr,
        }),
      );
    });
  const read = (name: string): string => readFileSync(path(name), "utf8");
  return {
    folder,
    read,
    exists: (name) => existsSync(path(name)),
    write(name, text) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    edit(name, from, to) {
      const text = read(name);
      if (!text.includes(from)) throw new Error(`${name} has no ${JSON.stringify(from)}`);
      writeFileSync(path(name), text.replace(from, to));
    },
    perdure: (...args) => run(bin, args),
    tsc: (...args) => run(join(typescriptOf(version === "none" ? "6" : version), "bin/tsc"), args),
    node: (script, ...args) => run(path(script), args),
    watch: (...args) => watching(folder, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function watching(folder: string, args: readonly string[]): Watching {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let wake = (): void => {};
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      wake();
    });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    async prints(what) {
      const end = Date.now() + 60_000;
      for (;;) {
        const found = what.exec(printed);
        if (found) {
          const until = printed.slice(0, found.index + found[0].length);
          printed = printed.slice(until.length);
          return until;
        }
        if (Date.now() > end) throw new Error(`it did not print ${what}, but:\n${printed}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 1_000);
        });
      }
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}
