/**
 * Real clients in a process that dies: SIGKILL after each commit in turn, and with each step's answer in hand, on SQLite; a second process goes on. The
 * HTTP services count what they are asked for: a step whose turn has committed is not made again, and one that is made again asks for the same.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../repository/sources.ts";
import { catalog, type RealProgram } from "./catalog.ts";
import { type Built, buildDurable, buildNative } from "./compile.ts";
import { type HttpDouble, type Received, startHttpDouble } from "./http-double.ts";

/**
 * Programs that make one request after the other, so that what may repeat is known; and where they are killed. A message sent to SQS twice is there twice:
 * that program is killed where nothing may repeat.
 */
const killed: Readonly<Record<string, readonly string[]>> = {
  "aws/s3-body-stream": ["after-commit", "after-step-before-commit"],
  "aws/sqs-consumer": ["after-commit"],
  "services/openai-streams": ["after-commit", "after-step-before-commit"],
  "services/openai-tools": ["after-commit"],
  "services/stripe": ["after-commit", "after-step-before-commit"],
};

/** Killed at every commit of one and the same run: each process gets as far as its first. They make one request after the other, or none. */
const chained = [
  "aws/client-in-function",
  "aws/document-client",
  "aws/dynamodb",
  "aws/s3-body-step",
  "aws/s3-error",
  "http/axios",
  "http/axios-instance-error",
  "http/fetch-json",
  "http/fetch-pages",
  "http/fetch-post",
  "http/got",
  "http/retry-loop",
  "http/undici-request",
  "http/undici-step",
  "language/deferred",
  "language/loops-of-feeds",
  "language/sequential-reduce",
  "language/state",
  "libraries/decimal-codec",
  "libraries/money-class",
  "libraries/zod-report",
  "services/agent-tools-kept",
  "services/classes-of-a-service",
  "services/conversation-once",
  "services/exported-namespace",
  "services/nest-core",
  "services/openai-chat",
  "services/openai-error",
  "services/openai-stream",
  "services/openai-stream-step",
  "services/optional-service",
  "services/sdk-in-function",
  "services/stripe-error",
];
const all = catalog().filter(({ name }) => name in killed || chained.includes(name));
const programs = all.filter(({ name }) => name in killed);

let http: HttpDouble;
let native: Built;
let durable: Built;
let folder = "";

beforeAll(async () => {
  http = await startHttpDouble();
  process.env.SERVICES_URL = http.url;
  mkdirSync(join(root, "tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "tmp", "real-kill-"));
  native = await buildNative(all);
  durable = await buildDurable(all, "auto");
}, 300_000);
afterAll(async () => {
  native?.remove();
  durable?.remove();
  rmSync(folder, { recursive: true, force: true });
  await http?.close();
});

interface Life {
  readonly killed: boolean;
  readonly outcome: { readonly status: string; readonly value?: unknown } | null;
}

function live(program: string, database: string, aim: string): Promise<Life> {
  const args = [join(import.meta.dirname, "worker.mjs"), program, database, aim];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      const killed = error?.signal === "SIGKILL";
      if (error && !killed) reject(new Error(stderr));
      else resolve({ killed, outcome: stdout === "" ? null : JSON.parse(stdout) });
    });
  });
}

const routes = (calls: readonly Received[]) => calls.map(({ route }) => route);

/** What it does when nobody is killed, and what it asks for. */
async function natively(program: RealProgram) {
  http.reset();
  const value = await (await native.load(program)).main();
  const expected = { status: "fulfilled", value: JSON.parse(JSON.stringify(value)) as unknown };
  const calls = [...http.calls()];
  return { expected, calls, asked: routes(calls) };
}

/** Without requests that repeat the one before them. */
const once = (calls: readonly Received[]) => calls.filter(({ request }, at) => request !== calls[at - 1]?.request);

it("kills programs that are there", () => {
  expect(all.length).toBe(Object.keys(killed).length + chained.length);
});

describe.each(all.filter(({ name }) => chained.includes(name)))("$name", (program) => {
  it("ends as natively, though no process lives longer than one commit", async () => {
    const { expected, calls } = await natively(program);
    const asked = routes(once(calls));
    http.reset();
    const database = join(folder, `${program.name.replace("/", "-")}.db`);
    let kills = 0;
    for (;;) {
      const { killed, outcome } = await live(durable.path(program), database, "after-commit@1");
      if (!killed) {
        expect(outcome).toEqual(expected);
        break;
      }
      expect(++kills).toBeLessThan(60);
    }
    expect(kills).toBeGreaterThan(asked.length);
    // A step whose answer was lost with the process is made again, with the same operands; none whose turn has committed.
    expect(routes(once(http.calls()))).toEqual(asked);
  }, 300_000);
});

describe.each(programs)("$name", (program) => {
  it("ends as natively, wherever it is killed, and asks for nothing twice that was committed", async () => {
    const { expected, asked } = await natively(program);
    expect(asked.length).toBeGreaterThan(1);

    let kills = 0;
    for (const failpoint of killed[program.name]!)
      for (let pass = 1; ; pass++) {
        http.reset();
        const database = join(folder, `${program.name.replace("/", "-")}-${failpoint}-${pass}.db`);
        const path = durable.path(program);
        const first = await live(path, database, `${failpoint}@${pass}`);
        if (!first.killed) {
          // There is no such pass: nobody died.
          expect(first.outcome).toEqual(expected);
          expect(routes(http.calls())).toEqual(asked);
          expect(pass, failpoint).toBeGreaterThan(asked.length / 2);
          break;
        }
        kills++;
        const second = await live(path, database, "");
        expect(second.outcome, `${failpoint}@${pass}`).toEqual(expected);
        const calls = http.calls();
        if (failpoint === "after-commit") {
          expect(routes(calls), `${failpoint}@${pass}`).toEqual(asked);
          continue;
        }
        // The answer was lost with the process: that one step is made again, and asks for the same.
        const again = calls.filter(({ request }, at) => at > 0 && calls[at - 1]!.request === request);
        expect(calls.length, `${failpoint}@${pass}`).toBe(asked.length + 1);
        expect(again.length, `${failpoint}@${pass}`).toBeGreaterThan(0);
      }
    expect(kills).toBeGreaterThan(asked.length);
  }, 300_000);
});
