/** The examples as a visitor runs them: each command ends well, kills as often as it says, and its check sees what is wrong. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEngine } from "perdure";
import { sqlite } from "perdure/sqlite";
import { afterAll, expect, test } from "vitest";
import { root } from "../repository/sources.ts";

interface Entry {
  readonly what: string;
  readonly key: string;
  readonly data: unknown;
  readonly repeated: boolean;
}

const scripts = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts as Record<string, string>;
mkdirSync(join(root, "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "tmp", "examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Things that happen at least: ada may cancel before her 25th month. */
const wanted = { saga: 21, approval: 10, import: 36, agent: 15, subscription: 37 };

for (const [name, least] of Object.entries(wanted)) {
  test(`npm run example:${name}`, async () => {
    const [build, command] = scripts[`example:${name}`]!.split(" && ");
    expect(build).toBe("npm run --silent build");
    const [program, ...args] = command!.split(" ");
    const data = join(folder, name);
    const { stdout } = await promisify(execFile)(program!, [...args, "--data", data], { cwd: root }).catch((failed) => {
      throw new Error(`${failed.stdout}\n${failed.stderr}`);
    });
    expect(stdout).toContain("✓ Everything happened, and nothing twice.");
    expect(stdout.match(/is killed \(SIGKILL\)/g)).toHaveLength(6);
    expect(stdout).toMatch(/goes on at .*\.ts:\d+, waiting for/);

    const ledger = readFileSync(join(data, "ledger.jsonl"), "utf8").trim().split("\n");
    const entries = ledger.map((line) => JSON.parse(line) as Entry);
    const happened = entries.filter(({ repeated }) => !repeated);
    expect(happened.length).toBeGreaterThanOrEqual(least);
    expect(new Set(happened.map(({ key }) => key)).size).toBe(happened.length);
    // The same step with the same key always asks for the same.
    for (const { key, what, data: asked } of entries.filter(({ repeated }) => repeated))
      expect({ what, data: asked }).toEqual(
        (({ what, data }) => ({ what, data }))(happened.find((one) => one.key === key)!),
      );

    const engine = createEngine({ store: sqlite(join(data, "runs.db")) });
    const runs = await engine.list();
    expect(runs.length).toBeGreaterThan(0);
    for (const run of runs) expect(run.status).toMatch(run.id === "order-2" ? "failed" : "done");
    await engine.stop();

    const { check } = await import(join(root, `fixtures/examples/${name}/check.mjs`));
    expect(check(happened)).toEqual([]);
    for (const [at, entry] of happened.entries()) {
      if (name === "approval" && entry.what === "remind" && entry.data !== "lunch") continue; // as often as it took
      const without = happened.filter((_, index) => index !== at);
      expect(check(without), `without ${JSON.stringify(entry)}`).not.toEqual([]);
      expect(check([...happened, entry]), `with ${JSON.stringify(entry)} twice`).not.toEqual([]);
    }
  }, 120_000);
}
