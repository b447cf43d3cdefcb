/**
 * Generated text as a rope: strings, slices of the user's source, and holes for what later phases decide (slot names,
 * labels). Slices may be moved and used twice, and each keeps its exact place in the source map; TypeScript and JSX
 * inside a slice are never printed anew, so they cannot be got wrong.
 */
import type { Piece, Rope, Slice } from "./ir.ts";
import { classOf, WORD } from "./words.ts";

export type { LabelHole, Mark, Piece, Rope, Slice, SlotHole } from "./ir.ts";

export const slice = (start: number, end: number): Slice => ({ type: "slice", start, end });

/** Template tag: `code\`return ${value};\``. */
export const code = (strings: TemplateStringsArray, ...holes: readonly Rope[]): Rope => {
  // As large as it gets: an array that grows has room for 17 at first, and most ropes have five parts.
  let count = holes.length;
  for (let i = 0; i < strings.length; i++) if (strings[i] !== "") count++;
  const out: Rope[] = new Array(count);
  for (let i = 0, at = 0; i < strings.length; i++) {
    if (strings[i] !== "") out[at++] = strings[i]!;
    if (i < holes.length) out[at++] = holes[i]!;
  }
  return out;
};

/** Ropes with a separator between them. */
export const join = (ropes: readonly Rope[], separator: string): Rope => {
  if (ropes.length < 2) return ropes;
  const out: Rope[] = new Array(2 * ropes.length - 1);
  for (let i = 0; i < ropes.length; i++) {
    if (i > 0) out[2 * i - 1] = separator;
    out[2 * i] = ropes[i]!;
  }
  return out;
};

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly with: Rope;
}

/** A source range in which inner ranges are replaced; edits may not overlap. What stood apart by punctuation alone, `return(x)`, stays apart. */
export const patch = (source: string, start: number, end: number, edits: readonly Edit[]): Rope => {
  if (edits.length === 0) return start < end ? [slice(start, end)] : [];
  const out: Rope[] = [];
  let at = start;
  for (const edit of inOrder(edits)) {
    if (edit.start > at) out.push(slice(at, edit.start));
    const stoodApart =
      edit.end > edit.start && classOf(source, edit.start) !== WORD && classOf(source, edit.start - 1) === WORD;
    if (stoodApart && classOf(firstCharacter(edit.with, source), 0) === WORD) out.push(" ");
    out.push(edit.with);
    at = edit.end;
  }
  if (at < end) out.push(slice(at, end));
  return out;
};

/** Most are found in the order of the text. */
const inOrder = (edits: readonly Edit[]): readonly Edit[] => {
  for (let at = 1; at < edits.length; at++)
    if (compare(edits[at - 1]!, edits[at]!) > 0) return [...edits].sort(compare);
  return edits;
};

const compare = (a: Edit, b: Edit): number => a.start - b.start || a.end - b.end;

/** Calls `each` for every piece, in order. */
export const walk = (rope: Rope, each: (piece: Piece) => void): void => {
  if (!Array.isArray(rope)) each(rope as Piece);
  else for (let i = 0; i < rope.length; i++) walk(rope[i] as Rope, each);
};

/** First character of the text; slices answer by the source. Empty when there is none. */
export const firstCharacter = (rope: Rope, source: string): string => {
  if (!Array.isArray(rope)) return textOf(rope as Piece, source).charAt(0);
  for (let i = 0; i < rope.length; i++) {
    const first = firstCharacter(rope[i] as Rope, source);
    if (first !== "") return first;
  }
  return "";
};

/** Its last character, in the same way. */
export const lastCharacter = (rope: Rope, source: string): string => {
  if (!Array.isArray(rope)) return textOf(rope as Piece, source).slice(-1);
  for (let i = rope.length - 1; i >= 0; i--) {
    const last = lastCharacter(rope[i] as Rope, source);
    if (last !== "") return last;
  }
  return "";
};

/** What a piece begins and ends with: holes are printed as words. */
const textOf = (piece: Piece, source: string): string => {
  if (typeof piece === "string") return piece;
  if (piece.type === "slice") return source.slice(piece.start, piece.end);
  return piece.type === "mark" ? "" : "f";
};
