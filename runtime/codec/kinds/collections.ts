/** Map and Set, in the order of insertion. */
import type { Decoder, Json } from "../contract.ts";
import { exoticKind, getterOf } from "./exotic.ts";

const mapSize = getterOf(Map.prototype, "size");
const setSize = getterOf(Set.prototype, "size");
// The prototypes' own methods: a subclass may have overridden them with user code.
const mapForEach = Map.prototype.forEach;
const mapSet = Map.prototype.set;
const mapClear = Map.prototype.clear;
const mapDelete = Map.prototype.delete;
const setForEach = Set.prototype.forEach;
const setAdd = Set.prototype.add;
const setClear = Set.prototype.clear;
const setDelete = Set.prototype.delete;

function list(data: Json, decoder: Decoder): readonly Json[] {
  if (!Array.isArray(data)) decoder.corrupt("a collection is no list");
  return data;
}

/** `[key, value, key, value …]` */
export const mapKind = exoticKind<Map<unknown, unknown>>({
  tag: "m",
  prototype: Map.prototype,
  brand: (value) => mapSize.call(value) !== undefined,
  appendable: true,
  fields(map) {
    const fields: unknown[] = new Array(2 * (mapSize.call(map) as number));
    let at = 0;
    mapForEach.call(map, (value, key) => {
      fields[at++] = key;
      fields[at++] = value;
    });
    return fields;
  },
  data(map, encoder) {
    const items: Json[] = [];
    mapForEach.call(map, (value, key) => {
      const name = typeof key === "object" || typeof key === "function" ? "{}" : String(key);
      items.push(encoder.value(key, ` key ${name}`), encoder.value(value, `.get(${name})`));
    });
    return items;
  },
  make: () => new Map(),
  fillData(map, data, decoder: Decoder) {
    const items = list(data, decoder);
    if (items.length % 2 !== 0) decoder.corrupt("a map has a key without a value");
    mapClear.call(map);
    for (let i = 0; i < items.length; i += 2) mapSet.call(map, decoder.value(items[i]!), decoder.value(items[i + 1]!));
  },
  parts(data) {
    const parts = new Map<string, Json>();
    const items = data as readonly Json[];
    for (let i = 0; i < items.length; i += 2) parts.set(JSON.stringify(items[i]), items[i + 1]!);
    return parts;
  },
  assign(map, part, json, decoder) {
    if (json === undefined) mapDelete.call(map, decodePart(part, decoder));
    else mapSet.call(map, decodePart(part, decoder), decoder.value(json));
  },
});

/** A part of a collection is named by the JSON text of its key. */
const decodePart = (part: string, decoder: Decoder) => decoder.value(JSON.parse(part) as Json);

/** `[member …]` */
export const setKind = exoticKind<Set<unknown>>({
  tag: "t",
  prototype: Set.prototype,
  brand: (value) => setSize.call(value) !== undefined,
  appendable: true,
  fields(set) {
    const fields: unknown[] = new Array(setSize.call(set) as number);
    let at = 0;
    setForEach.call(set, (value) => {
      fields[at++] = value;
    });
    return fields;
  },
  data(set, encoder) {
    const items: Json[] = [];
    setForEach.call(set, (value) => items.push(encoder.value(value, " member")));
    return items;
  },
  make: () => new Set(),
  fillData(set, data, decoder) {
    setClear.call(set);
    for (const item of list(data, decoder)) setAdd.call(set, decoder.value(item));
  },
  parts: (data) => new Map((data as readonly Json[]).map((item) => [JSON.stringify(item), item])),
  assign(set, part, json, decoder) {
    const member = decodePart(part, decoder);
    if (json === undefined) setDelete.call(set, member);
    else setAdd.call(set, member);
  },
});
