/**
 * Composes two source maps: what TypeScript made of the transformed text, and what the transformer made of the user's.
 * Nothing is rounded: a place inside a piece of the user's own text keeps its offset in it.
 */
import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

/** A source map, version 3. */
export interface SourceMap {
  readonly version: number;
  readonly file?: string;
  readonly sourceRoot?: string;
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** The transformer's result for one file. */
export interface Transformed {
  /** The user's text. */
  readonly source: string;
  readonly code: string;
  readonly map: SourceMap;
}

/** The map from TypeScript's output to the user's text: `outer` with every position led through `inner`. */
export function composeMaps(outer: SourceMap, inner: Transformed): SourceMap {
  const trace = tracer(inner);
  const mappings = decode(outer.mappings).map((line) =>
    line.map(([column, source, outerLine, outerColumn]): SourceMapSegment => {
      const at = source === undefined ? undefined : trace(outerLine!, outerColumn!);
      return at ? [column, source!, at.line, at.column] : [column];
    }),
  );
  return {
    ...outer,
    ...(outer.sourcesContent ? { sourcesContent: [inner.source] } : {}),
    names: [],
    mappings: encode(mappings),
  };
}

const WORD = /^[\p{ID_Continue}$#]+$/u;

/** Leads a position (both from 0) of the transformed text to the user's. */
function tracer({ source, code, map }: Transformed) {
  const segments = decode(map.mappings);
  const codeLines = code.split("\n");
  const sourceLines = source.split("\n");
  return (line: number, column: number): { line: number; column: number } | undefined => {
    const found = lastAtOrBefore(segments[line] ?? [], column);
    if (found === undefined || found.length === 1) return undefined;
    const offset = column - found[0];
    const own = sourceLines[found[2]]!.slice(found[3], found[3] + offset);
    // Each word and each mark of the user's text has a segment of its own. What follows one is the rest of the word, or text
    // that was put there, which belongs to the place before it.
    const inWord = WORD.test(own) && own === codeLines[line]!.slice(found[0], column);
    return { line: found[2], column: found[3] + (inWord ? offset : 0) };
  };
}

function lastAtOrBefore(segments: readonly SourceMapSegment[], column: number): SourceMapSegment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]![0] <= column) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

const INLINE = /^\/\/# sourceMappingURL=data:application\/json;base64,(\S+)$/m;

/** The same for a map inside the JavaScript text (`inlineSourceMap`). */
export function composeInlineMap(javaScript: string, inner: Transformed): string {
  return javaScript.replace(INLINE, (comment, data: string) => {
    const outer = JSON.parse(Buffer.from(data, "base64").toString("utf8")) as SourceMap;
    return comment.replace(data, Buffer.from(JSON.stringify(composeMaps(outer, inner))).toString("base64"));
  });
}
