/** Decoding: from a table of nodes to fresh objects, lazily by reachability. Trusts nothing in the table. */
import type { Decoder, Json, Kind } from "./contract.ts";
import { decodeLeaf } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";

export interface Node {
  readonly tag: string;
  readonly payload: Json;
}

/** Objects needed to create an object (a view's buffer, an instance's class) nest this deep at most. */
const MAX_CREATING = 1000;

const PENDING = Symbol("pending");

/** The kind for each tag; the first one of a tag has it. */
export function kindsByTag(kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  const byTag = new Map<string, Kind>();
  for (const kind of kinds) if (!byTag.has(kind.tag)) byTag.set(kind.tag, kind);
  return byTag;
}

export class Graph implements Decoder {
  /** Every object made so far, by number. */
  readonly objects: Map<number, object | symbol>;
  readonly #nodes: ReadonlyMap<number, Node>;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #names: Names;
  readonly #unfilled: number[] = [];
  #creating = 0;

  /** `existing`: objects that are there already, by number; they are referred to and not made. */
  constructor(
    nodes: ReadonlyMap<number, Node>,
    kinds: ReadonlyMap<string, Kind>,
    names: Names,
    existing: ReadonlyMap<number, object | symbol> = new Map(),
  ) {
    this.objects = new Map(existing);
    this.#nodes = nodes;
    this.#kinds = kinds;
    this.#names = names;
  }

  value(json: Json): unknown {
    if (typeof json !== "object" || json === null) return json;
    if (!Array.isArray(json)) return this.corrupt("an object stands where a value is expected");
    if (json.length === 1 && typeof json[0] === "number") return this.#object(json[0]);
    if (json.length === 2 && json[0] === "r" && typeof json[1] === "string") return this.#names.resolve(json[1]);
    const leaf = decodeLeaf(json as readonly Json[]);
    return leaf ? leaf.value : this.corrupt("a value has no known form");
  }

  /** Fills every object made since the last time, and those that they lead to. */
  finish(): void {
    this.finishFrom(0);
  }

  /** The same, but leaves alone what was waiting before: for objects that need complete data to be created. */
  finishFrom(start: number): void {
    while (this.#unfilled.length > start) {
      const id = this.#unfilled.pop()!;
      const { tag, payload } = this.#nodes.get(id)!;
      this.#kinds.get(tag)!.fill(this.objects.get(id) as object, payload, this);
    }
  }

  get waiting(): number {
    return this.#unfilled.length;
  }

  corrupt(why: string): never {
    throw error("PD4010", { why });
  }

  #object(id: number): unknown {
    const made = this.objects.get(id);
    if (made !== undefined) {
      if (made === PENDING) this.corrupt(`object ${id} is needed to create itself`);
      return made;
    }
    const node = this.#nodes.get(id);
    if (!node) return this.corrupt(`object ${id} is missing`);
    const kind = this.#kinds.get(node.tag);
    if (!kind) throw error("PD4013", { tag: node.tag });
    if (++this.#creating > MAX_CREATING) this.corrupt("objects are nested too deeply in their creation");
    this.objects.set(id, PENDING);
    const value = kind.create(node.payload, this);
    this.#creating--;
    this.objects.set(id, value);
    this.#unfilled.push(id);
    return value;
  }
}
