/** Looks for a program that observes something else when the transformer is a mutant. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform as original } from "@perdure/transformer";
import { makeTree, modules, programs, root } from "../compile.ts";
import { printed } from "../observation.ts";
import { observePlain } from "../plain.ts";
import { observeRun } from "../run.ts";
import type { Mutant } from "./mutants.ts";

type Main = () => unknown;

/** A module of programs, as the unchanged transformer compiles it, with what its programs observe natively. */
interface Known {
  readonly path: string;
  readonly source: string;
  readonly emitted: string | null;
  readonly expected: ReadonlyMap<string, string>;
}

export interface Hunt {
  /** The program that notices the mutant, or undefined. */
  killer(mutant: Mutant, index: number): Promise<string | undefined>;
  close(): void;
}

export async function openHunt(dist: string): Promise<Hunt> {
  const copies = join(root, "test/differential/dist", `mutants-${process.pid}`);
  let transform = original;
  const compile = (source: string, fileName: string): string => {
    const { code, diagnostics } = transform(source, { fileName, root });
    const error = diagnostics.find((it) => it.severity === "error");
    if (error !== undefined) throw new Error(`${error.code} ${error.message}`);
    return code ?? source;
  };
  const native = await makeTree("native", null);
  const machine = await makeTree("machine", compile);
  const known: Known[] = [];
  for (const path of modules().filter((it) => it.includes("/"))) {
    const source = readFileSync(join(programs, path), "utf8");
    const expected = new Map<string, string>();
    for (const [name, main] of Object.entries(await native.load(path)))
      expected.set(name, printed(await observePlain(native, main as Main)));
    known.push({ path, source, emitted: compile(source, join(programs, path)), expected });
  }

  return { killer, close };

  async function killer(mutant: Mutant, index: number): Promise<string | undefined> {
    const copy = join(copies, String(index));
    cpSync(dist, copy, { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) });
    writeFileSync(join(copy, mutant.file), mutant.text);
    try {
      transform = (await import(pathToFileURL(join(copy, "index.js")).href)).transform;
      for (const one of known) {
        try {
          // A mutant that changes no text changes no behaviour.
          if (compile(one.source, join(programs, one.path)) === one.emitted) continue;
        } catch (error) {
          return `${one.path} (${String((error as Error).message).slice(0, 60)})`;
        }
        const name = await noticing(one);
        if (name !== undefined) return `${one.path} ${name}`;
      }
      return undefined;
    } finally {
      transform = original;
      rmSync(copy, { recursive: true, force: true });
    }
  }

  async function noticing({ path, source, expected }: Known): Promise<string | undefined> {
    let exports: Record<string, unknown>;
    try {
      exports = await machine.add(path, source);
    } catch {
      return "(cannot be loaded)";
    }
    for (const [name, text] of expected)
      if (printed(await observePlain(machine, exports[name] as Main)) !== text) return name;
    for (const [name, text] of expected)
      if (printed(await observeRun(machine, exports[name] as Main, "job")) !== text) return `${name}, in a run`;
    return undefined;
  }

  function close(): void {
    native.remove();
    machine.remove();
    rmSync(copies, { recursive: true, force: true });
  }
}
