/**
 * Rewrites text that does not suspend: a patch of the user's own source in which captured variables, slots, nested
 * functions, classified calls and platform names are replaced and everything else stays as it was written.
 */
import type { ts } from "@ts-morph/common";
import { isTypeKind, numberOf, startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Reference } from "../2-analyze/bindings.ts";
import { isBeforeClass, isEarlyName } from "../2-analyze/class-parts.ts";
import { isModuleLevel } from "../2-analyze/scopes.ts";
import { code, type Edit, firstCharacter, patch, type Rope, type Slice, slice, walk } from "../ir/rope.ts";
import { classified, iteratorCall } from "./calls.ts";
import { classDeclaration, classText, superCall } from "./classes.ts";
import { closure, moduleFunction } from "./closures.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import {
  assignsConstant,
  block,
  constantOf,
  declarationList,
  forHead,
  forInOf,
  labeled,
  switchStatement,
  variableStatement,
} from "./declarations.ts";
import { rewriteIdentifier } from "./identifiers.ts";
import { objectLiteral } from "./object-literals.ts";
import { optionalChain } from "./optional-chains.ts";
import { catchClause } from "./self-capture.ts";
import { superText } from "./super.ts";
import type { Surroundings } from "./surroundings.ts";
import { taggedText } from "./templates.ts";

const NONE: readonly Edit[] = [];

export class Text implements TextWriter {
  readonly module: ModuleContext;
  readonly around: Surroundings;

  constructor(module: ModuleContext, around: Surroundings) {
    this.module = module;
    this.around = around;
  }

  text(node: ts.Node): Rope {
    return this.replacement(node) ?? this.kept(node);
  }

  /** The node's own text with only what is inside it rewritten. */
  kept(node: ts.Node, extra: readonly Edit[] = NONE): Rope {
    const { sourceFile } = this.module;
    if (node.kind <= TS.SyntaxKind.LastToken && extra.length === 0)
      return [slice(startOf(node, this.module.sourceFile), node.end)];
    const edits: Edit[] = [...extra];
    this.collect(numberOf(node) + 1, node, edits, extra);
    return patch(sourceFile.text, startOf(node, this.module.sourceFile), node.end, edits);
  }

  /** Rewrites a stretch of text: the given nodes and what is between them. */
  between(start: number, end: number, nodes: readonly ts.Node[], extra: readonly Edit[] = NONE): Rope {
    const edits: Edit[] = [...extra];
    for (const node of nodes) this.collect(numberOf(node), node, edits, NONE);
    return patch(this.module.sourceFile.text, start, end, edits);
  }

  textWith(node: ts.Node, edits: readonly Edit[]): Rope {
    return this.kept(node, edits);
  }

  argument(node: ts.Expression): Rope {
    const nothing = this.around.skipped?.get(node);
    const value = this.argumentText(node);
    return nothing === undefined ? value : code`${this.module.names.runtime}.reviving() ? ${nothing} : ${value}`;
  }

  private argumentText(node: ts.Expression): Rope {
    if (TS.isIdentifier(node)) return classified(this, node) ?? this.value(node);
    const isList = TS.isBinaryExpression(node) && node.operatorToken.kind === TS.SyntaxKind.CommaToken;
    return isList ? code`(${this.text(node)})` : this.text(node);
  }

  /** An operand as it is: a variable that is classified as a step is the operand of that step. */
  value(node: ts.Expression): Rope {
    if (!TS.isIdentifier(node)) return this.argument(node);
    const reference = this.module.scopes.reference(node);
    return (reference && this.plainIdentifier(reference)) ?? slice(startOf(node, this.module.sourceFile), node.end);
  }

  self(): Rope {
    return this.around.self;
  }

  closure(node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration, home?: Rope): Rope {
    return TS.isClassLike(node) ? classText(this, node)! : closure(this, node, home);
  }

  /** The cell itself, to be handed to a closure; or a name that is captured by value. */
  captured(binding: Binding, from: ts.Node): Rope {
    const slot = this.around.frame?.slotOf(binding);
    if (slot) return { type: "slot", slot, access: "read" };
    if (this.inOwnHead(from, binding)) return `${this.module.names.runtime}.tdz(${JSON.stringify(binding.name)})`;
    return this.module.captureName(binding, from);
  }

  cellName(binding: Binding): string {
    return binding.name + this.module.names.cell;
  }

  variable(identifier: ts.Identifier, binding: Binding, access: "read" | "write"): Rope | undefined {
    if (isModuleLevel(binding)) return undefined;
    const origin = slice(startOf(identifier, this.module.sourceFile), identifier.end);
    if (binding.kind === "self-name" && isBeforeClass(identifier, binding.scope.node)) return this.dead(origin);
    const slot = this.around.frame?.slotOf(binding);
    const inCell = this.inCell(binding) || isEarlyName(binding, identifier);
    if (!inCell) return slot && { type: "slot", slot, access, origin };
    if (slot) return [{ type: "slot", slot, access: "read", origin }, ".v"];
    if (this.inOwnHead(identifier, binding)) return this.dead(origin);
    return [origin, `${this.module.names.cell}.v`];
  }

  /** A variable that is known to be in its dead zone. */
  private dead(name: Slice): Rope {
    return [`${this.module.names.runtime}.tdz(`, { type: "mark", at: name.start }, code`"${name}").v`];
  }

  inCell(binding: Binding): boolean {
    return this.module.inCell(binding);
  }

  /** The head of a kept `for-in` or `for-of` sees its own variables uninitialized, and for ever (ECMA-262 14.7.5.12). */
  private inOwnHead(identifier: ts.Node, binding: Binding): boolean {
    const { node } = binding.scope;
    if (!TS.isForInStatement(node) && !TS.isForOfStatement(node)) return false;
    return (
      startOf(identifier, this.module.sourceFile) >= startOf(node.expression, this.module.sourceFile) &&
      identifier.end <= node.expression.end
    );
  }

  /** The durable form of a platform name: `$.Promise` for `Promise`, `$.setTimeout` for `globalThis.setTimeout`. */
  private platform(node: ts.Node): Rope | undefined {
    const name = this.module.calls.platformOf(node);
    if (name === undefined) return undefined;
    const word = TS.isPropertyAccessExpression(node) ? node.name : node;
    const origin = word.getText() === name ? slice(startOf(word, this.module.sourceFile), word.end) : name;
    return [`${this.module.durableModule(name)}.`, origin];
  }

  /** The identifier's new form, before it is fitted to its place. */
  private plainIdentifier({ node, access, binding }: Reference): Rope | undefined {
    if (!binding || binding.kind === "import") {
      const platform = this.platform(node);
      if (platform !== undefined) return platform;
    }
    if (!binding) return node.text === "arguments" ? this.around.args : undefined;
    if (isModuleLevel(binding)) return undefined;
    // Plain assignments were turned into a throw before they came here; a pattern or a loop would assign it after all.
    if (access === "write" && isConstant(binding))
      return code`${this.module.names.runtime}.unassignable(${constantOf(this, node, binding)}).v`;
    return this.variable(node, binding, access === "write" ? "write" : "read");
  }

  private identifier(node: ts.Identifier): Rope | undefined {
    const reference = this.module.scopes.reference(node);
    if (reference === undefined) return undefined;
    const step = classified(this, node);
    if (step !== undefined) return step;
    const member = this.plainIdentifier(reference);
    if (member === undefined || member === node.text) return undefined;
    // The runtime's own functions do not look at `this`.
    return rewriteIdentifier(node, member, this.module.calls.platformOf(node) !== undefined);
  }

  /** Rewrites what is inside `node` from that number on, but for what `given` edits replace already. */
  private collect(from: number, node: ts.Node, edits: Edit[], given: readonly Edit[]): void {
    const { sourceFile, tree } = this.module;
    const { nodes, kinds, ends } = tree;
    const { Identifier } = TS.SyntaxKind;
    const end = ends[numberOf(node)]!;
    for (let at = from; at < end; ) {
      // Punctuation and literals stay as they are.
      if (kinds[at]! < Identifier) {
        at++;
        continue;
      }
      const inside = nodes[at]!;
      if (given.length > 0 && given.some((edit) => isReplaced(inside, edit, sourceFile))) {
        at = ends[at]!;
        continue;
      }
      // A node that holds a given edit is no longer what it was: only its children are rewritten.
      const holdsGiven = given.length > 0 && given.some((edit) => isInside(edit, inside));
      const rope = this.around.skipped?.has(inside)
        ? this.argument(inside as ts.Expression)
        : holdsGiven
          ? undefined
          : this.replacement(inside);
      if (rope === undefined) at++;
      else {
        edits.push({ start: startOf(inside, sourceFile), end: inside.end, with: rope });
        at = ends[at]!;
      }
    }
  }

  /** New text of a node that fits where it stands, or undefined when only its children may change. */
  private replacement(node: ts.Node): Rope | undefined {
    const rope = this.rewritten(node);
    return rope !== undefined && isConstructed(node) && hasCall(rope) ? code`(${rope})` : rope;
  }

  private rewritten(node: ts.Node): Rope | undefined {
    const K = TS.SyntaxKind;
    const { kind } = node;
    // The most frequent: no type, no chain, no call of an iterator.
    if (kind === K.Identifier) return this.identifier(node as ts.Identifier);
    if (kind === K.ExpressionWithTypeArguments) return undefined;
    if (
      isTypeKind(kind) ||
      kind === K.InterfaceDeclaration ||
      kind === K.TypeAliasDeclaration ||
      kind === K.TypeParameter
    )
      return slice(startOf(node, this.module.sourceFile), node.end);
    if (kind === K.CallExpression) {
      if (isSuperCall(node) && this.around.selfCell !== null && this.around.self === "this")
        return code`(${superCall(this.module, node, this.kept(node), this.around.selfCell)}, ${this.around.selfCell}.init = this)`;
      const call = optionalChain(this, node) ?? classified(this, node) ?? iteratorCall(this, node);
      if (call !== undefined) return call;
    } else {
      const call = optionalChain(this, node) ?? classified(this, node);
      if (call !== undefined) return call;
    }
    switch (kind) {
      case K.ThisKeyword:
        return this.around.self === "this" ? undefined : this.around.self;
      case K.MetaProperty:
        return (node as ts.MetaProperty).keywordToken === K.NewKeyword ? this.around.target : undefined;
      case K.ModuleDeclaration:
        return this.namespace(node as ts.ModuleDeclaration);
      case K.FunctionDeclaration:
        // Hoisted by the scope it stands in.
        if (this.around.volatile) return undefined;
        return TS.isSourceFile(node.parent) ? moduleFunction(this, node as ts.FunctionDeclaration) : "";
      case K.FunctionExpression:
      case K.ArrowFunction:
        return this.around.volatile ? undefined : closure(this, node as ts.FunctionExpression);
      case K.ClassDeclaration:
        return classDeclaration(this, node as ts.ClassDeclaration);
      case K.ClassExpression:
        return classText(this, node as ts.ClassLikeDeclaration);
      case K.TaggedTemplateExpression:
        return taggedText(this, node);
      case K.ObjectLiteralExpression:
        return objectLiteral(this, node as ts.ObjectLiteralExpression);
      case K.Block:
        return this.around.volatile ? undefined : block(this, node as ts.Block);
      case K.CatchClause:
        return catchClause(this, node as ts.CatchClause);
      case K.SwitchStatement:
        return this.around.volatile ? undefined : switchStatement(this, node as ts.SwitchStatement);
      case K.VariableStatement:
        return variableStatement(this, node as ts.VariableStatement);
      case K.VariableDeclarationList:
        return declarationList(this, node as ts.VariableDeclarationList);
      case K.ForStatement:
        return forHead(this, node as ts.ForStatement);
      case K.LabeledStatement:
        return labeled(this, node as ts.LabeledStatement);
      case K.ForInStatement:
      case K.ForOfStatement:
        return forInOf(this, node as ts.ForInOrOfStatement);
      case K.BinaryExpression:
      case K.PrefixUnaryExpression:
      case K.PostfixUnaryExpression:
        return assignsConstant(this, node as ts.Expression) ?? superText(this, node);
      case K.DeleteExpression:
      case K.CallExpression:
      case K.PropertyAccessExpression:
      case K.ElementAccessExpression:
        return this.platform(node) ?? superText(this, node);
      case K.ReturnStatement: {
        const { expression } = node as ts.ReturnStatement;
        return this.around.frame?.returns(expression ? this.text(expression) : null);
      }
      case K.BreakStatement:
      case K.ContinueStatement:
        return this.around.frame?.jumps(node as ts.BreakOrContinueStatement);
      case K.ExpressionStatement:
        return this.expressionStatement(node as ts.ExpressionStatement);
      default:
        return undefined;
    }
  }

  /** A namespace is a function that TypeScript makes; durable functions in one are refused. */
  private namespace(node: ts.ModuleDeclaration): Rope {
    const visit = (child: ts.Node): boolean =>
      this.module.functions.of(child) !== undefined || TS.forEachChild(child, visit) === true;
    if (visit(node)) this.module.report("PD1105", node, { construct: "a namespace with functions" });
    return slice(startOf(node, this.module.sourceFile), node.end);
  }

  /** Text that now begins with `(` must not become a call of what stands on the line before it (ECMA-262 12.10). */
  private expressionStatement(node: ts.ExpressionStatement): Rope | undefined {
    const rope = this.kept(node);
    const source = this.module.sourceFile.text;
    const inList = TS.isBlock(node.parent) || TS.isSourceFile(node.parent) || TS.isCaseOrDefaultClause(node.parent);
    const begins = firstCharacter(rope, source) === "(" && source.charAt(startOf(node, this.module.sourceFile)) !== "(";
    return inList && begins ? [";", rope] : rope;
  }
}

const isSuperCall = (node: ts.Node): boolean =>
  TS.isCallExpression(node) && node.expression.kind === TS.SyntaxKind.SuperKeyword;

const isReplaced = (node: ts.Node, { start, end }: Edit, sourceFile: ts.SourceFile): boolean =>
  end > start && start <= startOf(node, sourceFile) && end >= node.end;

/** Is the edit one of a part of the node? An insertion at its edge is none. */
const isInside = ({ start, end }: Edit, node: ts.Node): boolean =>
  start === end ? start > node.getStart() && end < node.end : start >= node.getStart() && end <= node.end;

/** Does `new` begin with it? A call there would be taken for the construction (MemberExpression, ECMA-262 13.3). */
function isConstructed(node: ts.Node): boolean {
  let at = node;
  for (
    let { parent } = at;
    ((TS.isPropertyAccessExpression(parent) || TS.isElementAccessExpression(parent)) && parent.expression === at) ||
    (TS.isTaggedTemplateExpression(parent) && parent.tag === at);
    { parent } = at
  )
    at = parent;
  return TS.isNewExpression(at.parent) && at.parent.expression === at;
}

function hasCall(rope: Rope): boolean {
  let found = false;
  walk(rope, (piece) => {
    if (typeof piece === "string" && piece.includes("(")) found = true;
  });
  return found;
}

const isConstant = (binding: Binding): boolean => ["const", "using", "self-name"].includes(binding.kind);
