/** What a build remembers of a module: its codes with their fingerprints and resume points, and how each call was read. */
import { hash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { positionAt } from "../1-parse/assembled.ts";
import type { Tree } from "../1-parse/tree.ts";
import { startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { heritageOf } from "../2-analyze/class-parts.ts";
import type { ModuleContext } from "../3-lower/context.ts";
import type { LiveSlots } from "../4-flow/index.ts";
import { shortened } from "../5-emit/sites.ts";
import type { Machine } from "../ir/ir.ts";
import type { Manifest } from "../options.ts";
import { fingerprints } from "./fingerprint.ts";

/** By name path. */
export interface Fingerprints {
  /** Of everything that the module registers. */
  readonly codes: ReadonlyMap<string, string>;
  /** Of its own classes, those of functions not among them: of what makes the state of an instance. */
  readonly layouts: ReadonlyMap<string, string>;
}

export function fingerprintsOf(module: ModuleContext, tree: Tree): Fingerprints {
  const codes = [...module.compiled.map(({ info: { path, node } }) => ({ path, node })), ...module.lifted];
  const classes = module.compiled
    .filter(({ info, kind }) => kind === "class" && !info.parent)
    .map(({ info }) => ({ path: info.path, parts: stateParts(info.node as ts.ClassLikeDeclaration) }));
  const found = fingerprints(tree, [...codes.map(({ node }) => node), ...classes.flatMap(({ parts }) => parts)]);
  const ofParts = (parts: readonly ts.Node[]): string => hash("sha256", parts.map((one) => found.get(one)!).join());
  return {
    codes: new Map(codes.map(({ path, node }) => [path, found.get(node)!])),
    layouts: new Map(classes.map(({ path, parts }) => [path, ofParts(parts).slice(0, 16)])),
  };
}

/** What a class extends, its constructor and the fields of its instances. Methods have no state, private ones neither. */
function stateParts(node: ts.ClassLikeDeclaration): ts.Node[] {
  const heritage = heritageOf(node);
  const members = node.members.filter(
    (member) => TS.isConstructorDeclaration(member) || (TS.isPropertyDeclaration(member) && !isStatic(member)),
  );
  return heritage ? [heritage, ...members] : members;
}

const isStatic = (member: ts.ClassElement): boolean =>
  (TS.getCombinedModifierFlags(member) & TS.ModifierFlags.Static) !== 0;

export function makeManifest(
  module: ModuleContext,
  moduleName: string,
  abi: number,
  flows: ReadonlyMap<Machine, LiveSlots>,
  fingerprints: Fingerprints["codes"],
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
