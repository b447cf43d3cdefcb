/**
 * Fingerprints: a hash of a function's own text, with the functions inside it, comments and white space left out. Two
 * builds with the same fingerprint run the same code at the same labels, whatever happened around it.
 */
import { hash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { withPlainEnds } from "../ir/line-ends.ts";
import { classOf, SPACE, WORD } from "../ir/words.ts";

/** Of the punctuation that stands between nodes, what is a token whatever follows it: by the unit of the text. */
const ALONE: Uint8Array = new Uint8Array(0x80);
for (const character of "()[]{},;:") ALONE[character.charCodeAt(0)] = 1;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const HASH = 0x23;

/**
 * Gives the fingerprints of a file's nodes: 16 hexadecimal digits, enough for the versions of one function. The tokens of the file are listed once, since
 * functions nest. They are what `getChildren` would give, which makes a node for each.
 */
export function fingerprints(tree: Tree): (node: ts.Node) => string {
  const { sourceFile, nodes, kinds, ends } = tree;
  const { text } = sourceFile;
  const { LastToken, JsxText } = TS.SyntaxKind;
  const scanner = TS.createScanner(TS.ScriptTarget.Latest, true, TS.LanguageVariant.Standard, text);
  /** The tokens in UTF-8, a zero after each. A unit of the text takes three bytes at most, a token has one at least. */
  const tokens = Buffer.allocUnsafe(4 * text.length);
  let length = 0;
  /** By number: where the tokens of a node begin and end. */
  const begins = new Uint32Array(nodes.length);
  const finishes = new Uint32Array(nodes.length);
  /** How far the text has been read. */
  let read = 0;

  const put = (begin: number, end: number): void => {
    for (let at = begin; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === CARRIAGE_RETURN) {
        tokens[length++] = LINE_FEED;
        if (text.charCodeAt(at + 1) === LINE_FEED) at++;
      } else if (unit < 0x80) tokens[length++] = unit;
      else {
        length += tokens.write(withPlainEnds(text.slice(at, end)), length);
        break;
      }
    }
    tokens[length++] = 0;
  };

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
      else if (ALONE[text.charCodeAt(read)] !== 1) {
        scanner.resetTokenState(read);
        scanner.scan();
        read = scanner.getTokenStart();
        tokenEnd = scanner.getTokenEnd();
        if (tokenEnd > end || tokenEnd === read) break;
      }
      put(read, tokenEnd);
      read = tokenEnd;
    }
    read = end;
  };

  /** Where a token begins: a word stands behind one blank, or none, as a rule. A `#` may be that of a `#!` line. */
  const startOf = (node: ts.Node): number => {
    const at = text.charCodeAt(node.pos) === BLANK ? node.pos + 1 : node.pos;
    const unit = text.charCodeAt(at);
    const isWord = unit < 0x80 && unit !== HASH && classOf(text, at) === WORD;
    return isWord && node.kind !== JsxText ? at : node.getStart(sourceFile);
  };

  const open: number[] = [];
  const close = (before: number): void => {
    while (open.length > 0 && ends[open.at(-1)!]! <= before) {
      const number = open.pop()!;
      between(nodes[number]!.end);
      finishes[number] = length;
    }
  };
  for (let number = 0; number < nodes.length; number++) {
    close(number);
    const node = nodes[number]!;
    between(node.pos);
    begins[number] = length;
    if (kinds[number]! > LastToken) {
      open.push(number);
      continue;
    }
    const start = node.end > node.pos ? startOf(node) : node.end;
    if (start < node.end) put(start, node.end);
    read = node.end;
    finishes[number] = length;
  }
  close(nodes.length);
  return (node) => {
    const number = numberOf(node);
    return hash("sha256", tokens.subarray(begins[number], finishes[number])).slice(0, 16);
  };
}
