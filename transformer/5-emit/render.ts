/** A rope to text and source map. Every word of the user's maps to itself; generated text maps to nothing. */

import { GenMapping, maybeAddMapping, setSourceContent, toEncodedMap } from "@jridgewell/gen-mapping";
import type { ts } from "@ts-morph/common";
import { type Piece, type Rope, walk } from "../ir/rope.ts";

export interface Rendered {
  readonly code: string;
  /** Version 3; its only source is the file's base name. */
  readonly map: unknown;
}

/** Identifiers (with `#` and `$`), and every other character that is no space: the places where a debugger may stop. */
const WORD = /[\p{ID_Continue}$#]+|[^\p{ID_Continue}$#\s]/gu;
const IN_IDENTIFIER = /[\p{ID_Continue}$#]/u;

/** As the pattern above says; nearly all text is ASCII. */
function isInIdentifier(text: string): boolean {
  const unit = text.charCodeAt(0);
  if (unit > 0x7f) return IN_IDENTIFIER.test(text);
  const letter = unit | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x5f ||
    unit === 0x24 ||
    unit === 0x23
  );
}

/** `frame`: the name of the frame in the step functions. */
export function render(rope: Rope, sourceFile: ts.SourceFile, baseName: string, frame: string): Rendered {
  const source = sourceFile.text;
  const lineStarts = sourceFile.getLineStarts();
  const map = new GenMapping({ file: baseName });
  setSourceContent(map, baseName, source);
  let out = "";
  let line = 1;
  let column = 0;
  const put = (text: string): void => {
    out += text;
    const last = text.lastIndexOf("\n");
    if (last < 0) column += text.length;
    else {
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line++;
      column = text.length - last - 1;
    }
  };
  /** The line of the place before: most places follow each other. */
  let near = 0;
  const mapping = { generated: { line: 0, column: 0 }, source: baseName, original: { line: 0, column: 0 } };
  const mark = (offset: number): void => {
    if (lineStarts[near]! > offset || offset - lineStarts[near]! > 1000)
      near = sourceFile.getLineAndCharacterOfPosition(offset).line;
    while (near + 1 < lineStarts.length && lineStarts[near + 1]! <= offset) near++;
    mapping.generated.line = line;
    mapping.generated.column = column;
    mapping.original.line = near + 1;
    mapping.original.column = offset - lineStarts[near]!;
    maybeAddMapping(map, mapping);
  };
  /**
   * Where generated text comes from: the end of what stands before it, or the place that a mark names. Never an identifier,
   * which it is not; and never nothing, because hosts that compose maps take unmapped text for the word before it.
   */
  let glue = -1;
  const generated = (): void => {
    if (glue >= 0) mark(glue);
  };
  const putSlice = (start: number, end: number): void => {
    const text = source.slice(start, end);
    let at = 0;
    WORD.lastIndex = 0;
    for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) {
      const [word] = match;
      if (match.index > at) put(text.slice(at, match.index));
      mark(start + match.index);
      out += word;
      column += word.length;
      at = match.index + word.length;
      // A word ends where no identifier can begin; a punctuation mark is none itself.
      glue = isInIdentifier(word) ? start + at : start + match.index;
    }
    if (at < text.length) put(text.slice(at));
  };
  walk(rope, (piece: Piece) => {
    if (typeof piece === "string") {
      if (piece === "") return;
      generated();
      put(piece);
    } else if (piece.type === "mark") {
      glue = piece.at;
    } else if (piece.type === "slice") {
      putSlice(piece.start, piece.end);
    } else if (piece.type === "label") {
      generated();
      put(JSON.stringify(piece.block.label));
    } else if (piece.access === "key") {
      generated();
      put(piece.value === piece.slot.name ? piece.slot.name : `${piece.slot.name}: ${piece.value ?? "undefined"}`);
    } else {
      generated();
      put(`${frame}.`);
      if (piece.origin) {
        mark(piece.origin.start);
        glue = piece.origin.end;
      }
      put(piece.slot.name);
    }
  });
  return { code: out, map: toEncodedMap(map) };
}
