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

/** `frame`: the name of the frame in the step functions. */
export function render(rope: Rope, sourceFile: ts.SourceFile, baseName: string, frame: string): Rendered {
  const source = sourceFile.text;
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
      for (const character of text) if (character === "\n") line++;
      column = text.length - last - 1;
    }
  };
  const mark = (offset: number): void => {
    const at = sourceFile.getLineAndCharacterOfPosition(offset);
    maybeAddMapping(map, {
      generated: { line, column },
      source: baseName,
      original: { line: at.line + 1, column: at.character },
    });
  };
  /** Without this, generated text would be taken for a part of the word before it. */
  const unmapped = (): void => maybeAddMapping(map, { generated: { line, column } });
  const putSlice = (start: number, end: number): void => {
    let at = start;
    for (const match of source.slice(start, end).matchAll(WORD)) {
      put(source.slice(at, start + match.index));
      at = start + match.index;
      mark(at);
      put(match[0]);
      at += match[0].length;
    }
    put(source.slice(at, end));
  };
  walk(rope, (piece: Piece) => {
    if (typeof piece === "string") {
      if (piece === "") return;
      unmapped();
      put(piece);
    } else if (piece.type === "slice") putSlice(piece.start, piece.end);
    else if (piece.type === "label") {
      unmapped();
      put(JSON.stringify(piece.block.label));
    } else if (piece.access === "key") {
      unmapped();
      put(piece.value === piece.slot.name ? piece.slot.name : `${piece.slot.name}: ${piece.value ?? "undefined"}`);
    } else {
      unmapped();
      put(`${frame}.`);
      if (piece.origin) mark(piece.origin.start);
      put(piece.slot.name);
    }
  });
  return { code: out, map: toEncodedMap(map) };
}
