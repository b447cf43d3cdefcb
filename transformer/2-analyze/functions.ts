/**
 * The function table: every function and class of the durable part, with its code path, its `name` and what it takes
 * from around it. Captures are flat (Shao and Appel 1994): a function captures the cells it uses, and those that the
 * functions inside it use, never a whole scope.
 */
import type { ts } from "@ts-morph/common";
import { isStatic } from "../1-parse/modifiers.ts";
import { isTypeKind, NodeTable, numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, Scopes } from "./bindings.ts";
import { isAsync, isFunctionBoundary, isGenerator } from "./calls/syntax.ts";
import { inferredName, pathName } from "./naming.ts";
import { isModuleLevel } from "./scopes.ts";
import { activationOf } from "./suspension.ts";

/** What arrows take from the function around them, by value. */
export interface Lexical {
  self: boolean;
  args: boolean;
  target: boolean;
  /** The object literal whose method says `super`: its methods take it too, since they no longer stand in it. */
  home: boolean;
}

/** Where `super` is looked up: an object literal, or a class (`onClass`: itself, for static members) (ECMA-262 9.1.1.3.5). */
export interface SuperHome {
  readonly node: ts.ClassLikeDeclaration | ts.ObjectLiteralExpression;
  readonly onClass: boolean;
}

export interface FunctionInfo {
  readonly node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration;
  /** Name path, unique in the module: `settle/add`, `Order.pay`. */
  readonly path: string;
  /** The function's `name`, as the language infers it. */
  readonly name: string;
  readonly parent: FunctionInfo | null;
  /** An async function or a generator, and not inside a step. */
  readonly machine: boolean;
  readonly generator: "sync" | "async" | null;
  /** Captured variables of enclosing functions, by first use. */
  readonly captures: readonly Binding[];
  /** What it reads of `this`, `arguments` and `new.target`: its own, or for an arrow that of the function around. */
  readonly lexical: Lexical;
  /**
   * An arrow that may be made before the `super(…)` of the constructor whose `this` it reads, or that constructor: the arrow takes a cell, which is in its
   * dead zone until then (ECMA-262 9.1.1.3).
   */
  readonly lateSelf: boolean;
  /** The innermost class around it whose private names or `super` it uses, itself or in what is inside it: its code stands there. */
  readonly host: ts.ClassLikeDeclaration | null;
  /** Where the `super` that it uses, itself or in an arrow inside, is looked up. */
  readonly superHome: SuperHome | null;
}

export interface Functions {
  readonly all: readonly FunctionInfo[];
  of(node: ts.Node): FunctionInfo | undefined;
}

type OpenInfo = { -readonly [K in keyof FunctionInfo]: FunctionInfo[K] } & {
  captures: Binding[];
  parent: OpenInfo | null;
};

const isDurableFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration =>
  TS.isClassLike(node) || (TS.isFunctionLike(node) && (node as ts.FunctionLikeDeclaration).body !== undefined);

export function findFunctions(
  tree: Tree,
  roots: readonly ts.Node[],
  scopes: Scopes,
  volatile: ReadonlySet<ts.Node>,
): Functions {
  const all: OpenInfo[] = [];
  const byNode = new NodeTable<OpenInfo>(tree);
  const taken = new Set<string>();

  const uniquePath = (wanted: string): string => {
    let path = wanted;
    for (let n = 2; taken.has(path); n++) path = `${wanted}$${n}`;
    taken.add(path);
    return path;
  };
  const enter = (
    node: ts.FunctionLikeDeclaration | ts.ClassLikeDeclaration,
    parent: OpenInfo | null,
    isVolatile: boolean,
  ): OpenInfo => {
    const separator = TS.isClassElement(node) ? "." : "/";
    const own = pathName(node);
    const info: OpenInfo = {
      node,
      path: uniquePath(parent ? parent.path + separator + own : own),
      name: inferredName(node) ?? "",
      parent,
      machine: (isAsync(node) || isGenerator(node)) && !isVolatile,
      generator: isVolatile || !isGenerator(node) ? null : isAsync(node) ? "async" : "sync",
      captures: [],
      lexical: { self: false, args: false, target: false, home: false },
      lateSelf: false,
      host: null,
      superHome: null,
    };
    all.push(info);
    byNode.set(node, info);
    return info;
  };

  /** Marks something read from the activation of `node`: on each arrow passed, and on the function that has it. */
  const lexical = (node: ts.Node, mark: (info: OpenInfo) => void): void => {
    for (let at = activationOf(node); ; at = activationOf(at)) {
      const info = byNode.get(at);
      if (info) mark(info);
      if (!TS.isArrowFunction(at)) return;
    }
  };
  const isEarly = earlyArrows();
  /** `this`, or what needs it. */
  const self = (node: ts.Node, mark: (info: OpenInfo) => void): void => {
    const arrows: OpenInfo[] = [];
    lexical(node, (info) => {
      info.lexical.self = true;
      mark(info);
      const outermost = arrows.at(-1)?.node;
      if (outermost && TS.isConstructorDeclaration(info.node) && isEarly(info.node, outermost))
        for (const one of [...arrows, info]) one.lateSelf = true;
      arrows.push(info);
    });
  };
  /** Both classes stand around the function: the one that begins later is the inner one. */
  const stand = (info: OpenInfo, owner: ts.ClassLikeDeclaration): void => {
    if (!info.host || info.host.pos < owner.pos) info.host = owner;
  };
  /** Adds a variable to every function between its use and its home. */
  const capture = (node: ts.Node, binding: Binding): void => {
    for (let at: ts.Node = node.parent; at && !TS.isSourceFile(at); at = at.parent) {
      if (at === binding.scope.node || at === binding.scope.functionNode) break;
      const info = byNode.get(at);
      if (info && !info.captures.includes(binding)) info.captures.push(binding);
    }
  };

  /** What one node tells about the functions around it. Asked about every node, so by its kind. */
  const note = (node: ts.Node, kind: ts.SyntaxKind, inside: OpenInfo | null): void => {
    const K = TS.SyntaxKind;
    switch (kind) {
      case K.Identifier: {
        const name = node as ts.Identifier;
        const reference = scopes.reference(name);
        if (reference === undefined) return;
        const { binding } = reference;
        if (binding) {
          if (binding.captured && !isModuleLevel(binding)) capture(name, binding);
        } else if (name.text === "arguments") lexical(name, (info) => void (info.lexical.args = true));
        return;
      }
      case K.ThisKeyword:
        return self(node, () => {});
      case K.SuperKeyword: {
        const home = superHomeOf(node);
        return self(node, (info) => {
          if (!home) return;
          info.superHome = home;
          if (TS.isClassLike(home.node)) stand(info, home.node);
          else info.lexical.home = true;
        });
      }
      case K.MetaProperty:
        if ((node as ts.MetaProperty).keywordToken === K.NewKeyword)
          lexical(node, (info) => void (info.lexical.target = true));
        return;
      case K.PrivateIdentifier: {
        const owner = declaringClass(node as ts.PrivateIdentifier);
        for (let at = inside; owner && at && at.node !== owner; at = at.parent) stand(at, owner);
        return;
      }
      default:
    }
  };

  const { LastToken } = TS.SyntaxKind;
  for (const root of roots) {
    const end = tree.ends[numberOf(root)]!;
    /** The functions that are open here, and where they and the outermost function of a step end. */
    let inside: OpenInfo | null = null;
    let insideEnds = end;
    let volatileEnds = 0;
    for (let at = numberOf(root); at < end; ) {
      while (inside !== null && at >= insideEnds) {
        inside = inside.parent;
        insideEnds = inside === null ? end : tree.ends[numberOf(inside.node)]!;
      }
      const node: ts.Node = tree.nodes[at]!;
      const kind: ts.SyntaxKind = tree.kinds[at]!;
      if (kind > LastToken && isDurableFunction(node)) {
        if (volatile.has(node)) volatileEnds = Math.max(volatileEnds, tree.ends[at]!);
        inside = enter(node, inside, at < volatileEnds);
        insideEnds = tree.ends[at]!;
      }
      note(node, kind, inside);
      at = isTypeKind(kind) ? tree.ends[at]! : at + 1;
    }
  }
  return { all, of: (node) => byNode.get(node) };
}

/** May an arrow of this constructor be made before its `super(…)`? By position, unless that call stands in another statement. */
function earlyArrows(): (node: ts.ConstructorDeclaration, arrow: ts.Node) => boolean {
  const ends = new Map<ts.Node, number>();
  const endOf = (node: ts.ConstructorDeclaration): number => {
    if (!node.parent.heritageClauses?.some(({ token }) => token === TS.SyntaxKind.ExtendsKeyword)) return 0;
    let end = 0;
    const visit = (at: ts.Node): void => {
      if (isFunctionBoundary(at) && !TS.isArrowFunction(at)) return;
      if (TS.isCallExpression(at) && at.expression.kind === TS.SyntaxKind.SuperKeyword)
        end = Math.max(end, TS.isExpressionStatement(at.parent) && at.parent.parent === node.body ? at.end : node.end);
      TS.forEachChild(at, visit);
    };
    if (node.body) TS.forEachChild(node.body, visit);
    return end || node.end;
  };
  return (node, arrow) => {
    let end = ends.get(node);
    if (end === undefined) ends.set(node, (end = endOf(node)));
    return arrow.pos < end;
  };
}

/** The class that declares a private name (ECMA-262 9.2.1: the innermost around it that has the name). */
export function declaringClass(name: ts.PrivateIdentifier): ts.ClassLikeDeclaration | null {
  for (let at: ts.Node = name.parent; at; at = at.parent)
    if (TS.isClassLike(at) && at.members.some((member) => isNamed(member, name.text))) return at;
  return null;
}

/** By its meaning: a name may be written with escapes (ECMA-262 12.7.1). */
const isNamed = ({ name }: ts.ClassElement, text: string): boolean =>
  name !== undefined && TS.isPrivateIdentifier(name) && name.text === text;

/** Is it `o.#m` where `#m` is a method, no field or accessor? */
export function isPrivateMethod(node: ts.Node): boolean {
  if (!TS.isPropertyAccessExpression(node) || !TS.isPrivateIdentifier(node.name)) return false;
  const { text } = node.name;
  return declaringClass(node.name)?.members.some((one) => TS.isMethodDeclaration(one) && isNamed(one, text)) ?? false;
}

/** What `super` means at a node; null where it may not stand. */
export function superHomeOf(node: ts.Node): SuperHome | null {
  let at = activationOf(node);
  while (TS.isArrowFunction(at)) at = activationOf(at);
  const { parent } = at;
  if (!parent || !(TS.isClassLike(parent) || TS.isObjectLiteralExpression(parent))) return null;
  return { node: parent, onClass: TS.isClassLike(parent) && isStaticPart(at) };
}

const isStaticPart = (member: ts.Node): boolean => TS.isClassStaticBlockDeclaration(member) || isStatic(member);
