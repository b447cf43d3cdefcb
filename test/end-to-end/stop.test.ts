/** What keeps a process up, before and after `engine.stop()`. */
import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Product } from "../product.ts";
import { type App, endToEnd, storeFile } from "./app.ts";

let built: Product<App>;
beforeAll(async () => {
  built = await endToEnd();
});
afterAll(() => built.remove());

/** Runs the text as an ES module, with the app, in a process of its own. */
function runs(text: string): Promise<{ readonly code: number; readonly printed: string }> {
  const program = `
    const app = await import(${JSON.stringify(built.entry)});
    const engine = app.createEngine({ store: ${text.includes("FILE") ? `app.sqlite(${JSON.stringify(storeFile(built))})` : "app.memory()"} });
    const begun = process.hrtime.bigint();
    ${text.replace("FILE", "")}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", program], { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, printed: stdout + stderr }),
    );
  });
}
/** Tells, in exit code 7, that something else keeps the process up for a second and a half. */
const LATER = "setTimeout(() => process.exit(7), 1500).unref();";

test.each([
  "",
  "FILE",
])("a result that is awaited keeps the process up, until the engine is stopped (%s)", async (store) => {
  const waits = `void engine.work();
    const run = await engine.start(app.counts, ["x", 86_400_000], { id: "x" });
    ${store}
    run.result().then(console.log, console.log);
    await new Promise((resolve) => setTimeout(resolve, 300));`;
  expect((await runs(`${waits} ${LATER}`)).code).toBe(7);
  const stopped = await runs(`${waits} await engine.stop(); console.log("stopped"); ${LATER}`);
  expect(stopped).toEqual({ code: 0, printed: "stopped\n" });
});

test("who begins to wait after that keeps it up", async () => {
  const { code } = await runs(`
    await engine.start(app.counts, ["x", 86_400_000], { id: "x" });
    await engine.stop();
    ${LATER}
    await engine.run("x").result();`);
  expect(code).toBe(7);
});

test("who has waited since before is answered all the same, when the engine works again", async () => {
  expect(
    await runs(`
    void engine.work({ poll: 20 });
    const run = await engine.start(app.counts, ["x", 400], { id: "x" });
    const result = run.result();
    await engine.stop();
    void engine.work({ poll: 20 });
    console.log(JSON.stringify(await result));
    await engine.stop();`),
  ).toEqual({ code: 0, printed: "[]\n" });
});
