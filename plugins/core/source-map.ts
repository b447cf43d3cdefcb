/** Source maps on their way through a host: as a comment where it has no place for one, and composed where it would keep only the last. */
import remapping from "@jridgewell/remapping";

/** Source map as a data URL comment, for hosts that compose inline maps. */
export const inlineMap = (map: unknown): string =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;

/**
 * One map of two in a row: `outer` leads from the final text to a middle one, `inner` from there to the text that the user wrote. Both have one
 * source, the file itself.
 */
export function composeMaps(outer: unknown, inner: unknown): unknown {
  // Asked at depth 1 only: the source of `inner` bears the same name, and would be looked up for ever.
  return JSON.parse(
    remapping(outer as never, (_source, context) => (context.depth === 1 ? (inner as never) : null)).toString(),
  );
}

const inline = /\n?\/\/# sourceMappingURL=data:application\/json;(?:charset=[^;]*;)?base64,([\w+/=]+)\s*$/;

/** Text and map of what a transformer gave, who may have put the map into the text or into a string. */
export function mapOf(code: string, map: unknown): { readonly code: string; readonly map: unknown } {
  if (typeof map === "string") return { code: code.replace(inline, "\n"), map: JSON.parse(map) };
  if (map !== undefined && map !== null) return { code: code.replace(inline, "\n"), map };
  const found = inline.exec(code);
  if (!found) return { code, map: undefined };
  return { code: code.slice(0, found.index), map: JSON.parse(Buffer.from(found[1]!, "base64").toString("utf8")) };
}
