/** The subscription's loop has no end, and its saved state does not grow with it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";
import type * as Perdure from "perdure";
import type { memory } from "perdure/memory";
import { afterAll, expect, test } from "vitest";
import type { subscription } from "../../fixtures/examples/subscription/subscription.ts";
import { until } from "../product.ts";
import { root } from "../repository/sources.ts";

mkdirSync(join(root, "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "tmp", "endless-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type App = typeof Perdure & { memory: typeof memory; subscription: typeof subscription };

test("a subscription is as small after many months as after few", async () => {
  const examples = join(root, "fixtures/examples");
  const outfile = join(folder, "dist/app.mjs");
  await build({
    absWorkingDir: examples,
    stdin: {
      contents: `export * from "perdure"; export { memory } from "perdure/memory";
        export { subscription } from "./subscription/subscription.ts";`,
      resolveDir: examples,
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    plugins: [perdure()],
  });
  process.env["MONTH_MS"] = "5";
  process.env["EXAMPLE_LEDGER"] = join(folder, "ledger.jsonl");
  const app = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as App;

  const bases: number[] = [];
  const store = app.memory();
  const watched = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        JSON.stringify(args, (_key, part) => {
          if (part?.kind === "base" && typeof part.text === "string") bases.push(part.text.length);
          return part;
        });
        return value.apply(target, args);
      };
    },
  });
  const engine = app.createEngine({ store: watched, observe: () => {} });
  void engine.work({ compactDeltas: 8, compactBytes: 1 });
  const run = await engine.start(app.subscription, ["cleo", { price: 9 }]);
  await until(() => bases.length >= 40, 60_000);
  await run.cancel();
  await run.result().catch(() => {});
  await engine.stop();

  // A base is larger where more is pending: the smallest are taken at the same point of the loop. Texts of the program are learnt once, as they come by.
  const [early, late] = [Math.min(...bases.slice(3, 15)), Math.min(...bases.slice(-12))];
  expect(late).toBeLessThan(early + 300);
  expect(Math.max(...bases)).toBeLessThan(4_000);
});
