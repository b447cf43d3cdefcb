/** The stand-in for DynamoDB ends with the process that has started it, whatever ends that. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../repository/sources.ts";

const program = `import { startServer } from ${JSON.stringify(join(root, "test/dynamodb/server.ts"))};
console.log((await startServer()).endpoint);
setInterval(() => {}, 1000);`;

test.each(["SIGKILL", "SIGTERM"] as const)("a server whose process ends by %s is not left behind", {
  timeout: 60_000,
}, async (signal) => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], { cwd: root });
  const endpoint = await new Promise<string>((resolve) =>
    child.stdout.once("data", (text) => resolve(String(text).trim())),
  );
  expect((await fetch(endpoint)).status).toBeLessThan(600);
  child.kill(signal);
  for (;;) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (!answers) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
