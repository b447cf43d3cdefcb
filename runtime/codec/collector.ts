/** Encodes a graph at once, under numbers that the caller gives: for snapshots, copies and standalone values. */
import type { Json, Kind } from "./contract.ts";
import { Entry } from "./entry.ts";
import type { Node } from "./graph.ts";
import { GraphEncoder } from "./graph-encoder.ts";
import type { Kinds } from "./kinds/kinds.ts";
import type { Names } from "./names.ts";

/** Number and kind of a value; undefined when it is of no kind that can be saved. */
export type Identify = (value: object | symbol) => { readonly id: number; readonly kind: Kind } | undefined;

/** An object that was encoded before and has not changed: its node, and what that refers to. */
export interface Recalled {
  readonly node: Node;
  readonly children: readonly (object | symbol)[];
}

export class Collector extends GraphEncoder {
  readonly nodes = new Map<number, Node>();
  readonly #entries = new Map<object | symbol, Entry>();
  readonly #queue: Entry[] = [];
  readonly #identify: Identify;
  readonly #recall: (value: object | symbol) => Recalled | undefined;

  /** `recall`: what need not be encoded again. */
  constructor(
    names: Names,
    kinds: Kinds,
    identify: Identify,
    recall: (value: object | symbol) => Recalled | undefined = () => undefined,
  ) {
    super(names, kinds);
    this.#identify = identify;
    this.#recall = recall;
  }

  /** Encodes a value with everything that it reaches. `name` begins its variable paths. */
  root(name: string, value: unknown): Json {
    this.current = name;
    const json = this.value(value, "");
    for (let entry = this.#queue.pop(); entry !== undefined; entry = this.#queue.pop()) {
      this.current = entry;
      const recalled = this.#recall(entry.value);
      if (recalled !== undefined) {
        this.nodes.set(entry.id, recalled.node);
        for (const child of recalled.children) if (!this.#entries.has(child)) this.add(child);
        continue;
      }
      this.nodes.set(entry.id, { tag: entry.kind.tag, payload: entry.kind.encode(entry.value as object, this) });
    }
    return json;
  }

  protected known(value: object | symbol): number | undefined {
    return this.#entries.get(value)?.id;
  }

  protected add(value: object | symbol): number | undefined {
    const identity = this.#identify(value);
    if (identity === undefined) return undefined;
    const entry = new Entry(identity.id, value, identity.kind);
    entry.via = this.current;
    this.#entries.set(value, entry);
    this.#queue.push(entry);
    return entry.id;
  }
}
