/**
 * Every code that this process links: `module#path` to the code, with all its versions. Filled by modules when they are
 * evaluated. Decoding looks here and nowhere else, so a segment can name no other code.
 */
import type { CodeDigest, CodeId, Label, ModuleMeta, Position, StepFunction } from "../abi/index.ts";
import { error } from "./messages.ts";

/** What the codes of one module share. */
export interface ModuleInfo {
  /** Module name: what code ids and reference names start with. */
  readonly name: string;
  readonly meta: ModuleMeta;
}

interface CodeBase {
  readonly id: CodeId;
  readonly fingerprint: string;
  readonly digest: CodeDigest;
  readonly module: ModuleInfo;
  readonly name: string;
  readonly at: Position;
  /** What its closures captured, as the source names it. */
  readonly captures?: readonly string[];
  /** The module-level function or class itself: saved by name, and entered as current. */
  instance?: object;
  /** The nested class in whose static block this code stands, since it uses private names or `super`: each class has its own. */
  readonly owner?: Function;
}

/** A sync function, or one of the runtime's own: made by `make` over its captured values. */
export interface FunctionCode extends CodeBase {
  readonly kind: "function";
  readonly make: (...captured: any[]) => Function;
  /** Of a step's expression: what parts of it call of which only the mark tells whether it is durable, over the same operands. */
  readonly callees?: (...operands: any[]) => readonly unknown[];
}

/** A class: `make` takes the captured cells, then the heritage and the computed keys. */
export interface ClassCode extends CodeBase {
  readonly kind: "class";
  readonly make?: (...captured: any[]) => Function;
}

/** An async function or a generator. Tables have a null prototype: labels are user names (`toString`). */
export interface MachineCode extends CodeBase {
  readonly kind: "machine";
  readonly step: StepFunction;
  readonly handlers: Readonly<Record<Label, Label | undefined>>;
  readonly live: Readonly<Record<string, readonly string[] | undefined>>;
  readonly points: Readonly<Record<string, Position | undefined>>;
  readonly names: Readonly<Record<string, string | undefined>>;
  readonly leaves: Readonly<Record<string, readonly Label[] | undefined>>;
  readonly generator?: "sync" | "async";
  readonly make?: (...captured: any[]) => Function;
}

/** A method or accessor of a class; it has no entry in the registry: it is found in its class. */
export interface MethodCode extends CodeBase {
  readonly kind: "method";
  readonly home: Function;
  /** A static one. */
  readonly onClass: boolean;
  readonly key: string | symbol;
  readonly part: string;
  /** What it inherits from by its definition, when that is not what ordinary functions do. */
  parent?: object;
}

export type Code = FunctionCode | ClassCode | MachineCode | MethodCode;

interface Versions {
  /** What new calls enter: the module that is not archived. */
  current: Code | undefined;
  readonly byFingerprint: Map<string, Code>;
}

const registry = new Map<CodeId, Versions>();

/**
 * Adds a code. The same fingerprint again (a module evaluated twice) replaces: it is the same text. Another fingerprint
 * is another version: archived modules stand beside the current one, a watcher's module replaces it; see {@link listModule}.
 */
export function register(code: Code): void {
  let versions = registry.get(code.id);
  if (versions === undefined) registry.set(code.id, (versions = { current: undefined, byFingerprint: new Map() }));
  if (!code.module.meta.archived) versions.current = code;
  versions.byFingerprint.set(code.fingerprint, code);
  linked = undefined;
}

/** One version of a code, or undefined: it is not linked here. */
export const findCode = (id: CodeId, fingerprint: string): Code | undefined =>
  registry.get(id)?.byFingerprint.get(fingerprint);

/** The version that new calls enter. */
export const currentCode = (id: CodeId): Code | undefined => registry.get(id)?.current;

/** Codes of nested classes, by class and digest: found once their class has been made. */
const ofClasses = new WeakMap<Function, Map<CodeDigest, Code>>();

/** Adds a code that stands in a nested class. */
export function registerInClass(owner: Function, code: Code): void {
  let codes = ofClasses.get(owner);
  if (codes === undefined) ofClasses.set(owner, (codes = new Map()));
  codes.set(code.digest, code);
}

export const findInClass = (owner: Function, digest: CodeDigest): Code | undefined => ofClasses.get(owner)?.get(digest);

/** Digests that modules list; those in nested classes are registered only when their class is made. */
const listed = new Set<CodeDigest>();

/** Stands for whatever version is current: a run that has not begun, or that holds a function of a module by name, needs no certain one. */
export const currentDigest = (id: CodeId): CodeDigest => `${id}@*`;

/**
 * Stands for a class with the same fields and constructor, whatever its methods: what an instance needs. Those of functions follow the function that made them,
 * and so do their instances.
 */
export function layoutDigest({ id, digest, module }: Code): CodeDigest {
  const layout = module.meta.layouts?.[id.slice(module.name.length + 1)];
  return layout === undefined ? digest : ofLayout(id, layout);
}

const ofLayout = (id: CodeId, layout: string): CodeDigest => `${id}@fields:${layout}`;

/** The modules that are current. */
const modules = new Map<string, ModuleMeta>();

/** One name for two modules would make each binding, function and class of the one pass for those of the other. Throws PD2006, PD2001. */
function claimName({ name, meta }: ModuleInfo): void {
  const other = modules.get(name);
  if (other !== undefined && !meta.watch) {
    if (other.package !== meta.package)
      throw error("PD2006", { module: name, package: packageOf(meta), other: packageOf(other) });
    const path = differingIn(other.fingerprints, meta.fingerprints);
    if (path !== undefined) throw error("PD2001", { code: `${name}#${path}`, file: meta.file, other: other.file });
  }
  modules.set(name, meta);
}

const packageOf = ({ package: name }: ModuleMeta): string => name ?? "a package without a name";

/** Path of a code that only one of them has, or that they have with different text. */
const differingIn = (a: ModuleMeta["fingerprints"], b: ModuleMeta["fingerprints"]): string | undefined =>
  [...Object.keys(a), ...Object.keys(b)].find((path) => a[path] !== b[path]);

/** Throws what {@link claimName} does, unless the module is archived. */
export function listModule(info: ModuleInfo): void {
  const { name, meta } = info;
  if (!meta.archived) claimName(info);
  for (const [path, fingerprint] of Object.entries(meta.fingerprints)) {
    const id = `${name}#${path}`;
    listed.add(`${id}@${fingerprint}`);
    if (!meta.archived) listed.add(currentDigest(id));
  }
  // Of a class there is one object, the current one.
  if (!meta.archived)
    for (const [path, layout] of Object.entries(meta.layouts ?? {})) listed.add(ofLayout(`${name}#${path}`, layout));
  linked = undefined;
}

/** Does any module here define this code, in whatever version? */
export const isListed = (id: CodeId): boolean => listed.has(currentDigest(id)) || registry.has(id);

let linked: ReadonlySet<CodeDigest> | undefined;

/** Digests of every code that is linked here: what a worker can drive. The same object until another code is registered. */
export function linkedCodes(): ReadonlySet<CodeDigest> {
  if (linked === undefined) {
    const digests = new Set(listed);
    for (const versions of registry.values())
      for (const code of versions.byFingerprint.values()) digests.add(code.digest);
    linked = digests;
  }
  return linked;
}

/** A table of generated code without a prototype, so that user names cannot meet `Object.prototype`. */
export const table = <V>(entries: Readonly<Record<string, V>> | undefined): Record<string, V> =>
  Object.assign(Object.create(null) as Record<string, V>, entries);
