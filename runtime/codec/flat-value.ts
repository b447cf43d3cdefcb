/**
 * Values without objects of their own, and arrays of such: what most arguments and results are. Their text is that of a heap which holds nothing else,
 * written and read without one.
 */
import type { Json } from "./contract.ts";
import { arrayKind } from "./kinds/array.ts";
import { decodeLeaf, encodeLeaf, isLeaf } from "./leaves.ts";
import { checksum, readSegment, type SegmentNode, writeSegment } from "./segment.ts";

const isFlat = (items: readonly unknown[]): items is Parameters<typeof encodeLeaf>[0][] => items.every(isLeaf);

/** The items of an ordinary array of leaves. `isOwn`: it is neither a proxy, nor saved by name, nor more than it shows. */
function leavesOf(value: unknown, isOwn: (array: object) => boolean) {
  if (!Array.isArray(value) || !isOwn(value)) return undefined;
  const items = arrayKind.fields!(value);
  return items !== undefined && isFlat(items) ? items.map(encodeLeaf) : undefined;
}

/** Undefined: it takes a heap. */
export function encodeFlat(
  name: string,
  value: unknown,
  owner: string,
  isOwn: (array: object) => boolean,
): string | undefined {
  if (isLeaf(value)) return written(name, encodeLeaf(value), owner, NONE);
  const items = leavesOf(value, isOwn);
  if (items === undefined) return undefined;
  return written(name, [1], owner, [[1, arrayKind.tag, items]]);
}

const NONE: readonly never[] = [];

const written = (name: string, root: Json, owner: string, nodes: readonly SegmentNode[]): string =>
  writeSegment({
    kind: "base",
    owner: checksum(owner),
    number: 0,
    next: nodes.length + 1,
    roots: { [name]: root },
    nodes,
    tails: NONE,
  });

/** How such a text begins: others are left to a heap before they are read. */
const BEGINNING =
  /^\{"perdure":\d+,"checksum":"[0-9a-f]{8}","body":\{"base":0,"owner":"[0-9a-f]{8}","next":(?:1,|2,"roots":\{"[^"\\]*":\[1\]\},"nodes":\[\[1,"a",)/;

const leafIn = (json: unknown): { readonly value: unknown } | undefined => {
  if (Array.isArray(json)) return json[0] === "y" ? undefined : decodeLeaf(json);
  return typeof json === "object" && json !== null ? undefined : { value: json };
};

/** What {@link encodeFlat} was given; undefined: it takes a heap to read it. Throws a coded error for a text that is damaged. */
export function decodeFlat(text: string, owner: string, maxBytes: number): { readonly value: unknown } | undefined {
  if (!BEGINNING.test(text)) return undefined;
  const segment = readSegment(text, maxBytes);
  const { roots, nodes, tails, next } = segment;
  const [root, ...others] = Object.values(roots ?? {});
  if (segment.owner !== checksum(owner) || tails.length > 0 || root === undefined || others.length > 0)
    return undefined;
  if (nodes.length === 0) return next === 1 ? leafIn(root) : undefined;
  const [, , items] = nodes[0]!;
  if (nodes.length > 1 || next !== 2 || !Array.isArray(items)) return undefined;
  const value: unknown[] = [];
  for (const item of items) {
    const leaf = leafIn(item);
    if (leaf === undefined) return undefined;
    value.push(leaf.value);
  }
  return { value };
}
