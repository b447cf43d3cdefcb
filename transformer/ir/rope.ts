/**
 * Generated text as a rope: strings, slices of the user's source, and holes for what later phases decide (slot names,
 * labels). Slices may be moved and used twice, and each keeps its exact place in the source map; TypeScript and JSX
 * inside a slice are never printed anew, so they cannot be got wrong.
 */
import type { Piece, Rope, Slice } from "./ir.ts";

export type { LabelHole, Mark, Piece, Rope, Slice, SlotHole } from "./ir.ts";

export const slice = (start: number, end: number): Slice => ({ type: "slice", start, end });

/** Template tag: `code\`return ${value};\``. */
export const code = (strings: TemplateStringsArray, ...holes: readonly Rope[]): Rope =>
  strings.flatMap((text, i): Rope[] => (i < holes.length ? [text, holes[i]!] : [text]));

/** Ropes with a separator between them. */
export const join = (ropes: readonly Rope[], separator: string): Rope =>
  ropes.flatMap((rope, i): Rope[] => (i === 0 ? [rope] : [separator, rope]));

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly with: Rope;
}

/** A source range in which inner ranges are replaced; edits may not overlap. */
export const patch = (start: number, end: number, edits: readonly Edit[]): Rope => {
  const out: Rope[] = [];
  let at = start;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start > at) out.push(slice(at, edit.start));
    out.push(edit.with);
    at = edit.end;
  }
  if (at < end) out.push(slice(at, end));
  return out;
};

/** Calls `each` for every piece, in order. */
export const walk = (rope: Rope, each: (piece: Piece) => void): void => {
  if (Array.isArray(rope)) for (const inner of rope) walk(inner, each);
  else each(rope as Piece);
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
