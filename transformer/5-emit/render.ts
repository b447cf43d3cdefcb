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
  /**
   * Where generated text comes from: the end of what stands before it, or the place that a mark names. Never an identifier,
   * which it is not; and never nothing, because hosts that compose maps take unmapped text for the word before it.
   */
  let glue = -1;
  const generated = (): void => {
    if (glue >= 0) mark(glue);
  };
  const putSlice = (start: number, end: number): void => {
    let at = start;
    for (const match of source.slice(start, end).matchAll(WORD)) {
      put(source.slice(at, start + match.index));
      at = start + match.index;
      mark(at);
      put(match[0]);
      // A word ends where no identifier can begin; a punctuation mark is none itself.
      glue = /[\p{ID_Continue}$#]/u.test(match[0]) ? at + match[0].length : at;
      at += match[0].length;
    }
    put(source.slice(at, end));
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
