/**
 * The id of a token: run, incarnation, operation and 128 random bits. It is what durable code hands out (`token().id`) and
 * what `engine.resume` takes; the whole of it is the key in the run's inbox, so that two ids never meet.
 *
 * `<run>.<incarnation>.<operation>.<secret>`: only the run (URI-encoded) may hold dots, and it comes first, so the id is read from its end.
 */
export interface TokenId {
  readonly run: string;
  readonly incarnation: string;
  readonly operation: number;
  readonly secret: string;
}

/** What the ids of tokens begin with that were made outside of runs: no run has such a shape. */
export const VOLATILE = "volatile.";

const SHAPE = /^(.+)\.([0-9a-f]{32})\.([1-9][0-9]{0,15})\.([0-9a-f]{32})$/s;

export const formatTokenId = (id: TokenId): string =>
  `${encodeURIComponent(id.run)}.${id.incarnation}.${id.operation}.${id.secret}`;

/** The parts of an id, or null when the text was never one. */
export function parseTokenId(text: string): TokenId | null {
  const match = typeof text === "string" ? SHAPE.exec(text) : null;
  if (match === null) return null;
  try {
    return {
      run: decodeURIComponent(match[1]!),
      incarnation: match[2]!,
      operation: Number(match[3]),
      secret: match[4]!,
    };
  } catch {
    return null;
  }
}
