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
