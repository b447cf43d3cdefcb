/**
 * Fingerprints: a hash of a function's own text, with the functions inside it, comments and white space left out. Two
 * builds with the same fingerprint run the same code at the same labels, whatever happened around it.
 */
import { createHash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { classOf, SPACE, WORD } from "../ir/words.ts";

/** Of the punctuation that stands between nodes, what is a token whatever follows it. */
const ALONE = "()[]{},;:";

/**
 * Gives the fingerprints of a file's nodes: 16 hexadecimal digits, enough for the versions of one function. The tokens of the file are listed once, since
 * functions nest. They are what `getChildren` would give, which makes a node for each.
 */
export function fingerprints(tree: Tree): (node: ts.Node) => string {
  const { sourceFile, nodes, kinds, ends } = tree;
  const { text } = sourceFile;
  const { LastToken } = TS.SyntaxKind;
  const scanner = TS.createScanner(TS.ScriptTarget.Latest, true, TS.LanguageVariant.Standard, text);
  let tokens = "";
  /** By number: where the tokens of a node begin and end. */
  const begins = new Uint32Array(nodes.length);
  const finishes = new Uint32Array(nodes.length);
  /** How far the text has been read. */
  let read = 0;

  /** Keywords and punctuation, which stand between the nodes that are tokens themselves. */
  const between = (end: number): void => {
    while (read < end) {
      const kind = classOf(text, read);
      if (kind === SPACE) {
        read++;
        continue;
      }
      let tokenEnd = read + 1;
      if (kind === WORD) while (tokenEnd < end && classOf(text, tokenEnd) === WORD) tokenEnd++;
      else if (!ALONE.includes(text.charAt(read))) {
        scanner.resetTokenState(read);
        scanner.scan();
        read = scanner.getTokenStart();
        tokenEnd = scanner.getTokenEnd();
        if (tokenEnd > end || tokenEnd === read) break;
      }
      tokens += `${text.slice(read, tokenEnd)}\0`;
      read = tokenEnd;
    }
    read = end;
  };

  const open: number[] = [];
  const close = (before: number): void => {
    while (open.length > 0 && ends[open.at(-1)!]! <= before) {
      const number = open.pop()!;
      between(nodes[number]!.end);
      finishes[number] = tokens.length;
    }
  };
  for (let number = 0; number < nodes.length; number++) {
    close(number);
    const node = nodes[number]!;
    between(node.pos);
    begins[number] = tokens.length;
    if (kinds[number]! > LastToken) {
      open.push(number);
      continue;
    }
    const own = node.end > node.pos ? text.slice(node.getStart(sourceFile), node.end) : "";
    if (own !== "") tokens += `${own}\0`;
    read = node.end;
    finishes[number] = tokens.length;
  }
  close(nodes.length);
  return (node) => {
    const number = numberOf(node);
    const list = tokens.slice(begins[number], finishes[number]);
    return createHash("sha256").update(list).digest("hex").slice(0, 16);
  };
}
