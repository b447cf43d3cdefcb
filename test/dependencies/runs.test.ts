/**
 * Packages of others, compiled into durable code by `include`: the same as natively in a run that stays, in one that is encoded, dropped and decoded at every turn, as when its
 * process is killed there, and in one where that happens between any two jobs.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { include } from "../../fixtures/dependencies/include.mjs";
import { asRun, natively } from "../real/drive.ts";
import { root } from "../repository/sources.ts";

type Programs = Readonly<Record<string, () => unknown>>;

let folder = "";
let plain: Programs;
let durable: Programs;
beforeAll(async () => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "tmp", "dependencies-"));
  plain = await load("native", []);
  durable = await load("durable", [perdure({ include })]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(name: string, plugins: Plugin[]): Promise<Programs> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: join(root, "fixtures/dependencies"),
    entryPoints: [join(root, "fixtures/dependencies/programs.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["perdure", "perdure/*"],
    logLevel: "silent",
    plugins,
  });
  return (await import(pathToFileURL(outfile).href)) as Programs;
}

describe.each([
  "limit",
  "map",
  "mapAborted",
  "queue",
  "queueByInterval",
  "queueThatFails",
  "retry",
  "timeout",
])("%s", (name) => {
  it("is what it is natively, wherever it is saved", async () => {
    const native = await natively(plain[name]!);
    expect(native.status).toBe("fulfilled");
    const main = durable[name]!;
    expect(await natively(main)).toEqual(native);
    let turns = 0;
    for (const saving of ["never", "turns", "jobs"] as const) {
      const run = await asRun({ main }, saving);
      expect({ saving, status: run.status, value: run.value }).toEqual({ saving, ...native });
      turns = run.turns;
    }
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});
