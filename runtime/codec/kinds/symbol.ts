/** Symbols that only their identity tells apart: numbered like objects. The payload is the description. */
import type { Decoder, Json, Kind } from "../contract.ts";

/** Used by the heap alone: a kind is otherwise about objects. */
export const symbolKind: Kind = {
  tag: "y",
  test: (value): value is object => typeof value === "symbol",
  encode: (value) => (value as unknown as symbol).description ?? null,
  create(payload: Json, decoder: Decoder): object {
    if (payload !== null && typeof payload !== "string") decoder.corrupt("a symbol has no description");
    return Symbol(payload ?? undefined) as unknown as object;
  },
  fill: () => {},
};
