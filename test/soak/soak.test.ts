import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../repository/sources.ts";

/** `npm run soak`, in short: what it prints, and its exit code. */
function soak(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(root, "test/soak/start.mjs"), "--minutes", "8", ...args]);
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stderr.on("data", (chunk) => (text += chunk));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, text })));
}

const timeout = 600_000;

test.for(["postgres", "dynamodb", "sqlite"])("workers on %s are killed again and again, and every ledger is right", {
  timeout,
}, async (store) => {
  const { code, text } = await soak("--store", store, "--runs", "200");
  expect(text).toContain("200 runs ended");
  expect(text).toContain("✓ every ledger is right");
  expect(text).not.toMatch(/^0 workers killed/m);
  expect(code, text).toBe(0);
});

test("steps that are issued before their commit are found out", { timeout }, async () => {
  const { code, text } = await soak(
    "--store",
    "sqlite",
    "--runs",
    "150",
    "--kill-every",
    "500",
    "--break",
    "output-commit",
  );
  expect(text).toMatch(/✗ checkout-order-\d+: (charge|refund) of/);
  expect(code, text).toBe(1);
});

test("arguments that make no sense are told, with the usage", async () => {
  const { code, text } = await soak("--store", "paper");
  expect(text).toContain("--store takes one of postgres, dynamodb, sqlite");
  expect(text).toContain("--kill-every <ms>");
  expect(code).toBe(2);
});
