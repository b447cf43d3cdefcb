/** One attempt's own copy of a snapshot, and what the attempt made of it. */
import { isPerdureError, type PerdureError } from "../errors.ts";
import { Collector } from "./collector.ts";
import type { Json } from "./contract.ts";
import { Graph, type Node } from "./graph.ts";
import { isJsonObject } from "./json.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { encodeLeaf, isLeaf, isShallow, sameJson } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";
import type { Part } from "./part.ts";

/** What an attempt gave back. */
export type Outcome =
  | { readonly type: "none" }
  /** Encoded, under the numbers of {@link Changes.nodes}. */
  | { readonly type: "copied"; readonly json: Json }
  /** It cannot be copied, for this reason: it enters the run as it is and must not be saved. */
  | { readonly type: "uncopied"; readonly value: unknown; readonly reason: PerdureError };

/** The difference between a snapshot and its copy after an attempt. Data: the copy may change on. */
export interface Changes {
  /** For each changed object, by its number in the heap: as it was in the snapshot. */
  readonly before: ReadonlyMap<number, Part>;
  /** Every object of the copy as it is now, and new ones under negative numbers. */
  readonly nodes: ReadonlyMap<number, Node>;
  /** The parts of the snapshot: which heap object each number is. */
  readonly parts: ReadonlyMap<number, Part>;
  readonly result: Outcome;
}

/** As JSON that {@link restoreChanges} reads in another process. The result was copied, or there is none. */
export function saveChanges({ before, nodes, result }: Changes): Json {
  return {
    nodes: [...nodes].map(([id, { tag, payload }]) => [id, tag, payload]),
    before: [...before.keys()],
    result: result.type === "copied" ? [result.json] : [],
  };
}

const damaged = (why: string): PerdureError => error("PD4010", { state: "the result of a transaction", why });

/** Over the snapshot that the attempt was made from. Throws PD4010 when it is not what {@link saveChanges} gave. */
export function restoreChanges(saved: Json, { parts }: { readonly parts: ReadonlyMap<number, Part> }): Changes {
  if (!isJsonObject(saved)) throw damaged("it has no known form");
  const { nodes: items, before: ids, result } = saved;
  if (!Array.isArray(items) || !Array.isArray(ids) || !Array.isArray(result)) throw damaged("it has no known form");
  const nodes = new Map<number, Node>();
  for (const item of items as readonly Json[]) {
    const [id, tag, payload] = Array.isArray(item) ? (item as readonly Json[]) : [];
    if (typeof id !== "number" || typeof tag !== "string" || payload === undefined || !isShallow(payload))
      throw damaged("an object is damaged");
    nodes.set(id, { tag, payload });
  }
  const before = new Map<number, Part>();
  for (const id of ids as readonly Json[]) {
    const part = typeof id === "number" && nodes.has(id) ? parts.get(id) : undefined;
    if (part === undefined) throw damaged("it changes an object that the step did not have");
    before.set(id as number, part);
  }
  const [json] = result as readonly Json[];
  if (json === undefined) return { before, nodes, parts, result: { type: "none" } };
  if (!isShallow(json)) throw damaged("it is nested too deeply");
  return { before, nodes, parts, result: { type: "copied", json } };
}

const NO_PARTS: ReadonlyMap<number, Part> = new Map();
const NO_NODES: ReadonlyMap<number, Node> = new Map();

export class Copy {
  /** The copied values, in the order of the snapshot's. */
  readonly values: readonly unknown[];
  readonly #parts: ReadonlyMap<number, Part>;
  readonly #kinds: Kinds;
  readonly #names: Names;
  readonly #graph: Graph;

  constructor(values: readonly Json[], parts: ReadonlyMap<number, Part>, kinds: Kinds, names: Names) {
    this.#parts = parts;
    this.#kinds = kinds;
    this.#names = names;
    this.#graph = new Graph(parts, kinds, names);
    this.values = values.map((json) => this.#graph.value(json));
    this.#graph.finish();
  }

  /**
   * Compares the copy with the snapshot and encodes the result (pass `[value]`; `[]` when there is none). Throws PD4001 when a change
   * of the copy cannot be saved; for a result that cannot be copied it gives the reason.
   */
  changes(result: readonly [value: unknown] | readonly []): Changes {
    const [value] = result;
    // As it is of most steps: there is no object in it, neither before nor after.
    if (this.#graph.objects.size === 0 && result.length === 1 && isLeaf(value))
      return {
        before: NO_PARTS,
        nodes: NO_NODES,
        parts: this.#parts,
        result: { type: "copied", json: encodeLeaf(value) },
      };
    const ids = new Map<object | symbol, number>();
    for (const [id, value] of this.#graph.objects) ids.set(value, id);
    let fresh = 0;
    const collector = new Collector(this.#names, this.#kinds, (value) => {
      const id = ids.get(value);
      if (id !== undefined) return { id, kind: this.#kinds.byTag(this.#parts.get(id)!.tag)! };
      const kind = this.#kinds.find(value);
      return kind && { id: --fresh, kind };
    });
    this.values.forEach((value, i) => {
      collector.root(`argument ${i + 1}`, value);
    });
    for (const value of this.#graph.objects.values()) collector.root("argument", value);
    const before = new Map<number, Part>();
    for (const [id, part] of this.#parts)
      if (this.#graph.objects.has(id) && !sameJson(part.payload, collector.nodes.get(id)!.payload))
        before.set(id, part);
    const outcome = outcomeOf(collector, result);
    return { before, nodes: outcome.nodes, parts: this.#parts, result: outcome.result };
  }
}

function outcomeOf(
  collector: Collector,
  result: readonly unknown[],
): { nodes: ReadonlyMap<number, Node>; result: Outcome } {
  const { nodes } = collector;
  if (result.length === 0) return { nodes, result: { type: "none" } };
  const without = new Map(nodes);
  try {
    return { nodes, result: { type: "copied", json: collector.root("the result", result[0]) } };
  } catch (reason) {
    if (!isPerdureError(reason)) throw reason;
    return { nodes: without, result: { type: "uncopied", value: result[0], reason } };
  }
}
