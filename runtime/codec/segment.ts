/** The text of a segment: `{"perdure":2,"checksum":"…","body":{…}}`. */
import { FORMAT_VERSION } from "../abi/index.ts";
import type { SegmentConstants } from "./constants.ts";
import type { Json } from "./contract.ts";
import { error } from "./messages.ts";

export type SegmentKind = "base" | "delta";

/** One object: its number, the tag of its kind, and what the kind wrote. */
export type SegmentNode = readonly [id: number, tag: string, payload: Json];
/** What an array-like payload has gained since the segment before. */
export type SegmentTail = readonly [id: number, from: number, items: readonly Json[]];

export interface SegmentBody {
  readonly kind: SegmentKind;
  /** {@link checksum} of whose it is, if of anybody's: segments of different runs are never mixed. */
  readonly owner?: string | undefined;
  /** Deltas count up; a base has the number of the last delta whose state it holds. */
  readonly number: number;
  /** The number that the next new object gets. */
  readonly next: number;
  /** Entry points by name. Left out of a delta whose roots are those of the segment before. */
  readonly roots?: Roots | undefined;
  /** The caller's own data, if it has any. */
  readonly meta?: Json | undefined;
  /** Texts that this segment and those after it refer to by number. */
  readonly constants?: SegmentConstants | undefined;
  readonly nodes: readonly SegmentNode[];
  readonly tails: readonly SegmentTail[];
}

type Roots = { readonly [name: string]: Json };

/** FNV-1a, 32 bits, over UTF-16 code units. Against accidents: whoever can write the store can write this too. */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The body begins with `"base"` or `"delta"` and its number; what is empty is left out. */
export function writeSegment(body: SegmentBody): string {
  const { kind, number, nodes, tails } = body;
  const text = JSON.stringify({
    base: kind === "base" ? number : undefined,
    delta: kind === "delta" ? number : undefined,
    owner: body.owner,
    next: body.next,
    roots: body.roots,
    meta: body.meta,
    constants: body.constants,
    nodes: nodes.length === 0 ? undefined : nodes,
    tails: tails.length === 0 ? undefined : tails,
  });
  return `{"perdure":${FORMAT_VERSION},"checksum":"${checksum(text)}","body":${text}}`;
}

const invalid = (why: string) => error("PD4010", { why });

const isRecord = (json: unknown): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const isCount = (json: unknown): json is number => Number.isSafeInteger(json) && (json as number) >= 0;
const isNode = (json: unknown): json is SegmentNode =>
  Array.isArray(json) && json.length === 3 && isCount(json[0]) && typeof json[1] === "string";
const isConstants = (json: unknown): json is SegmentConstants =>
  Array.isArray(json) && isCount(json[0]) && json.every((one, i) => i === 0 || typeof one === "string");
const isTail = (json: unknown): json is SegmentTail =>
  Array.isArray(json) && json.length === 3 && isCount(json[0]) && isCount(json[1]) && Array.isArray(json[2]);

const isListOf = <T>(json: unknown, is: (one: unknown) => one is T): json is readonly T[] =>
  Array.isArray(json) && json.every(is);

/** Reads a segment and checks its form; what is in the payloads is checked by the kinds that read them. */
export function readSegment(text: string, maxBytes: number): SegmentBody {
  if (typeof text !== "string") throw invalid("a segment is no text");
  if (text.length > maxBytes)
    throw error("PD4002", { what: `a segment of ${text.length} characters, more than ${maxBytes}` });
  const head = /^\{"perdure":(\d{1,9}),"checksum":"([0-9a-f]{8})","body":/.exec(text);
  if (!head) throw invalid("a segment does not begin as one");
  const format = Number(head[1]);
  if (format !== FORMAT_VERSION) throw error("PD4011", { format: String(format), supported: String(FORMAT_VERSION) });
  const bodyText = text.slice(head[0].length, -1);
  if (!text.endsWith("}") || checksum(bodyText) !== head[2]) throw invalid("the checksum of a segment does not match");
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch (cause) {
    throw error("PD4010", { why: "a segment is no JSON" }, cause);
  }
  if (!isRecord(body)) throw invalid("the body of a segment is no object");
  const { base, delta, owner, next, roots, meta, constants, nodes = [], tails = [] } = body;
  if ((base === undefined) === (delta === undefined)) throw invalid("a segment is neither base nor delta");
  const [kind, number]: [SegmentKind, unknown] = base === undefined ? ["delta", delta] : ["base", base];
  if ((owner !== undefined && typeof owner !== "string") || !isCount(number) || !isCount(next))
    throw invalid("the head of a segment is damaged");
  if (roots === undefined ? kind === "base" : !isRecord(roots)) throw invalid("the roots of a segment are damaged");
  if (constants !== undefined && !isConstants(constants)) throw invalid("the texts of a segment are damaged");
  if (!isListOf(nodes, isNode)) throw invalid("the objects of a segment are damaged");
  if (!isListOf(tails, isTail)) throw invalid("the tails of a segment are damaged");
  return { kind, owner, number, next, roots: roots as Roots | undefined, meta, constants, nodes, tails };
}
