/** A rope to text and source map. Every word of the user's maps to itself; generated text maps to nothing. */

import type { ts } from "@ts-morph/common";
import { isAssembled, writtenFile, writtenOffset } from "../1-parse/assembled.ts";
import type { Piece, Rope } from "../ir/rope.ts";
import { classOf, SPACE, WORD, widthOf } from "../ir/words.ts";
import { labelText } from "./machine.ts";
import { Mappings } from "./mappings.ts";

export interface Rendered {
  readonly code: string;
  /** Version 3; its only source is the file's base name. */
  readonly map: unknown;
}

const NEWLINE = 0x0a;

/** `frame`: the name of the frame in the step functions. */
export function render(rope: Rope, sourceFile: ts.SourceFile, baseName: string, frame: string): Rendered {
  const source = sourceFile.text;
  const written = writtenFile(sourceFile);
  const assembled = isAssembled(sourceFile);
  const lineStarts = written.getLineStarts();
  const mappings = new Mappings();
  let out = "";
  let line = 0;
  let column = 0;
  const put = (text: string): void => {
    out += text;
    column += text.length;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      line++;
      column = text.length - at - 1;
    }
  };
  /** The line of the place before: most places follow each other. */
  let near = 0;
  let marked = -1;
  let markedLine = -1;
  const mark = (place: number): void => {
    const offset = assembled ? writtenOffset(sourceFile, place) : place;
    // Pieces of generated text follow each other, and all come from the same place.
    if (offset === marked && line === markedLine) return;
    marked = offset;
    markedLine = line;
    if (lineStarts[near]! > offset || offset - lineStarts[near]! > 1000)
      near = written.getLineAndCharacterOfPosition(offset).line;
    while (near + 1 < lineStarts.length && lineStarts[near + 1]! <= offset) near++;
    mappings.add(line, column, near, offset - lineStarts[near]!);
  };
  /**
   * Where generated text comes from: the end of what stands before it, or the place that a mark names. Never an identifier,
   * which it is not; and never nothing, because hosts that compose maps take unmapped text for the word before it.
   */
  let glue = -1;
  const generated = (): void => {
    if (glue >= 0) mark(glue);
  };
  /** Every word, and every other character that is no space, is a place where a debugger may stop. */
  const putSlice = (start: number, end: number): void => {
    out += source.slice(start, end);
    /** The offset that would stand in the generated line's first column. */
    let first = start - column;
    for (let at = start; at < end; ) {
      const kind = classOf(source, at);
      if (kind === SPACE) {
        if (source.charCodeAt(at++) !== NEWLINE) continue;
        line++;
        first = at;
        continue;
      }
      column = at - first;
      mark(at);
      // A word ends where no identifier can begin; a punctuation mark is none itself.
      glue = at;
      at += widthOf(source, at);
      if (kind !== WORD) continue;
      while (at < end && classOf(source, at) === WORD) at += widthOf(source, at);
      glue = at;
    }
    column = end - first;
  };
  const putPiece = (piece: Exclude<Piece, string>): void => {
    switch (piece.type) {
      case "mark":
        glue = piece.at;
        return;
      case "slice":
        return putSlice(piece.start, piece.end);
      case "label":
        generated();
        return put(labelText(piece.block));
      default:
    }
    generated();
    const { name } = piece.slot;
    if (piece.access === "key") return put(piece.value === name ? name : `${name}: ${piece.value ?? "undefined"}`);
    put(`${frame}.`);
    if (piece.origin) {
      mark(piece.origin.start);
      glue = piece.origin.end;
    }
    put(name);
  };
  const putRope = (rope: Rope): void => {
    if (typeof rope === "string") {
      if (rope === "") return;
      generated();
      put(rope);
    } else if (Array.isArray(rope)) for (let at = 0; at < rope.length; at++) putRope(rope[at] as Rope);
    else putPiece(rope as Exclude<Piece, string>);
  };
  putRope(rope);
  const map = {
    version: 3,
    file: baseName,
    names: [],
    sources: [baseName],
    sourcesContent: [written.text],
    mappings: String(mappings),
    ignoreList: [],
  };
  return { code: out, map };
}
