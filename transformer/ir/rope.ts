/**
 * Generated text as a rope: strings, slices of the user's source, and holes for what later phases decide (slot names,
 * labels). Slices may be moved and used twice, and each keeps its exact place in the source map; TypeScript and JSX
 * inside a slice are never printed anew, so they cannot be got wrong.
 */
import type { Piece, Rope, Slice } from "./ir.ts";

export type { LabelHole, Mark, Piece, Rope, Slice, SlotHole } from "./ir.ts";

export const slice = (start: number, end: number): Slice => ({ type: "slice", start, end });

/** Template tag: `code\`return ${value};\``. */
export const code = (strings: TemplateStringsArray, ...holes: readonly Rope[]): Rope => {
  const out: Rope[] = [];
  for (let i = 0; i < strings.length; i++) {
    if (strings[i] !== "") out.push(strings[i]!);
    if (i < holes.length) out.push(holes[i]!);
  }
  return out;
};

/** Ropes with a separator between them. */
export const join = (ropes: readonly Rope[], separator: string): Rope => {
  const out: Rope[] = [];
  for (const rope of ropes) {
    if (out.length > 0) out.push(separator);
    out.push(rope);
  }
  return out;
};

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly with: Rope;
}

const WORD = /[\p{ID_Continue}$#]/u;

/** A source range in which inner ranges are replaced; edits may not overlap. What stood apart by punctuation alone, `return(x)`, stays apart. */
export const patch = (source: string, start: number, end: number, edits: readonly Edit[]): Rope => {
  const out: Rope[] = [];
  let at = start;
  const sorted = edits.length < 2 ? edits : [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const edit of sorted) {
    if (edit.start > at) out.push(slice(at, edit.start));
    const stoodApart =
      edit.end > edit.start && !WORD.test(source.charAt(edit.start)) && WORD.test(source.charAt(edit.start - 1));
    if (stoodApart && WORD.test(firstCharacter(edit.with, source))) out.push(" ");
    out.push(edit.with);
    at = edit.end;
  }
  if (at < end) out.push(slice(at, end));
  return out;
};

/** Calls `each` for every piece, in order. */
export const walk = (rope: Rope, each: (piece: Piece) => void): void => {
  if (!Array.isArray(rope)) each(rope as Piece);
  else for (let i = 0; i < rope.length; i++) walk(rope[i] as Rope, each);
};

/** First character of the text; slices answer by the source. */
export const firstCharacter = (rope: Rope, source: string): string => {
  let first = "";
  walk(rope, (piece) => {
    if (first !== "") return;
    if (typeof piece === "string") first = piece.charAt(0);
    else if (piece.type === "mark") return;
    else if (piece.type === "slice") first = source.charAt(piece.start);
    else first = "f";
  });
  return first;
};
