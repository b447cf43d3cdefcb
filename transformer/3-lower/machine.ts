/** Lowers one async function or generator to a machine: its parameters, then its body. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Binding } from "../2-analyze/bindings.ts";
import { disposalIn } from "../2-analyze/disposal.ts";
import type { FunctionInfo, Lexical } from "../2-analyze/functions.ts";
import type { Block, Slot, Terminator } from "../ir/ir.ts";
import { code, type Rope } from "../ir/rope.ts";
import { Builder } from "./builder.ts";
import { homeOf, parameterPattern, realParameters } from "./closures.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import type { Entry } from "./entry.ts";
import { lowerClass } from "./expressions/class.ts";
import { lowerEffect, lowerExpression } from "./expressions/index.ts";
import { bindPattern } from "./expressions/pattern.ts";
import { isStable } from "./expressions/stable.ts";
import type { Lowering } from "./lowering.ts";
import { declaredTarget, isHoisted, isThere } from "./patterns.ts";
import { lowerStatement } from "./statements/index.ts";
import { disposing } from "./statements/using.ts";
import type { FrameAccess } from "./surroundings.ts";
import { leaves, leaveText, Targets } from "./targets.ts";

export function lowerMachine(module: ModuleContext, info: FunctionInfo): Entry {
  const node = info.node as ts.FunctionLikeDeclaration;
  const lowering = new MachineLowering(module, info);
  const { builder } = lowering;
  const parameters = realParameters(node);
  const isPlain = parameters.every((one) => TS.isIdentifier(one.name) && !one.initializer && !one.dotDotDotToken);
  const scope = module.scopes.scopeOf(node);

  let plain: { name: string; slot: Slot }[] | null = null;
  let params: Slot | null = null;
  const cells: (() => void)[] = [];
  if (isPlain) {
    plain = [];
    for (const parameter of parameters) {
      const name = (parameter.name as ts.Identifier).text;
      const binding = scope.bindings.get(name)!;
      // A captured parameter enters as a value and moves into its cell first thing.
      const slot = module.inCell(binding) ? builder.slot(name) : lowering.slotOf(binding);
      plain.push({ name, slot });
      if (module.inCell(binding))
        cells.push(() =>
          builder.assign(
            lowering.slotOf(binding),
            code`${module.names.runtime}.cell(${{ type: "slot", slot, access: "read" }})`,
            parameter.name,
          ),
        );
    }
  } else params = builder.slot("params");

  for (const make of cells) make();
  if (params) {
    for (const binding of scope.bindings.values())
      if (binding.kind === "parameter" && module.inCell(binding)) lowering.makeUninitialized(binding);
    const pattern = parameterPattern(lowering.writer, node, (name) =>
      declaredTarget(lowering.writer, name, module.scopes.resolve(name)),
    );
    builder.evaluate(code`(${pattern} = ${{ type: "slot", slot: params, access: "read" }});`);
  }
  lowering.hoistVariables(node);
  if (info.generator !== null) lowering.start(node);
  const body = node.body!;
  if (TS.isBlock(body)) {
    lowering.statements(body.statements, body);
    lowering.returns(null);
  } else lowering.returns(lowering.expression(body));

  const own = lowering.ownName;
  const entry: Entry = {
    machine: builder.machine,
    parameters: plain,
    params,
    captures: info.captures.map((binding) => ({ binding, slot: lowering.slotOf(binding) })),
    self: lowering.lexical.get("self") ?? null,
    args: lowering.lexical.get("args") ?? null,
    target: lowering.lexical.get("target") ?? null,
    home: lowering.lexical.get("home") ?? null,
    own: own ? { name: own.name, slot: lowering.slotOf(own) } : null,
    rest: [],
  };
  const given = [params, entry.self, entry.args, entry.target, entry.home, entry.own?.slot ?? null].filter(
    (slot) => slot !== null,
  );
  module.machines.push({
    machine: builder.machine,
    entered: [...(plain ?? []).map((one) => one.slot), ...entry.captures.map((one) => one.slot), ...given],
    rest: entry.rest,
  });
  return entry;
}

class MachineLowering implements Lowering {
  readonly module: ModuleContext;
  readonly builder: Builder;
  readonly targets = new Targets();
  readonly writer: TextWriter;
  readonly lexical = new Map<keyof Lexical, Slot>();
  private readonly info: FunctionInfo;
  private readonly slots = new Map<Binding, Slot>();
  /** Statements of which only the head suspends: the rest keeps its text, jumps included. */
  readonly keptHeads = new Set<ts.Node>();

  constructor(module: ModuleContext, info: FunctionInfo) {
    this.module = module;
    this.info = info;
    this.builder = new Builder(module.sourceFile);
    const frame: FrameAccess = {
      slotOf: (binding) => (this.isInFrame(binding) ? this.slotOf(binding) : undefined),
      returns: (value) => this.returnText(value),
      jumps: (node) => this.jumpText(node),
    };
    const lexical = (key: keyof Lexical): Rope => {
      if (!info.lexical[key]) return key;
      const slot = builtSlot(this.builder, module.names[key]);
      this.lexical.set(key, slot);
      return { type: "slot", slot, access: "read" };
    };
    const home = lexical("home");
    const self = lexical("self");
    this.writer = module.rules.text({
      frame,
      ...(info.lateSelf ? { self: [self, ".v"], selfCell: self } : { self, selfCell: null }),
      args: lexical("args"),
      target: lexical("target"),
      home: homeOf(module, info, home),
      homeCell: info.lexical.home ? home : null,
      path: info.path,
      volatile: false,
    });
  }

  /** The binding of a function expression's own name, when the body mentions it. */
  get ownName(): Binding | undefined {
    const { node } = this.info;
    if (!TS.isFunctionExpression(node) || !node.name) return undefined;
    return [...this.slots.keys()].find(
      (binding) => binding.kind === "self-name" && binding.scope.functionNode === node,
    );
  }

  suspends(node: ts.Node | undefined): boolean {
    return this.module.suspension.suspends(node);
  }

  statement(node: ts.Statement): void {
    lowerStatement(this, node);
  }

  statements(list: readonly ts.Statement[], scopeNode: ts.Node): void {
    this.openScope(scopeNode);
    this.hoistFunctions(list);
    const each = (): void => {
      for (const statement of list) this.statement(statement);
    };
    const disposal = disposalIn(list);
    if (disposal) disposing(this, scopeNode, disposal, each);
    else each();
  }

  /** Cells that must exist from the start of a scope. */
  openScope(node: ts.Node): void {
    const scope = this.module.scopes.scopeOf(node);
    if (scope.node !== node && !(TS.isBlock(node) && scope.node === node.parent)) return;
    for (const binding of scope.bindings.values()) {
      if (!this.module.inCell(binding) || binding.kind === "parameter" || binding.kind === "catch") continue;
      if (binding.kind === "function")
        this.builder.assign(this.slotOf(binding), `${this.module.names.runtime}.cell(undefined)`);
      else if (!isHoisted(binding) && this.module.mayBeEarly(binding)) this.makeUninitialized(binding);
    }
  }

  makeUninitialized(binding: Binding): void {
    this.builder.assign(this.slotOf(binding), `${this.module.names.runtime}.tdz(${JSON.stringify(binding.name)})`);
  }

  /** `var`s of the whole function: those with cells, or with a parameter's value, get them at the start. */
  hoistVariables(node: ts.FunctionLikeDeclaration): void {
    const scopes = [this.module.scopes.scopeOf(node), this.module.scopes.scopeOf(node.body!)];
    for (const scope of new Set(scopes)) {
      for (const binding of scope.bindings.values()) if (binding.kind === "var") this.hoistVariable(binding);
    }
  }

  private hoistVariable(binding: Binding): void {
    const { startsAs } = binding;
    const isInCell = this.module.inCell(binding);
    if (!isInCell && !startsAs) return; // A slot is undefined before it is set.
    const parameter: Rope = startsAs ? { type: "slot", slot: this.slotOf(startsAs), access: "read" } : "undefined";
    const value = startsAs && this.module.inCell(startsAs) ? code`${parameter}.v` : parameter;
    this.builder.assign(this.slotOf(binding), isInCell ? code`${this.module.names.runtime}.cell(${value})` : value);
  }

  hoistFunctions(list: readonly ts.Statement[]): void {
    for (const statement of list) {
      let declaration: ts.Statement = statement;
      while (TS.isLabeledStatement(declaration)) declaration = declaration.statement;
      if (!TS.isFunctionDeclaration(declaration) || !declaration.name || !declaration.body) continue;
      const binding = this.module.scopes.resolve(declaration.name)!;
      const made = this.writer.closure(declaration);
      if (this.module.inCell(binding))
        this.builder.evaluate(code`${declaredTarget(this.writer, declaration.name, binding)} = ${made};`);
      else this.builder.assign(this.slotOf(binding), made, declaration.name);
    }
  }

  expression(node: ts.Expression): Rope {
    return lowerExpression(this, node);
  }

  classValue(node: ts.ClassLikeDeclaration): Rope {
    return this.suspends(node) ? lowerClass(this, node) : this.writer.closure(node);
  }

  effect(node: ts.Expression): void {
    lowerEffect(this, node);
  }

  keep(value: Rope, node?: ts.Expression): Rope {
    if (node && isStable(this.module, node)) return value;
    const slot = this.temporary();
    this.builder.assign(slot, value);
    return { type: "slot", slot, access: "read" };
  }

  temporary(): Slot {
    return this.builder.slot("t", null, true);
  }

  get generator(): FunctionInfo["generator"] {
    return this.info.generator;
  }

  suspend(node: ts.Expression, value: Rope): Rope {
    return this.suspendAs(calledName(node) ?? "await", node, value);
  }

  suspendAs(name: string, node: ts.Node, value: Rope): Rope {
    return this.resumeAt(node, name, (resume) => ({ type: "await", value, resume }));
  }

  calledName(node: ts.Expression): string | undefined {
    return calledName(node);
  }

  yields(node: ts.YieldExpression, value: Rope): Rope {
    const { asteriskToken, expression } = node;
    const name = (asteriskToken && expression && calledName(expression)) ?? "yield";
    return this.resumeAt(node, name, (resume) => {
      resume.leaves = this.targets.regions;
      return { type: asteriskToken ? "delegate" : "yield", value, resume };
    });
  }

  /** A generator stands here when it has been called: its parameters are bound, its body has not begun (ECMA-262 15.5.4, 15.6.4). */
  start(node: ts.Node): void {
    this.resumeAt(node, "start", (resume) => ({ type: "start", resume }));
  }

  private resumeAt(node: ts.Node, name: string, end: (resume: Block) => Terminator): Rope {
    const resume = this.builder.block(node);
    resume.resumes = true;
    resume.pinned = true;
    resume.savable = name;
    this.builder.end(end(resume));
    this.builder.place(resume);
    return this.module.names.sent;
  }

  operands(nodes: readonly ts.Expression[]): Rope[] {
    const last = nodes.findLastIndex((node) => this.suspends(node));
    return nodes.map((node, i) => {
      if (i > last) return this.writer.argument(node);
      const value = this.expression(node);
      return i < last ? this.keep(value, node) : value;
    });
  }

  slotOf(binding: Binding): Slot {
    let slot = this.slots.get(binding);
    if (!slot) {
      const wanted = this.module.inCell(binding) ? binding.name + this.module.names.cell : binding.name;
      slot = this.builder.slot(wanted, binding.name);
      this.slots.set(binding, slot);
    }
    return slot;
  }

  /** Is this variable, or its captured cell, held by the frame? */
  private isInFrame(binding: Binding): boolean {
    if (binding.scope.functionNode === this.info.node) {
      if (binding.kind === "self-name") return TS.isFunctionExpression(binding.scope.node);
      return this.module.isLowered(binding);
    }
    return this.info.captures.includes(binding);
  }

  initialize(name: ts.Identifier, value: Rope): void {
    const binding = this.module.scopes.resolve(name)!;
    if (!this.module.inCell(binding)) {
      this.builder.assign(this.slotOf(binding), value, name);
      return;
    }
    if (isThere(binding) || this.module.mayBeEarly(binding))
      this.builder.evaluate(code`${declaredTarget(this.writer, name, binding)} = ${value};`);
    else this.builder.assign(this.slotOf(binding), code`${this.module.names.runtime}.cell(${value})`, name);
  }

  bind(target: ts.Node, value: Rope, declares: boolean): void {
    bindPattern(this, target, value, declares);
  }

  returns(value: Rope | null): void {
    const { regions } = this.targets;
    if (regions.length === 0) this.builder.end({ type: "return", value });
    else this.builder.leave({ type: "return", regions, target: null }, value, "");
  }

  private returnText(value: Rope | null): Rope {
    const { runtime, frame } = this.module.names;
    const { regions } = this.targets;
    if (regions.length === 0) return code`return ${runtime}.return(${frame}, ${value ?? "undefined"});`;
    this.builder.leaveInText({ type: "return", regions, target: null }, "");
    return leaveText({ type: "return", regions, target: null }, value, this.module.names);
  }

  private jumpText(node: ts.BreakOrContinueStatement): Rope | undefined {
    if (!leaves(node, this.keptRoot(node))) return undefined;
    const found = this.targets.route(node);
    if (!found) return undefined;
    const { runtime, frame } = this.module.names;
    const { route, name } = found;
    if (route.regions.length === 0) {
      this.builder.jumpInText();
      return code`return ${runtime}.jump(${frame}, ${{ type: "label", block: route.target! }});`;
    }
    this.builder.leaveInText(route, name);
    return leaveText(route, null, this.module.names);
  }

  /** The statement that keeps its text and contains `node`: the outermost one below the first that suspends. */
  private keptRoot(node: ts.Node): ts.Node {
    let at = node;
    while (at.parent && at.parent !== this.info.node && (!this.suspends(at.parent) || this.keptHeads.has(at.parent)))
      at = at.parent;
    return at;
  }
}

const builtSlot = (builder: Builder, wanted: string): Slot => builder.slot(wanted);

/** The function that an expression calls, or the variable that it is. */
function calledName(node: ts.Expression): string | undefined {
  let at: ts.Node = node;
  for (;;) {
    if (
      TS.isAwaitExpression(at) ||
      TS.isParenthesizedExpression(at) ||
      TS.isNonNullExpression(at) ||
      TS.isAsExpression(at) ||
      TS.isSatisfiesExpression(at)
    )
      at = at.expression;
    else if (TS.isCallExpression(at) || TS.isNewExpression(at)) at = at.expression;
    else if (TS.isTaggedTemplateExpression(at)) at = at.tag;
    else if (TS.isPropertyAccessExpression(at)) {
      if (TS.isIdentifier(at.name) && !["then", "catch", "finally"].includes(at.name.text)) return at.name.text;
      if (TS.isPrivateIdentifier(at.name)) return at.name.text.slice(1);
      at = at.expression;
    } else return TS.isIdentifier(at) ? at.text : undefined;
  }
}
