/** Executes one test in strict mode and judges it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Adapter } from "./adapter.ts";
import { GLOBAL, Refused } from "./compile.ts";
import { injectAwait } from "./inject-await.ts";
import { isEarlyError } from "./lists.ts";
import { metadataOf } from "./metadata.ts";
import { harnessFile, TestRealm } from "./test-realm.ts";

export interface Result {
  readonly passed: boolean;
  /** How far it came: `refused` by the compiler, `parse`, `resolution`, `harness`, `runtime`, `async`, `timeout`, `negative`. */
  readonly phase?: string;
  readonly error?: string;
  /** The first warning of the compiler. */
  readonly warned?: string;
  /** In persist mode: what its saves held. */
  readonly saves?: number;
  readonly withFrame?: number;
  readonly references?: number;
}

export interface Settings {
  readonly test262: string;
  /** Null: as it is, without the compiler. */
  readonly adapter: Adapter | null;
  readonly inject: boolean;
  /** Milliseconds that an asynchronous test has to call `$DONE`. */
  readonly patience: number;
  /** Milliseconds that its script has: some of injected awaits save thousands of times. */
  readonly limit?: number;
}

/** By adapter: each compiles the harness in its own way. */
const harnessTexts = new Map<Adapter | null, Map<string, string>>();

export async function execute(
  path: string,
  { test262, adapter, inject: injects, patience, limit }: Settings,
): Promise<Result> {
  const file = join(test262, path);
  const raw = readFileSync(file, "utf8");
  const metadata = metadataOf(raw);
  const { flags, includes, negative } = metadata;
  const isEarly = isEarlyError(metadata);
  const isModule = flags.has("module");
  const isAsync = injects || flags.has("async");
  let done: Result | undefined;
  let warned: string | undefined;
  const print = (line: string): void => {
    if (line === "Test262:AsyncTestComplete") done ??= { passed: true };
    else if (line.startsWith("Test262:AsyncTestFailure:"))
      done ??= { passed: false, phase: "async", error: line.slice(25, 800) };
  };
  const realm = new TestRealm({
    test262,
    prelude: adapter?.prelude ?? null,
    print,
    transform: (code, fileName) => adapter?.transform(code, fileName, { sourceType: "module" }) ?? code,
  });
  if (adapter !== null) realm.global[GLOBAL].surroundings.saves = adapter.saves;
  const failed = (phase: string, error: unknown): Result =>
    error instanceof Refused
      ? { passed: isEarly, phase: "refused", error: error.message }
      : negative !== null && negative.type === nameOf(error) && negative.phase === phase
        ? { passed: true }
        : { passed: false, phase, error: messageOf(error) };

  if (!flags.has("raw")) {
    const needed = ["assert.js", "sta.js", ...(isAsync ? ["doneprintHandle.js"] : []), ...includes];
    try {
      for (const name of new Set(needed)) realm.runShared(harness(name), `harness/${name}`);
    } catch (error) {
      return failed("harness", error);
    }
  }
  let phase = "parse";
  try {
    const inject = isEarly ? asBody : injectAwait;
    const text = flags.has("raw") || isModule ? raw : `"use strict";\n${injects ? inject(raw) : raw}`;
    const sourceType = isModule ? "module" : "script";
    const code = adapter?.transform(text, file, { sourceType, warned: (code) => (warned ??= code) }) ?? text;
    if (isModule) await realm.runModule(code, file, (next) => (phase = next));
    else {
      realm.run(`${code}\n//`, file, limit);
    }
  } catch (error) {
    const at = !isModule && nameOf(error) !== "SyntaxError" ? "runtime" : phase;
    return reported(failed(isTimeout(error) ? "timeout" : at, error));
  }
  if (negative !== null) return { passed: false, phase: "negative", error: `no ${negative.type}` };
  if (!isAsync) return reported({ passed: true });
  const until = Date.now() + patience;
  for (let turns = 0; done === undefined && (turns < 50 || Date.now() < until); turns++)
    await new Promise<void>((resolve) => (turns < 50 ? setImmediate(resolve) : setTimeout(resolve, 5)));
  return reported(done ?? { passed: false, phase: "timeout", error: "$DONE was not called" });

  function harness(name: string): string {
    let texts = harnessTexts.get(adapter);
    if (texts === undefined) harnessTexts.set(adapter, (texts = new Map()));
    let text = texts.get(name);
    if (text === undefined) {
      text = harnessFile(test262, name);
      texts.set(name, (text = adapter?.harness(text, name) ?? text));
    }
    return text;
  }

  function reported(verdict: Result): Result {
    const result = warned === undefined ? verdict : { ...verdict, warned };
    const report = realm.global[GLOBAL]?.report;
    if (report === undefined || report.saves === 0) return result;
    return { ...result, saves: report.saves, withFrame: report.withFrame, references: report.references.size };
  }
}

/** What cannot be parsed cannot be made to suspend: an async function around it, that does. */
const asBody = (source: string): string => `async function early() {\nawait null;\n${source}\n}`;

/** What `vm` throws is of no realm of a test. */
const isTimeout = (error: unknown): boolean =>
  (error as { code?: string } | null | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";

/** The name of an error's class, whatever realm it is of. */
const nameOf = (error: unknown): string | undefined =>
  (error as { constructor?: { name?: string } } | null | undefined)?.constructor?.name;

function messageOf(error: unknown): string {
  try {
    const text = String((error as Error)?.message ?? error);
    return `${nameOf(error)}: ${text}`.slice(0, 600);
  } catch {
    return "(an error that cannot be printed)";
  }
}
