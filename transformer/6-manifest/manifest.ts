/** What a build remembers of a module: its codes with their fingerprints and resume points, and how each call was read. */
import type { ts } from "@ts-morph/common";
import { positionAt } from "../1-parse/assembled.ts";
import type { Tree } from "../1-parse/tree.ts";
import { startOf } from "../1-parse/tree.ts";
import type { ModuleContext } from "../3-lower/context.ts";
import type { LiveSlots } from "../4-flow/index.ts";
import { shortened } from "../5-emit/sites.ts";
import type { Machine } from "../ir/ir.ts";
import type { Manifest } from "../options.ts";
import { fingerprints } from "./fingerprint.ts";

/** Fingerprints by name path, of everything that the module registers. */
export function fingerprintsOf(module: ModuleContext, tree: Tree): ReadonlyMap<string, string> {
  const codes = [...module.compiled.map(({ info: { path, node } }) => ({ path, node })), ...module.lifted];
  const found = fingerprints(
    tree,
    codes.map(({ node }) => node),
  );
  return new Map(codes.map(({ path, node }) => [path, found.get(node)!]));
}

export function makeManifest(
  module: ModuleContext,
  moduleName: string,
  abi: number,
  flows: ReadonlyMap<Machine, LiveSlots>,
  fingerprints: ReadonlyMap<string, string>,
  typed: boolean,
): Manifest {
  const { sourceFile } = module;
  const codes = [
    ...module.compiled.map(({ info, kind, machine }) => ({
      id: `${moduleName}#${info.path}`,
      fingerprint: fingerprints.get(info.path)!,
      kind,
      position: positionAt(sourceFile, startOf(info.node, sourceFile)),
      ...(machine && pointsOf(machine, flows.get(machine)!, sourceFile)),
    })),
    ...module.lifted.map(({ path, node }) => ({
      id: `${moduleName}#${path}`,
      fingerprint: fingerprints.get(path)!,
      kind: "function" as const,
      position: positionAt(sourceFile, startOf(node, sourceFile)),
    })),
  ];
  return new LazyManifest(abi, moduleName, codes, typed, () =>
    module.calls.explain().map(({ node, kind, row, why, advice }) => ({
      position: positionAt(sourceFile, startOf(node, sourceFile)),
      text: shortened(node, sourceFile),
      kind,
      class: row,
      why,
      ...(advice === undefined ? {} : { advice }),
    })),
  );
}

/**
 * Most builds do not ask how calls were read. The property is the manifest's own, so that it is printed and copied, but its getter is one for all: V8 would make
 * a hidden class for the getter of each literal, and a hidden class keeps what its getter refers to, the whole file, until the next full collection.
 */
class LazyManifest implements Manifest {
  readonly abi: number;
  readonly module: string;
  readonly codes: Manifest["codes"];
  readonly typed: boolean;
  declare readonly calls: Manifest["calls"];
  readonly #read: () => Manifest["calls"];
  #calls: Manifest["calls"] | undefined;

  constructor(abi: number, module: string, codes: Manifest["codes"], typed: boolean, read: () => Manifest["calls"]) {
    this.abi = abi;
    this.module = module;
    this.codes = codes;
    this.typed = typed;
    this.#read = read;
    Object.defineProperty(this, "calls", LazyManifest.#property);
  }

  static readonly #property: PropertyDescriptor & ThisType<LazyManifest> = {
    enumerable: true,
    get() {
      this.#calls ??= this.#read();
      return this.#calls;
    },
  };
}

function pointsOf(machine: Machine, live: LiveSlots, sourceFile: ts.SourceFile) {
  const points: Record<string, readonly [number, number]> = {};
  const slots: Record<string, readonly string[]> = {};
  for (const block of machine.blocks) {
    if (!block.resumes) continue;
    points[String(block.label)] = positionAt(sourceFile, startOf(block.origin!, sourceFile));
    slots[String(block.label)] = live.get(block)!.map((slot) => slot.name);
  }
  return { points, live: slots };
}
