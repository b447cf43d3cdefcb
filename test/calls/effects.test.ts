/**
 * The call table at work: `fixtures/effects/program.ts` compiled with and without types, in a run that is saved at
 * turns or at every job, against the same file left alone. Every effect must happen inside a step.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTypeSource, transform } from "@perdure/transformer";
import { transform as strip } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { World } from "../operations/world.ts";

const folder = join(import.meta.dirname, "../../fixtures/effects");
const out = join(import.meta.dirname, "dist", `effects-${process.pid}`);

interface Loaded {
  readonly program: Record<string, (...args: unknown[]) => Promise<unknown>>;
  readonly services: { readonly effects: string[]; readonly logger: { readonly lines: string[] } };
}

async function load(mode: "native" | "typed" | "untyped"): Promise<Loaded> {
  const write = async (name: string): Promise<string> => {
    const fileName = join(folder, name);
    let text = readFileSync(fileName, "utf8");
    if (mode !== "native" && name !== "services.ts") {
      const types = mode === "typed" ? createTypeSource() : undefined;
      // Two builds of one module cannot be in one process under one name.
      const root = types ? folder : dirname(folder);
      const { code, diagnostics } = transform(text, { fileName, root, ...(types ? { types } : {}) });
      expect(diagnostics.filter((it) => it.severity === "error")).toEqual([]);
      text = code!;
    }
    const { code } = await strip(text, { loader: "ts", target: "esnext" });
    mkdirSync(join(out, mode), { recursive: true });
    const target = join(out, mode, name.replace(".ts", ".mjs"));
    writeFileSync(target, code.replace(/"(\.\/\w+)\.ts"/g, '"$1.mjs"'));
    return pathToFileURL(target).href;
  };
  const services = await import(/* @vite-ignore */ await write("services.ts"));
  await write("ledger.ts");
  const program = await import(/* @vite-ignore */ await write("program.ts"));
  return { program, services };
}

const modes: Record<string, Loaded> = {};
beforeAll(async () => {
  for (const mode of ["native", "typed", "untyped"] as const) modes[mode] = await load(mode);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** What the function gives, and its effects in order. */
async function observe(mode: string, name: string, saves: "plain" | "turn" | "job") {
  const { program, services } = modes[mode]!;
  services.effects.length = 0;
  const value =
    saves === "plain"
      ? await program[name]!()
      : (await new World({ reload: saves === "job" }).start(program[name]!).drive()).result;
  return { value, effects: [...services.effects] };
}

const native = async (name: string) => {
  const { value, effects } = await observe("native", name, "plain");
  return { value, effects: effects.map((text) => text.replace(" OUTSIDE A STEP", "")) };
};

describe.each([
  ["plainCalls", "typed untyped"],
  ["fanOut", "typed untyped"],
  ["clients", "typed untyped"],
  ["builders", "typed untyped"],
  ["keptBuilders", "typed"],
  ["callbacks", "typed untyped"],
  ["inTurn", "typed untyped"],
  ["awaitedValue", "typed untyped"],
  ["shapes", "typed untyped"],
  ["durableCallees", "typed untyped"],
  ["keptResolver", "typed"],
  ["promises", "typed untyped"],
  ["plainCallbacks", "typed untyped"],
  ["nested", "typed"],
  ["lists", "typed"],
  ["openings", "typed untyped"],
  ["ordinaryTill", "typed"],
  ["bound", "typed untyped"],
])("%s", (name, types) => {
  test.each(types.split(" "))("%s: outside a run it is the plain function", async (mode) => {
    const expected = await native(name);
    const { value, effects } = await observe(mode, name, "plain");
    expect(value).toEqual(expected.value);
    expect(effects.map((text) => text.replace(" OUTSIDE A STEP", ""))).toEqual(expected.effects);
  });
  test.each(
    types.split(" ").flatMap(
      (mode) =>
        [
          [mode, "turn"],
          [mode, "job"],
        ] as const,
    ),
  )("%s, saved at every %s: the same, and every effect in a step", async (mode, saves) => {
    const expected = await native(name);
    const { value, effects } = await observe(mode, name, saves);
    expect(value).toEqual(expected.value);
    // At-least-once: the same effects, though those of steps that run side by side may change places.
    expect([...new Set(effects)].sort()).toEqual([...new Set(expected.effects)].sort());
  });
});

test("what types would tell is a coded error without them, never an effect that is lost", async () => {
  await expect(observe("untyped", "keptBuilders", "turn")).rejects.toThrow(/PD\d{4}/);
});

describe("every attempt of a step does the same", () => {
  test.each([
    ...[
      "plainCalls",
      "fanOut",
      "clients",
      "builders",
      "keptBuilders",
      "durableCallees",
      "promises",
      "nested",
      "lists",
    ].map((name) => [name, "typed"] as const),
    ["keys", "typed"],
    ["plainCalls", "untyped"],
    ["builders", "untyped"],
  ] as const)("%s, %s", async (name, mode) => {
    const { program, services } = modes[mode]!;
    for (const reload of [false, true]) {
      services.effects.length = 0;
      await new World({ reload, twice: true }).start(program[name]!).drive();
      const times = new Map<string, number>();
      for (const effect of services.effects) times.set(effect, (times.get(effect) ?? 0) + 1);
      expect([...times].filter(([, count]) => count < 2)).toEqual([]);
      expect(times.size).toBeGreaterThan(1);
    }
  });

  test("outside a run, keys are drawn as they are", async () => {
    const { value, effects } = await observe("typed", "keys", "plain");
    expect(effects.length).toBe((await observe("native", "keys", "plain")).effects.length);
    expect(JSON.stringify(value)).toContain("created again y ");
  });
});

test("a durable function of another file is no part of a step: its promise is refused", async () => {
  const { program, services } = modes["typed"]!;
  services.effects.length = 0;
  await expect(new World().start(program["givenAway"]!).drive()).rejects.toThrow(
    /PD2301.*promise of the run.*\n.*await it before the step/,
  );
  expect(services.effects).toEqual([]);
});

test("nor is one of which only its mark tells that it is durable, wherever it is called in the step", async () => {
  const { program, services } = modes["typed"]!;
  const ways = program["ways"] as unknown as readonly string[];
  expect(ways.length).toBeGreaterThan(10);
  for (const way of ways) {
    services.effects.length = 0;
    await expect(new World().start(program["durableTill"]!, [way]).drive(), way).rejects.toThrow(
      /PD2301.*promise of (?:the run|a durable function).*\n.*await it before the step/,
    );
    expect(services.effects.filter((effect) => !effect.includes("waited"))).toEqual([]);
  }
});
