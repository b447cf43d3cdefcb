/**
 * Fingerprints: a hash of a function's own text, with the functions inside it, comments and white space left out. Two
 * builds with the same fingerprint run the same code at the same labels, whatever happened around it.
 */
import { hash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { numberOf, startOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import { withPlainEnds } from "../ir/line-ends.ts";
import { classOf, PUNCTUATION, SPACE, WORD } from "../ir/words.ts";

/** Of the punctuation that stands between nodes, what is a token whatever follows it: by the unit of the text. */
const ALONE: Uint8Array = new Uint8Array(0x80);
for (const character of "()[]{},;:") ALONE[character.charCodeAt(0)] = 1;

/** Is this punctuation a token by itself? No operator goes on with a bracket, and no comment begins before a word or a blank. */
const standsAlone = (text: string, at: number): boolean =>
  ALONE[text.charCodeAt(at)] === 1 || ALONE[text.charCodeAt(at + 1)] === 1 || classOf(text, at + 1) !== PUNCTUATION;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The fingerprints of these nodes of a file: 16 hexadecimal digits, enough for the versions of one function. Their tokens are listed once, since
 * functions nest. They are what `getChildren` would give, which makes a node for each.
 */
export function fingerprints(tree: Tree, asked: readonly ts.Node[]): ReadonlyMap<ts.Node, string> {
  const { sourceFile, nodes, kinds, ends } = tree;
  const { text } = sourceFile;
  const { LastToken } = TS.SyntaxKind;
  const found = new Map<ts.Node, string>();
  const isAsked = new Uint8Array(nodes.length);
  for (const node of asked) isAsked[numberOf(node)] = 1;
  /** Made for the few tokens that more than a look at two characters tells: a scanner is some sixty functions. */
  let scanner: ts.Scanner | undefined;
  /** The tokens in UTF-8, a zero after each. A unit of the text takes three bytes at most, a token has one at least. */
  const tokens = Buffer.allocUnsafe(4 * text.length);
  let length = 0;
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
      else if (!standsAlone(text, read)) {
        scanner ??= TS.createScanner(TS.ScriptTarget.Latest, true, TS.LanguageVariant.Standard, text);
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

  /** The nodes that are asked about and open here, and where the tokens of each begin. */
  const open: number[] = [];
  const begins: number[] = [];
  const close = (before: number): void => {
    while (open.length > 0 && ends[open.at(-1)!]! <= before) {
      const node = nodes[open.pop()!]!;
      between(node.end);
      found.set(node, hash("sha256", tokens.subarray(begins.pop(), length)).slice(0, 16));
    }
  };
  for (let number = 0; number < nodes.length; number++) {
    close(number);
    if (isAsked[number] === 1) {
      const { pos } = nodes[number]!;
      // What stands between functions of the module is part of none.
      if (open.length === 0) read = pos;
      else between(pos);
      open.push(number);
      begins.push(length);
    }
    if (open.length === 0 || kinds[number]! > LastToken) continue;
    const node = nodes[number]!;
    between(node.pos);
    const start = node.end > node.pos ? startOf(node, sourceFile) : node.end;
    if (start < node.end) put(start, node.end);
    read = node.end;
  }
  close(nodes.length);
  return found;
}
