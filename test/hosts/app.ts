/** The one app and the one test that every host must pass: `fixtures/hosts`, built and run as its user would. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryApp } from "../plugins/temporary-app.ts";
import { root } from "../repository/sources.ts";

/** Runs one stage in a process of its own and gives what it printed. */
export type Run = (stage: string, ...args: string[]) => Promise<unknown>;

export interface Host {
  /**
   * Builds `src/<entry>.ts` of the app as the host's user would, if there is anything to build, and gives the way to run it. Rejects as a failed
   * build does, with what the user reads.
   */
  open(folder: string, entry: string): Promise<Run>;
  /** When a mistake in the source is found by running the file instead of building it. */
  readonly failsWhenRun?: boolean;
  /** When the host heeds no map that a plugin gives: stacks name lines of the compiled text. */
  readonly ownLines?: boolean;
  /** Where stacks point, when the host's minifier writes `throw Error(…)` for `throw new Error(…)`. */
  readonly thrown?: string;
}

export interface Process {
  readonly stdout: string;
  /** Everything printed. */
  readonly all: string;
  readonly failed: boolean;
}

/** Vitest's own environment is not the user's. */
const environment = (): NodeJS.ProcessEnv => {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NO_COLOR: "1", NODE_NO_WARNINGS: "1" };
};

export function execute(folder: string, command: string, args: readonly string[], env = {}): Promise<Process> {
  const options = { cwd: folder, env: { ...environment(), ...env }, timeout: 110_000 };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ stdout, all: stdout + stderr, failed: error !== null }),
    );
  });
}

/** Runs a program that prints JSON, as `main.ts` does; `program` is what stands before the stage. */
export const printing =
  (folder: string, node: string, ...program: readonly string[]): Run =>
  async (...stage) => {
    const { stdout, all, failed } = await execute(folder, node, ["--enable-source-maps", ...program, ...stage]);
    if (failed) throw new Error(all);
    return JSON.parse(stdout);
  };

const bill = (approvedBy: string) => ({
  total: 38,
  lines: ["tea 4", "cup 9", "pot 25"],
  approvedBy,
  note: "reserved 3, asked 3, 3 listed",
});

const refused = `"use durable";
export async function refused(text: string): Promise<unknown> {
  return eval(text);
}
`;

/** `throw new Error` stands there in `buy.ts`. */
export const thrown = "buy.ts:41:9";

/** The test: the same for all. */
export function passes(name: string, host: Host): void {
  describe(name, () => {
    const app = temporaryApp();
    let run: Run;
    beforeAll(async () => {
      run = await host.open(app.folder, "main");
    });
    afterAll(app.remove);

    // `buy` has a call that only its type explains: without types the run would be blocked.
    it("runs in memory, calls classified by their types", async () => {
      expect(await run("memory")).toEqual(bill("Ada"));
    });

    it("begins a run on an SQLite file in one process and ends it in another", async () => {
      const file = join(app.folder, "runs.db");
      rmSync(file, { force: true });
      const token = await run("begin", file);
      expect(token).toMatch(/^half\./);
      expect(await run("end", file, String(token))).toEqual(bill("Grace"));
    });

    it.skipIf(host.ownLines)(
      "maps the stack of an error to the line and column of the source, outside a run and in one",
      async () => {
        const place = host.thrown ?? thrown;
        expect(await run("stack")).toEqual({
          outside: `no tea for 4 at ${place}`,
          inside: `no cup for 9 at ${place}`,
        });
      },
    );

    it(`fails ${host.failsWhenRun ? "at load" : "the build"} with the compiler's diagnostic at its place`, async () => {
      writeFileSync(join(app.folder, "src/refused.ts"), refused);
      const open = host.open(app.folder, "refused");
      const told = await (host.failsWhenRun ? open.then((start) => start("memory")) : open).then(
        () => "it passed",
        (error: Error) => error.message,
      );
      // Columns begin at 1; esbuild's own messages count from 0.
      expect(told).toMatch(/src\/refused\.ts:3:(9|10)\b/);
      expect(told).toContain("PD1001");
      expect(told).toContain("return eval(text);");
      rmSync(join(app.folder, "src/refused.ts"));
    });
  });
}

/** A file of the repository's tools. */
export const tool = (path: string): string => join(root, "node_modules", path);
