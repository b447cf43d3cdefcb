/** Ids of runs: texts that every store can have as a key. */

const LONGEST = 512;
/** Keys of DynamoDB have at most 1,024 bytes; some stores put a prefix before an id. */
const MOST_BYTES = 1_000;
/** Ids that the runtime makes of another id stay far below that, however often one is made of the other. */
const LONGEST_MADE = 256;
const KEPT = 64;

/** In UTF-8; each half of a pair counts two. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}

/** Why the value cannot be the id of a run; undefined: it can. */
export function whyNoRunId(id: unknown): string | undefined {
  if (typeof id !== "string") return `it is a ${typeof id}`;
  if (id === "") return "it is empty";
  if (id.length > LONGEST) return `it has ${id.length} characters`;
  if (id.includes("\0") || /\p{Surrogate}/u.test(id)) return "it holds U+0000 or a lone surrogate";
  const bytes = bytesOf(id);
  return bytes > MOST_BYTES ? `it has ${bytes} bytes` : undefined;
}

/** The id of a child that was given none: made of its parent's, of which only the beginning is kept where that is long, as in a chain of runs that start each other. */
export function childRunId(parent: string, operation: number, incarnation: string): string {
  const whole = `${parent}-${operation}-${incarnation.slice(0, 8)}`;
  if (bytesOf(whole) <= LONGEST_MADE) return whole;
  return `${parent.slice(0, KEPT).replace(/[\ud800-\udbff]$/, "")}…-${incarnation}`;
}
