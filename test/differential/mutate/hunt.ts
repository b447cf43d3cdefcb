/** Looks for a program that observes something else when the transformer is a mutant. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTypeSource, transform as original } from "@perdure/transformer";
import { makeTree, modules, programs, root } from "../compile.ts";
import { refusedModules } from "../known.ts";
import { printed } from "../observation.ts";
import { observePlain } from "../plain.ts";
import { observeRun } from "../run.ts";
import type { Mutant, Phase } from "./mutants.ts";

type Main = () => unknown;

/** A module of programs, as the unchanged transformer compiles it, with what its programs observe natively. */
interface Known {
  readonly path: string;
  readonly source: string;
  readonly emitted: string;
  readonly expected: ReadonlyMap<string, string>;
  /** The numbers of the mutants that make a difference while this module is compiled. */
  readonly reaches: ReadonlySet<number>;
}

export interface Hunt {
  /** The program, golden text or refused text that notices the mutant, or undefined. */
  killer(mutant: Mutant): Promise<string | undefined>;
  close(): void;
}

export async function openHunt(dist: string, phase: Phase): Promise<Hunt> {
  const copies = join(root, "test/differential/dist", `mutants-${process.pid}`);
  let transform = original;
  // As the suite compiles them; the types are the unchanged transformer's, read once.
  const types = createTypeSource({ tsconfig: join(programs, "tsconfig.json") });
  const compile = (source: string, fileName: string): string => {
    const { code, diagnostics } = transform(source, { fileName, root, types });
    const error = diagnostics.find((it) => it.severity === "error");
    if (error !== undefined) throw new Error(`${error.code} ${error.message}`);
    return code ?? source;
  };
  const native = await makeTree("native", null);
  const machine = await makeTree("machine", compile);
  const reaches = new Map<string, Set<number>>();
  await withCopy("marked", phase.marked, () => {
    for (const path of modules()) {
      const reached = new Set<number>();
      Object.assign(globalThis, {
        reached(index: number, holds: unknown) {
          if (holds) reached.add(index);
          return holds;
        },
      });
      try {
        compile(readFileSync(join(programs, path), "utf8"), join(programs, path));
      } catch (error) {
        if (!refusedModules.has(path)) throw error;
      }
      reaches.set(path, reached);
    }
  });
  const known: Known[] = [];
  for (const path of modules().filter((it) => it.includes("/") && !refusedModules.has(it))) {
    const source = readFileSync(join(programs, path), "utf8");
    const expected = new Map<string, string>();
    for (const [name, main] of Object.entries(await native.load(path)))
      expected.set(name, printed(await observePlain(native, main as Main)));
    const emitted = compile(source, join(programs, path));
    known.push({ path, source, emitted, expected, reaches: reaches.get(path)! });
  }
  // Other tests compare these with what is written down.
  const texts = ["goldens", "rejected"].flatMap((folder) =>
    readdirSync(join(root, "fixtures", folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => {
        const fileName = join(root, "fixtures", folder, name, "input.ts");
        const source = readFileSync(fileName, "utf8");
        return { name: `${folder}/${name}`, fileName, source, found: told(source, fileName) };
      }),
  );
  /** What the unchanged transformer's machines observe, as far as it has been asked for. */
  const usual = new Map<string, string>();
  return { killer, close };

  async function killer(mutant: Mutant): Promise<string | undefined> {
    const concerned = known.filter(({ reaches }) => reaches.has(mutant.index));
    return withCopy(String(mutant.index), new Map([[mutant.file, mutant.text]]), async () => {
      const changed: [Known, Record<string, unknown>][] = [];
      for (const one of concerned) {
        try {
          // A mutant that changes no text changes no behaviour.
          if (compile(one.source, join(programs, one.path)) === one.emitted) continue;
        } catch (error) {
          return `${one.path} (${String((error as Error).message).slice(0, 60)})`;
        }
        try {
          changed.push([one, await machine.add(one.path, one.source)]);
        } catch {
          return `${one.path} (cannot be loaded)`;
        }
        // First outside a run, over all programs: that is cheap.
        const name = await noticing(...changed.at(-1)!, "plain");
        if (name !== undefined) return `${one.path} ${name}`;
      }
      for (const [one, exports] of changed) {
        const name = await noticing(one, exports, "run");
        if (name !== undefined) return `${one.path} ${name}, in a run`;
      }
      return texts.find(({ source, fileName, found }) => told(source, fileName) !== found)?.name;
    });
  }

  /** All that the compiler says of a text: what it writes, or why it refuses. */
  function told(source: string, fileName: string): string {
    try {
      const { code, diagnostics } = transform(source, { fileName, root });
      return JSON.stringify([code, diagnostics.map(({ code, message, start }) => [code, message, start])]);
    } catch (error) {
      return String(error);
    }
  }

  async function noticing(one: Known, exports: Record<string, unknown>, where: "plain" | "run") {
    const observe = async (main: unknown): Promise<string> =>
      printed(
        await (where === "plain" ? observePlain(machine, main as Main) : observeRun(machine, main as Main, "job")),
      );
    for (const [name, text] of one.expected) {
      if ((await observe(exports[name])) === text) continue;
      // One that differs without the mutant too says nothing.
      const id = `${one.path} ${name} ${where}`;
      if (!usual.has(id)) usual.set(id, await observe(await unchanged(one.path, name)));
      if (usual.get(id) === text) return name;
    }
    return undefined;
  }

  async function unchanged(path: string, name: string): Promise<unknown> {
    const mutated = transform;
    transform = original;
    try {
      return (await machine.load(path))[name];
    } finally {
      transform = mutated;
    }
  }

  /** Runs `work` with a copy of the transformer that has these files instead of its own. */
  async function withCopy<T>(name: string, files: ReadonlyMap<string, string>, work: () => T): Promise<Awaited<T>> {
    const copy = join(copies, name);
    cpSync(dist, copy, { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) });
    for (const [file, text] of files) writeFileSync(join(copy, file), text);
    try {
      transform = (await import(pathToFileURL(join(copy, "index.js")).href)).transform;
      return await work();
    } finally {
      transform = original;
      rmSync(copy, { recursive: true, force: true });
    }
  }

  function close(): void {
    native.remove();
    machine.remove();
    rmSync(copies, { recursive: true, force: true });
  }
}
