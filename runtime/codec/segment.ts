/** The text of a segment: `{"perdure":1,"checksum":"…","body":{…}}`. */
import { FORMAT_VERSION } from "../abi/index.ts";
import type { Json } from "./contract.ts";
import { error } from "./messages.ts";

export type SegmentKind = "base" | "delta";

/** One object: its number, the tag of its kind, and what the kind wrote. */
export type SegmentNode = readonly [id: number, tag: string, payload: Json];
/** What an array-like payload has gained since the segment before. */
export type SegmentTail = readonly [id: number, from: number, items: readonly Json[]];

export interface SegmentBody {
  readonly kind: SegmentKind;
  /** Which run it belongs to: segments of different runs are never mixed. */
  readonly owner: string;
  /** Deltas count up; a base has the number of the last delta whose state it holds. */
  readonly number: number;
  /** The number that the next new object gets. */
  readonly next: number;
  /** Entry points by name, and the caller's own data. */
  readonly roots: { readonly [name: string]: Json };
  readonly meta: Json;
  readonly nodes: readonly SegmentNode[];
  readonly tails: readonly SegmentTail[];
}

/** FNV-1a, 32 bits, over UTF-16 code units. Against accidents: whoever can write the store can write this too. */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

export function writeSegment(body: SegmentBody): string {
  const text = JSON.stringify(body);
  return `{"perdure":${FORMAT_VERSION},"checksum":"${checksum(text)}","body":${text}}`;
}

const invalid = (why: string) => error("PD4010", { why });

const isRecord = (json: unknown): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const isCount = (json: unknown): json is number => Number.isSafeInteger(json) && (json as number) >= 0;
const isNode = (json: unknown): json is SegmentNode =>
  Array.isArray(json) && json.length === 3 && isCount(json[0]) && typeof json[1] === "string";
const isTail = (json: unknown): json is SegmentTail =>
  Array.isArray(json) && json.length === 3 && isCount(json[0]) && isCount(json[1]) && Array.isArray(json[2]);

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
  const { kind, owner, number, next, roots, meta, nodes, tails } = body;
  if (kind !== "base" && kind !== "delta") throw invalid("a segment is neither base nor delta");
  if (typeof owner !== "string" || !isCount(number) || !isCount(next))
    throw invalid("the head of a segment is damaged");
  if (!isRecord(roots) || meta === undefined) throw invalid("the roots of a segment are damaged");
  if (!Array.isArray(nodes) || !nodes.every(isNode)) throw invalid("the objects of a segment are damaged");
  if (!Array.isArray(tails) || !tails.every(isTail)) throw invalid("the tails of a segment are damaged");
  return { kind, owner, number, next, roots, meta, nodes, tails };
}
