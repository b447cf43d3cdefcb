/** What the lowering of one file shares: the analyses, the names it may use, and what it has made so far. */
import type { ts } from "@ts-morph/common";
import { positionAt } from "../1-parse/assembled.ts";
import { startOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Scopes } from "../2-analyze/bindings.ts";
import type { CallTable } from "../2-analyze/calls/classes.ts";
import { DURABLE_GLOBALS } from "../2-analyze/calls/platform.ts";
import { isWithin } from "../2-analyze/calls/syntax.ts";
import { isEarlyName, selfOf } from "../2-analyze/class-parts.ts";
import type { FunctionInfo, Functions } from "../2-analyze/functions.ts";
import type { Suspension } from "../2-analyze/suspension.ts";
import type { Machine, Slot } from "../ir/ir.ts";
import { code, type Edit, type Rope } from "../ir/rope.ts";
import { identifierOf, quoted } from "../ir/words.ts";
import type { Entry } from "./entry.ts";
import type { Surroundings } from "./surroundings.ts";

/** A definition that goes to module level, or into the static block of the class whose private names it uses. */
export interface Definition {
  readonly name: string;
  readonly value: Rope | MachineDefinition;
  readonly host: ts.ClassLikeDeclaration | null;
}

/** `$m.machine(path, meta, step, maker)`: printed once its slots and labels have names. */
export interface MachineDefinition {
  readonly type: "machine";
  readonly info: FunctionInfo;
  readonly machine: Machine;
  readonly maker: Rope | null;
}

/** Facts for the manifest and for `$.module`. */
export interface Compiled {
  readonly info: FunctionInfo;
  readonly kind: "machine" | "function" | "class";
  readonly machine: Machine | null;
}

/** Reports something that cannot be lowered; the file is then refused as a whole. */
export type Report = (code: string, node: ts.Node, details: Readonly<Record<string, string>>) => void;

export interface Names {
  /** `import * as $`. */
  readonly runtime: string;
  /** The module's handle, `$m`. */
  readonly module: string;
  /** The frame, `f`. */
  readonly frame: string;
  /** What a resumed block was sent. */
  readonly sent: string;
  /** Ends the name of a cell. */
  readonly cell: string;
  readonly self: string;
  readonly args: string;
  readonly target: string;
  /** The cell of the object literal in which a method that says `super` was written. */
  readonly home: string;
  /** A generator function, where it is made: its objects have its `prototype`. */
  readonly own: string;
  /** Whether the result of a function is in promise position, as its caller said. */
  readonly tail: string;
}

/** Writes text that does not suspend, with names, functions and calls rewritten: what `text.ts` offers to the rules. */
export interface TextWriter {
  readonly module: ModuleContext;
  readonly around: Surroundings;
  text(node: ts.Node): Rope;
  /** The node's own text with only what is inside it rewritten; `extra` edits are given. */
  kept(node: ts.Node, extra?: readonly Edit[]): Rope;
  /** A stretch of text: the given nodes rewritten, and what is between them. */
  between(start: number, end: number, nodes: readonly ts.Node[], extra?: readonly Edit[]): Rope;
  textWith(node: ts.Node, edits: readonly Edit[]): Rope;
  /** The expression as an argument, operand or initializer of generated code. */
  argument(node: ts.Expression): Rope;
  /** An operand of a step, a spread included. */
  value(node: ts.Expression): Rope;
  self(): Rope;
  /** The expression that makes a nested function or class; `home` is the cell of the object literal whose method it is. */
  closure(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration, home?: Rope): Rope;
  /** The cell itself, to be handed to a closure made at `from`; or a name that is captured by value. */
  captured(binding: Binding, from: ts.Node): Rope;
  cellName(binding: Binding): string;
  /** Where the variable lives now; undefined when it kept its place. `access` tells liveness what happens to a slot. */
  variable(identifier: ts.Identifier, binding: Binding, access: "read" | "write"): Rope | undefined;
  inCell(binding: Binding): boolean;
}

/** The two ways to lower something, handed down so that rules need not import each other. */
export interface Rules {
  text(around: Surroundings): TextWriter;
  machine(info: FunctionInfo): Entry;
}

export class ModuleContext {
  readonly rules: Rules;
  readonly tree: Tree;
  readonly sourceFile: ts.SourceFile;
  readonly scopes: Scopes;
  readonly suspension: Suspension;
  readonly functions: Functions;
  readonly calls: CallTable;
  readonly report: Report;
  readonly names: Names;
  readonly definitions: Definition[] = [];
  readonly compiled: Compiled[] = [];
  /** Function declarations of the module, by the name they have in the output. */
  readonly stamped: { readonly local: string; readonly path: string; readonly isAnonymous: boolean }[] = [];
  /** Every machine made, with the slots that its callers fill. */
  readonly machines: { readonly machine: Machine; readonly entered: readonly Slot[]; readonly rest: Rope[] }[] = [];
  /** For each class: what goes into its first static block, filled in at the end. */
  readonly hosted = new Map<ts.Node, Rope[]>();
  /** For each class made in a function: declarations of what its static block fills in. Each class that is made has its own. */
  readonly locals = new Map<ts.Node, Rope[]>();
  /** The namespace of `perdure/platform`, where the file uses it. */
  platform: string | undefined;
  private readonly homes = new Map<ts.Node, string>();
  /** For each scope with `using` that is being written: what holds its resources. */
  readonly disposables = new Map<ts.Node, Rope>();
  /** Tagged templates: the constant that holds their strings, and a hash of these. */
  readonly templates = new Map<ts.Node, string>();
  readonly templateHashes = new Map<ts.Node, string>();
  readonly sites: { readonly node: ts.Node }[] = [];
  /** Expressions lifted for steps. */
  readonly lifted: { readonly path: string; readonly node: ts.Node }[] = [];
  private readonly paths: Set<string>;
  private readonly identifiers: Set<string>;
  private readonly early = new Map<Binding, boolean>();
  private readonly cells = new Map<Binding, boolean>();

  constructor(
    parts: Pick<ModuleContext, "tree" | "scopes" | "suspension" | "functions" | "calls" | "report">,
    rules: (module: ModuleContext) => Rules,
  ) {
    this.tree = parts.tree;
    this.sourceFile = parts.tree.sourceFile;
    this.scopes = parts.scopes;
    this.suspension = parts.suspension;
    this.functions = parts.functions;
    this.calls = parts.calls;
    this.report = parts.report;
    this.rules = rules(this);
    this.identifiers = identifiersOf(parts.tree);
    this.paths = new Set(parts.functions.all.map((info) => info.path));
    const clashes = (suffix: string): boolean => {
      for (const name of this.identifiers)
        if (name.endsWith(suffix) && this.identifiers.has(name.slice(0, -suffix.length))) return true;
      return false;
    };
    const cellSuffix = ["$", "$$", "$cell"].find((suffix) => !clashes(suffix));
    this.names = {
      runtime: this.unique("$"),
      module: this.unique("$m"),
      frame: this.unique("f", "frame"),
      sent: this.unique("sent"),
      cell: cellSuffix ?? "$cell$",
      self: this.unique("self"),
      args: this.unique("args"),
      target: this.unique("target"),
      home: this.unique("home"),
      own: this.unique("own"),
      tail: this.unique("tail"),
    };
    // Cells of blocks of the module stand beside the module's constants.
    for (const { captures } of parts.functions.all)
      for (const { name, scope } of captures)
        if (scope.functionNode === this.sourceFile) this.identifiers.add(name + this.names.cell);
  }

  /** The first of the names, or a numbered form of the last, that occurs nowhere in the file. */
  unique(...wanted: readonly string[]): string {
    const { identifiers } = this;
    for (const name of wanted) {
      if (identifiers.has(name)) continue;
      identifiers.add(name);
      return name;
    }
    const last = wanted[wanted.length - 1]!;
    let n = 2;
    while (identifiers.has(`${last}$${n}`)) n++;
    identifiers.add(`${last}$${n}`);
    return `${last}$${n}`;
  }

  /** The namespace that exports the durable form of a platform name; that of `perdure/platform` is imported when it is first asked for. */
  durableModule(name: string): string {
    if (DURABLE_GLOBALS.get(name) !== "perdure/platform") return this.names.runtime;
    this.platform ??= this.unique("$p");
    return this.platform;
  }

  /** What a function or class at this place calls what it takes: a cell, or the function or class that is named, by value. */
  captureName(binding: Binding, at: ts.Node): string {
    const byValue = binding.kind === "self-name" && !isEarlyName(binding, at);
    return byValue ? binding.name : binding.name + this.names.cell;
  }

  /** Index of a site in the module's table. */
  site(node: ts.Node): number {
    return this.sites.push({ node }) - 1;
  }

  define(name: string, value: Rope | MachineDefinition, host: ts.ClassLikeDeclaration | null): void {
    this.definitions.push({ name, value, host });
  }

  /** What a class is called in its static block, under a name that nothing hides. Codes that stand there look up `super` from it. */
  classHome(owner: ts.ClassLikeDeclaration): string {
    let name = this.homes.get(owner);
    if (name === undefined) {
      name = this.unique("home$class");
      this.homes.set(owner, name);
      this.hosted.get(owner)?.push(` const ${name} = ${selfOf(owner)};`);
    }
    return name;
  }

  /** Lifts an expression of a function, to be evaluated in the attempts of a step; answers the name of its code. */
  lift(functionPath: string, node: ts.Node, maker: Rope, callees: Rope | undefined): string {
    const path = this.uniquePath(functionPath === "" ? "step" : `${functionPath}/step`);
    const name = this.constant(path);
    const last = callees ? code`, ${callees}` : "";
    this.define(
      name,
      code`${this.names.module}.expression(${quoted(path)}, ${this.meta("", node)}, ${maker}${last})`,
      null,
    );
    this.lifted.push({ path, node });
    return name;
  }

  /** The module-level name for a code path. */
  constant(path: string): string {
    const word = identifierOf(path);
    return this.unique(word.includes("$") ? word : `${word}$`);
  }

  /** `{ name, at, captures? }`, as text. */
  meta(name: string, node: ts.Node, captures: readonly string[] = []): string {
    const [line, column] = positionAt(this.sourceFile, startOf(node, this.sourceFile));
    return `{ name: ${quoted(name)}, at: [${line}, ${column}]${capturesText(captures)} }`;
  }

  private uniquePath(wanted: string): string {
    for (let n = 1; ; n++) {
      const path = `${wanted}${n}`;
      if (this.paths.has(path)) continue;
      this.paths.add(path);
      return path;
    }
  }

  /** Does this variable live in a cell: because functions share it, or because it may be touched before its declaration? */
  inCell(binding: Binding): boolean {
    let answer = this.cells.get(binding);
    if (answer === undefined) {
      const isMoved = binding.kind !== "self-name" && !this.isVolatile(binding.scope.node);
      answer = isMoved && (binding.captured || (this.mayBeEarly(binding) && this.isLowered(binding)));
      this.cells.set(binding, answer);
    }
    return answer;
  }

  /** Is this inside a function whose body runs within a step? Such code keeps its text and its native variables. */
  isVolatile(node: ts.Node): boolean {
    const { volatile } = this.calls;
    return volatile.size > 0 && isWithin(node, volatile);
  }

  /**
   * May code run before the declaration and touch the variable? Decided by position: a reference before the end of the
   * declaration, one in another clause of the same `switch`, or one in a function declaration, which is hoisted.
   */
  mayBeEarly(binding: Binding): boolean {
    let answer = this.early.get(binding);
    if (answer === undefined) {
      answer = computeEarly(binding, this.sourceFile);
      this.early.set(binding, answer);
    }
    return answer;
  }

  /** Is this variable one of a machine's frame (true), or of a scope that keeps its text (false)? */
  isLowered(binding: Binding): boolean {
    const info = this.functions.of(binding.scope.functionNode);
    if (!info?.machine) return false;
    const node = binding.scope.node;
    if (node === binding.scope.functionNode) return binding.kind !== "self-name";
    if (TS.isForOfStatement(node) && node.awaitModifier) return true;
    if (TS.isForInStatement(node) || TS.isForOfStatement(node))
      return this.suspension.suspends(node.statement) || this.suspension.suspends(node.initializer);
    if (TS.isBlock(node) && node.parent === binding.scope.functionNode) return true;
    return !TS.isClassLike(node) && this.suspension.suspends(node);
  }
}

function computeEarly(binding: Binding, sourceFile: ts.SourceFile): boolean {
  const declaration = binding.declarations[0]!;
  if (binding.kind === "parameter") {
    let parameter: ts.Node = declaration;
    while (!TS.isParameter(parameter)) parameter = parameter.parent;
    const { end } = parameter;
    return binding.references.some(({ node }) => node.end <= end);
  }
  if (!["let", "const", "class", "using"].includes(binding.kind)) return false;
  const scope = binding.scope.node;
  let owner: ts.Node = declaration;
  while (!TS.isVariableDeclaration(owner) && !TS.isClassLike(owner)) owner = owner.parent;
  const isLoopHead = TS.isForInStatement(scope) || TS.isForOfStatement(scope);
  // A class is initialized when its definition ends; what it runs meanwhile sees the inner name.
  const initialized = isLoopHead ? (scope as ts.ForOfStatement).expression.end : owner.end;
  if (TS.isCaseBlock(scope)) return binding.references.length > 0;
  return binding.references.some(({ node }) => {
    if (startOf(node, sourceFile) < initialized) return true;
    // A variable of a function that no other function touches is touched from no declaration.
    if (!binding.captured && binding.scope.parent !== null) return false;
    for (let at: ts.Node = node; at !== scope && at.parent; at = at.parent)
      if (TS.isFunctionDeclaration(at)) return true;
    return false;
  });
}

function identifiersOf({ nodes, kinds }: Tree): Set<string> {
  const names = new Set<string>();
  const { Identifier } = TS.SyntaxKind;
  for (let at = 0; at < nodes.length; at++) if (kinds[at] === Identifier) names.add((nodes[at] as ts.Identifier).text);
  return names;
}

/** Names of what a closure captured, in the order of its maker's parameters, for variable paths. */
export const capturesText = (captures: readonly string[]): string =>
  captures.length === 0 ? "" : `, captures: [${captures.map(quoted).join(", ")}]`;
