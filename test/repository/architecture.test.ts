/** The rules of docs/architecture.md that a machine can check: directions of imports, no cycles, sizes, no hidden state. */
import { describe, expect, it } from "vitest";
import { packageSources, type SourceFile } from "./sources.ts";

const runtime = packageSources("runtime");
const transformer = packageSources("transformer");
const plugins = packageSources("plugins");
const all = [...runtime, ...transformer, ...plugins];

/** Layers of the runtime, low to high: a file imports its own layer and those below. */
const layers = ["abi", "errors.ts", "options", "keys.ts", "codec", "machine", "store", "engine", "triggers", "testing"];
/** Phases of the compiler in order. `ir`, `diagnostics`, `types` and the parser's own module serve all of them. */
const phases = ["1-parse", "2-analyze", "3-lower", "4-flow", "5-emit", "6-manifest"];

/** Optional peers of the runtime: loaded by the store or trigger that needs them. */
const DRIVERS = new Set(["libsql", "pg", "@aws-sdk/client-dynamodb", "@aws-sdk/client-sqs"]);

const part = (path: string): string => path.split("/")[1]!;

function cycleThrough(files: readonly SourceFile[]): string[] | null {
  const graph = new Map(files.map((file) => [file.path, file.imports.filter((to) => to.endsWith(".ts"))]));
  const state = new Map<string, "open" | "closed">();
  const visit = (path: string, trail: string[]): string[] | null => {
    if (state.get(path) === "closed") return null;
    if (state.get(path) === "open") return [...trail.slice(trail.indexOf(path)), path];
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    state.set(path, "closed");
    return null;
  };
  for (const file of files) {
    const cycle = visit(file.path, []);
    if (cycle) return cycle;
  }
  return null;
}

describe("imports", () => {
  it("found the packages", () => {
    expect(runtime.length).toBeGreaterThan(20);
    expect(transformer.length).toBeGreaterThan(20);
    expect(plugins.length).toBeGreaterThan(2);
  });

  it("have no cycles, types included", () => {
    expect(cycleThrough(all)).toBeNull();
  });

  it("run one way in the runtime", () => {
    const wrong = runtime.flatMap((file) => {
      const from = layers.indexOf(part(file.path));
      if (from < 0) return []; // index.ts and the subpath entries stand above all layers.
      return file.imports
        .filter((to) => to.startsWith("runtime/"))
        .filter((to) => layers.indexOf(part(to)) < 0 || layers.indexOf(part(to)) > from)
        .map((to) => `${file.path} imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it("run one way through the compiler's phases", () => {
    const wrong = transformer.flatMap((file) => {
      const from = phases.indexOf(part(file.path));
      if (from < 0) return [];
      return file.imports.filter((to) => phases.indexOf(part(to)) > from).map((to) => `${file.path} imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it("keep the packages apart: runtime needs none, the compiler needs the ABI alone", () => {
    const bare = (file: SourceFile) => file.imports.filter((to) => !to.endsWith(".ts"));
    const stray = [
      ...runtime.flatMap((file) =>
        bare(file)
          .filter((to) => !to.startsWith("node:") && !DRIVERS.has(to))
          // The patterns are durable code like the user's: they import the package by its name.
          .filter((to) => !(part(file.path) === "patterns" && /^perdure(\/internal\/machine\/|$)/.test(to)))
          .map((to) => `${file.path}: ${to}`),
      ),
      ...transformer.flatMap((file) =>
        bare(file)
          .filter((to) => to.startsWith("perdure") && to !== "perdure/abi" && to !== "perdure/internal/errors")
          .map((to) => `${file.path}: ${to}`),
      ),
    ];
    expect(stray).toEqual([]);
  });

  it("keep Node out of the runtime's core", () => {
    const core = runtime.filter(
      (file) => ["abi", "codec", "machine"].includes(part(file.path)) && !file.path.includes("/platform/"),
    );
    const stray = core.flatMap((file) =>
      file.imports.filter((to) => to.startsWith("node:")).map((to) => `${file.path}: ${to}`),
    );
    expect(stray).toEqual([]);
  });
});

describe("files", () => {
  it("have at most 500 lines, and about 120 in the median", () => {
    const sizes = all.map((file) => ({ path: file.path, lines: file.text.split("\n").length }));
    expect(sizes.filter((file) => file.lines > 500)).toEqual([]);
    const sorted = sizes.map((file) => file.lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(160);
  });

  it("say what they hold", () => {
    expect(
      all.filter((file) => /(utils?|helpers?|misc|common|manager)\.ts$/i.test(file.path)).map((file) => file.path),
    ).toEqual([]);
  });

  it("leave nothing open", () => {
    expect(all.filter((file) => /\b(TODO|FIXME|XXX)\b/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it("have module-level mutable state only where a run is current and code is registered", () => {
    const allowed = new Set([
      "runtime/machine/current-run.ts",
      "runtime/machine/registry.ts",
      "runtime/machine/reviving.ts", // set while an instance is made without its constructor
      "runtime/machine/names.ts", // computed once: the realm's own names
      "runtime/machine/references.ts",
      "plugins/node/hooks.ts", // hooks in a thread of their own get their options by a call
      "transformer/1-parse/typescript.ts", // the TypeScript library, once it is loaded
    ]);
    const stateful = all
      .filter((file) => !file.path.endsWith("/cli.ts") && /^(?:export )?(?:let|var) /m.test(file.text))
      .map((file) => file.path);
    expect(stateful.filter((path) => !allowed.has(path))).toEqual([]);
  });
});
