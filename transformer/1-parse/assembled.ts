/**
 * A text put together of stretches of another one and of words of ours. It is compiled like any other; but places are told as those of the text that the author
 * wrote, so every position that leaves the compiler is asked for here.
 */
import type { ts } from "@ts-morph/common";
import { type ParsedFile, parse } from "./parse.ts";

/** A stretch of the original; or words of ours, with the place in the original that they stand for. */
export type Part = { readonly start: number; readonly end: number } | { readonly text: string; readonly at: number };

interface Origin {
  /** The file as its author wrote it. */
  readonly sourceFile: ts.SourceFile;
  /** The offset in it that an offset in the new text comes from. */
  offsetOf(offset: number): number;
}

interface AssembledFile extends ts.SourceFile {
  origin?: Origin;
}

const originOf = (sourceFile: ts.SourceFile): Origin | undefined => (sourceFile as AssembledFile).origin;

export const isAssembled = (sourceFile: ts.SourceFile): boolean => originOf(sourceFile) !== undefined;

/** @param parts in the order of the new text */
export function parseAssembled(sourceFile: ts.SourceFile, parts: readonly Part[]): ParsedFile {
  const starts: number[] = [];
  let text = "";
  for (const part of parts) {
    starts.push(text.length);
    text += "text" in part ? part.text : sourceFile.text.slice(part.start, part.end);
  }
  const offsetOf = (offset: number): number => {
    let low = 0;
    for (let high = parts.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const part = parts[low]!;
    return "text" in part ? part.at : part.start + offset - starts[low]!;
  };
  const parsed = parse(sourceFile.fileName, text);
  (parsed.sourceFile as AssembledFile).origin = { sourceFile, offsetOf };
  return parsed;
}

/** The file as its author wrote it. */
export const writtenFile = (sourceFile: ts.SourceFile): ts.SourceFile => originOf(sourceFile)?.sourceFile ?? sourceFile;

/** Where it stands in that file. */
export const writtenOffset = (sourceFile: ts.SourceFile, offset: number): number =>
  originOf(sourceFile)?.offsetOf(offset) ?? offset;

export const writtenRange = (sourceFile: ts.SourceFile, start: number, end: number): { start: number; end: number } =>
  originOf(sourceFile)
    ? { start: writtenOffset(sourceFile, start), end: writtenOffset(sourceFile, end - 1) + 1 }
    : { start, end };

export type Position = readonly [line: number, column: number];

/** 1-based line and column of an offset, in that file. */
export const positionAt = (sourceFile: ts.SourceFile, offset: number): Position => {
  const { line, character } = writtenFile(sourceFile).getLineAndCharacterOfPosition(writtenOffset(sourceFile, offset));
  return [line + 1, character + 1];
};
