/**
 * Runs a snippet twice, as ordinary async code and as machines outside a run, and compares what was observed. The
 * machines run on the real driver, and their frames lose every slot that is not in the live table at each resume.
 */
import { compile } from "@perdure/transformer/internal/compile";
import { verify } from "@perdure/transformer/internal/ir/verify";
import { transformSync } from "esbuild";
import * as emitted from "perdure/emitted";
import { expect } from "vitest";

/** What happened, in order; the outcome is the last line. */
export type Log = string[];

const show = (value: unknown): string => {
  if (typeof value === "function") return `[function ${value.name}/${value.length}]`;
  // What the engine says of its own errors is not specified.
  if (value instanceof TypeError) return "TypeError";
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "symbol" || typeof value === "bigint" || value === undefined) return String(value);
  if (typeof value === "string") return value;
  if (Object.is(value, -0)) return "-0";
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      inner === undefined ? "(undefined)" : typeof inner === "function" ? show(inner) : inner,
    ) ?? String(value)
  );
};

function services(log: Log) {
  return {
    log: (...values: unknown[]): void => void log.push(values.map(show).join(" ")),
    /** Yields a value later, and says when it was asked. */
    tick: async <T>(value: T): Promise<T> => {
      log.push(`tick ${show(value)}`);
      await null;
      return value;
    },
    fail: async (message: string): Promise<never> => {
      log.push(`fail ${message}`);
      await null;
      throw new Error(message);
    },
    seen: <T>(value: T): T => {
      log.push(`seen ${show(value)}`);
      return value;
    },
    /** An iterable that says what is asked of it. */
    stream: (name: string, items: readonly unknown[]) => ({
      [Symbol.iterator]: () => {
        log.push(`${name} open`);
        let i = 0;
        return {
          next: () => {
            log.push(`${name} next`);
            const item = items[i++];
            if (item instanceof Error) throw item;
            return i > items.length ? { done: true, value: undefined } : { done: false, value: item };
          },
          return: () => {
            log.push(`${name} return`);
            return {};
          },
        };
      },
    }),
  };
}

/** At each resume the frame keeps only what a saved frame would. */
function forgetful(): typeof emitted {
  const module = (name: string, meta: never) => {
    const scope = emitted.module(name, meta);
    const machine = scope.machine.bind(scope);
    scope.machine = (path, facts, step, make) =>
      machine(
        path,
        facts,
        (frame, sent) => {
          const live = facts.live[frame.pc];
          if (live)
            for (const key of Object.keys(frame))
              if (key !== "pc" && key !== "$" && !live.includes(key)) delete frame[key];
          return step(frame, sent);
        },
        make,
      );
    return scope;
  };
  return { ...emitted, module } as never;
}

let modules = 0;

function load(text: string, log: Log, fileName: string): { main: (...args: unknown[]) => Promise<unknown> } {
  const { code } = transformSync(text, {
    loader: fileName.endsWith("x") ? "tsx" : "ts",
    format: "cjs",
    target: "esnext",
    jsxFactory: "h",
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
  });
  const module = { exports: {} as never };
  const here = services(log);
  const h = (tag: unknown, props: unknown, ...children: unknown[]): unknown => ({ tag, props, children });
  const require = (name: string): unknown => (name === "perdure/emitted" ? forgetful() : here);
  new Function("require", "module", "exports", "h", `"use strict";${code}`)(require, module, module.exports, h);
  return module.exports;
}

async function observe(text: string, fileName: string): Promise<Log> {
  const log: Log = [];
  try {
    const result = await load(text, log, fileName).main();
    log.push(`= ${show(result)}`);
  } catch (thrown) {
    log.push(`! ${show(thrown)}`);
  }
  return log;
}

const header = 'import { log, tick, fail, seen, stream } from "./services.ts";\n';

/** The module of a snippet: statements are the body of `main`, unless it exports `main` itself. */
export const moduleOf = (snippet: string): string =>
  `"use durable";\n${header}${/export\b/.test(snippet) ? snippet : `export async function main() {\n${snippet}\n}`}\n`;

/** Compiles a snippet and checks what must hold for any output. */
export function compiled(source: string, fileName: string) {
  const options = { fileName: `/app/${fileName}`, root: "/app" };
  const result = compile(source, options);
  expect(result.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  expect(result.code).not.toBeNull();
  expect(compile(source, options).code).toBe(result.code);
  for (const { path, machine } of result.machines)
    expect({ path, problems: verify(machine) }).toEqual({ path, problems: [] });
  return result;
}

/** Does this Node parse `using`? Its native meaning is the oracle then. */
export const hasUsing = ((): boolean => {
  try {
    new Function("{ using _ = null; }");
    return true;
  } catch {
    return false;
  }
})();

/** What a snippet observes as machines, where the platform cannot run it natively. */
export async function asMachines(snippet: string): Promise<Log> {
  const fileName = `case${++modules}.ts`;
  return observe(compiled(moduleOf(snippet), fileName).code!, fileName);
}

/** The snippet must observe the same natively and as machines; answers the log. */
export async function same(snippet: string, extension = "ts"): Promise<Log> {
  const source = moduleOf(snippet);
  const fileName = `case${++modules}.${extension}`;
  const native = await observe(source, fileName);
  const { code } = compiled(source, fileName);
  let machine: Log;
  try {
    machine = await observe(code!, fileName);
  } catch (thrown) {
    throw new Error(`${String(thrown)}\n${code}`);
  }
  if (JSON.stringify(machine) !== JSON.stringify(native)) {
    expect.fail(`native:\n  ${native.join("\n  ")}\nmachine:\n  ${machine.join("\n  ")}\n${code}`);
  }
  // A snippet that observes nothing proves nothing.
  expect(native.length).toBeGreaterThan(1);
  return native;
}
