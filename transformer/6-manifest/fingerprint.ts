/**
 * Fingerprints: a hash of a function's own text, with the functions inside it, comments and white space left out. Two
 * builds with the same fingerprint run the same code at the same labels, whatever happened around it.
 */
import { createHash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";

/**
 * Gives the fingerprints of a file's nodes: 16 hexadecimal digits, enough for the versions of one function. The tokens of the file are listed once, since
 * functions nest. They are what `getChildren` would give, which makes a node for each.
 */
export function fingerprints(sourceFile: ts.SourceFile): (node: ts.Node) => string {
  const { text } = sourceFile;
  const { LastToken } = TS.SyntaxKind;
  const scanner = TS.createScanner(TS.ScriptTarget.Latest, true, TS.LanguageVariant.Standard, text);
  let tokens = "";
  /** Where the tokens of a node begin and end. */
  const ranges = new Map<ts.Node, readonly [start: number, end: number]>();

  /** Keywords and punctuation, which stand between the nodes of the tree. */
  const between = (start: number, end: number): void => {
    if (start >= end) return;
    scanner.resetTokenState(start);
    for (;;) {
      scanner.scan();
      const tokenEnd = scanner.getTokenEnd();
      if (tokenEnd > end || tokenEnd === scanner.getTokenStart()) return;
      tokens += `${text.slice(scanner.getTokenStart(), tokenEnd)}\0`;
      if (tokenEnd === end) return;
    }
  };
  const visit = (node: ts.Node): void => {
    const start = tokens.length;
    if (node.kind <= LastToken) {
      if (node.end > node.pos) {
        const own = text.slice(node.getStart(sourceFile), node.end);
        if (own !== "") tokens += `${own}\0`;
      }
      return;
    }
    let at = node.getStart(sourceFile);
    TS.forEachChild(node, (child) => {
      between(at, child.pos);
      visit(child);
      at = child.end;
    });
    between(at, node.end);
    if (TS.isFunctionLike(node) || TS.isClassLike(node)) ranges.set(node, [start, tokens.length]);
  };
  visit(sourceFile);
  return (node) => {
    const known = ranges.get(node);
    let list: string;
    if (known !== undefined) list = tokens.slice(known[0], known[1]);
    else {
      // Expressions that are lifted: few, and short.
      const before = tokens.length;
      visit(node);
      list = tokens.slice(before);
    }
    return createHash("sha256").update(list).digest("hex").slice(0, 16);
  };
}
