/**
 * The tree as a list: every node in the order of the text, each before what is inside it, so that a subtree is a stretch of the list. Analyses that ask
 * about each node by itself go through the list; what they find stands in tables under the nodes' numbers. Both cost a fraction of walks and of maps from nodes.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

export interface Tree {
  readonly sourceFile: ts.SourceFile;
  readonly nodes: readonly ts.Node[];
  /** By number: the kind of each node. */
  readonly kinds: Uint16Array;
  /** By number: where the list goes on behind what is inside the node. */
  readonly ends: Uint32Array;
}

/**
 * Where the node stands in the list. `id` is not in the public type. The parser makes it 0, and TypeScript's checker, which no tree of ours
 * ever meets, keeps its own numbers there for the same purpose.
 */
export const numberOf = (node: ts.Node): number => (node as unknown as { readonly id: number }).id;

/** The kinds of types, those of JSDoc included, which parse anywhere; not the base of a class, whose expression is a value. */
export function isTypeKind(kind: ts.SyntaxKind): boolean {
  const K = TS.SyntaxKind;
  return (kind >= K.FirstTypeNode && kind <= K.LastTypeNode) || (kind >= K.FirstJSDocNode && kind <= K.LastJSDocNode);
}

/** Numbers the nodes of a file, and gives each its parent. */
export function listTree(sourceFile: ts.SourceFile): Tree {
  const nodes: ts.Node[] = [];
  const ends: number[] = [];
  const { LastToken } = TS.SyntaxKind;
  let parent: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    const open = node as { id: number; parent: ts.Node | undefined } & ts.Node;
    const number = nodes.push(node) - 1;
    open.id = number;
    ends.push(number + 1);
    if (parent !== undefined) open.parent = parent;
    if (node.kind <= LastToken) return;
    const outer = parent;
    parent = node;
    TS.forEachChild(node, visit);
    parent = outer;
    ends[number] = nodes.length;
  };
  visit(sourceFile);
  const kinds = new Uint16Array(nodes.length);
  for (let at = 0; at < nodes.length; at++) kinds[at] = nodes[at]!.kind;
  return { sourceFile, nodes, kinds, ends: new Uint32Array(ends) };
}

/** `forEachChild` from the list: it costs a fraction, and asks nothing of the nodes. */
export function eachChild({ nodes, ends }: Tree, node: ts.Node, each: (child: ts.Node) => void): void {
  const number = numberOf(node);
  const end = ends[number]!;
  for (let at = number + 1; at < end; at = ends[at]!) each(nodes[at]!);
}

/** Are all nodes of this subtree, types left out, as they should be? */
export function everyNode(tree: Tree, root: ts.Node, isGood: (node: ts.Node) => boolean): boolean {
  const end = tree.ends[numberOf(root)]!;
  for (let at = numberOf(root); at < end; at++) {
    if (isTypeKind(tree.kinds[at]!)) at = tree.ends[at]! - 1;
    else if (!isGood(tree.nodes[at]!)) return false;
  }
  return true;
}

/** Does the text of one stand within that of the other? */
export const contains = (outer: ts.Node, node: ts.Node): boolean => outer.pos <= node.pos && node.end <= outer.end;

/** What is known about nodes of one tree. */
export class NodeTable<Fact> {
  private readonly facts: (Fact | undefined)[];

  constructor(tree: Tree) {
    this.facts = new Array(tree.nodes.length);
  }

  get(node: ts.Node): Fact | undefined {
    return this.facts[numberOf(node)];
  }

  set(node: ts.Node, fact: Fact): void {
    this.facts[numberOf(node)] = fact;
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const BLANK = 0x20;

/** ASCII characters with which a token begins whatever follows them: no white space, and no beginning of a comment, a `#!` line or a conflict marker. */
const BEGINS: Uint8Array = new Uint8Array(0x80);
for (let unit = BLANK + 1; unit < 0x7f; unit++) BEGINS[unit] = "/#<=>|".includes(String.fromCharCode(unit)) ? 0 : 1;

/** `node.getStart(sourceFile)`, which looks for the file where it is not given it, for comments, and for what only documentation has. */
export function startOf(node: ts.Node, sourceFile: ts.SourceFile): number {
  const { text } = sourceFile;
  const { pos, end } = node;
  let at = pos;
  let unit = text.charCodeAt(at);
  while (unit === BLANK || unit === LINE_FEED || unit === CARRIAGE_RETURN || unit === TAB) unit = text.charCodeAt(++at);
  return at < end && unit < 0x80 && BEGINS[unit] === 1 ? at : node.getStart(sourceFile);
}
