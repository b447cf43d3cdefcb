/** How a map reaches a host that has no place for one. */

/** Source map as a data URL comment, for hosts that compose inline maps. */
export const inlineMap = (map: unknown): string =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
