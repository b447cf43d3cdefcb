/** Decoding: from a table of nodes to fresh objects, lazily by reachability. Trusts nothing in the table. */
import type { Constants } from "./constants.ts";
import type { Decoder, Json } from "./contract.ts";
import type { Kinds } from "./kinds/kinds.ts";
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

interface Visit {
  readonly id: number;
  readonly refs: readonly number[];
  next: number;
}

/** Numbers of the objects that the values in a payload refer to. */
export function refsIn(payload: Json): readonly number[] {
  const refs: number[] = [];
  // The payload itself is no value: a list of one number is not taken for a reference.
  const queue: Json[] = typeof payload === "object" && payload !== null ? Object.values(payload) : [];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (typeof at !== "object" || at === null) continue;
    if (Array.isArray(at) && at.length === 1 && typeof at[0] === "number") refs.push(at[0]);
    else for (const item of Object.values(at)) queue.push(item as Json);
  }
  return refs;
}

/** The values of most steps have no objects. */
const NONE: ReadonlyMap<number, object | symbol> = new Map();

export class Graph implements Decoder {
  #objects: Map<number, object | symbol> | undefined;
  readonly #nodes: ReadonlyMap<number, Node>;
  readonly #kinds: Kinds;
  readonly #names: Names;
  readonly #constants: Constants | undefined;
  readonly #unfilled: number[] = [];
  /** To be filled when all others are: objects of kinds that run user code. */
  readonly #last: number[] = [];
  /** Made with the first object: the values of most steps have none. */
  #filled: Set<number> | undefined;
  #completed: Set<number> | undefined;
  #creating = 0;

  /** `existing`: objects that are there already, by number; they are referred to and not made. `constants`: of the segments that the nodes come from. */
  constructor(
    nodes: ReadonlyMap<number, Node>,
    kinds: Kinds,
    names: Names,
    existing?: ReadonlyMap<number, object | symbol>,
    constants?: Constants,
  ) {
    this.#objects = existing && new Map(existing);
    this.#nodes = nodes;
    this.#kinds = kinds;
    this.#names = names;
    this.#constants = constants;
  }

  /** Every object made so far, by number. */
  get objects(): ReadonlyMap<number, object | symbol> {
    return this.#objects ?? NONE;
  }

  value(json: Json): unknown {
    if (typeof json !== "object" || json === null) return json;
    if (!Array.isArray(json)) return this.corrupt("an object stands where a value is expected");
    if (json.length === 1 && typeof json[0] === "number") return this.#object(json[0]);
    if (json.length === 2 && json[0] === "r" && typeof json[1] === "string") return this.#names.resolve(json[1]);
    const leaf = decodeLeaf(json as readonly Json[]);
    return leaf ? leaf.value : this.corrupt("a value has no known form");
  }

  constant(json: Json | undefined): string {
    const text = typeof json === "string" ? json : this.#constants?.textOf(json ?? null);
    return text ?? this.corrupt("a text has a number that was never given");
  }

  /** Depth first with a stack of its own; leaves before what holds them. On a cycle, some object comes before its parts. */
  complete(json: Json): unknown {
    const stack: Visit[] = [{ id: 0, refs: refsIn([json]), next: 0 }];
    this.#completed ??= new Set();
    while (stack.length > 0) {
      const visit = stack[stack.length - 1]!;
      const id = visit.refs[visit.next++];
      if (id === undefined) {
        stack.pop();
        if (visit.id !== 0) {
          this.#object(visit.id);
          this.#fill(visit.id);
        }
      } else if (!this.#completed.has(id) && this.#nodes.has(id) && this.objects.get(id) !== PENDING) {
        this.#completed.add(id);
        stack.push({ id, refs: refsIn(this.#nodes.get(id)!.payload), next: 0 });
      }
    }
    return this.value(json);
  }

  /** Fills every object made so far, and those that they lead to. */
  finish(): void {
    if (this.objects.size === 0) return;
    for (const queue of [this.#unfilled, this.#last]) {
      for (let id = queue.pop(); id !== undefined; id = this.#unfilled.pop() ?? queue.pop()) this.#fill(id);
    }
  }

  #fill(id: number): void {
    this.#filled ??= new Set();
    if (this.#filled.has(id)) return;
    const { tag, payload } = this.#nodes.get(id)!;
    const kind = this.#kinds.byTag(tag)!;
    this.#filled.add(id);
    kind.fill(this.objects.get(id) as object, payload, this);
  }

  corrupt(why: string): never {
    throw error("PD4010", { why });
  }

  #object(id: number): unknown {
    const made = this.objects.get(id);
    if (made !== undefined) {
      if (made === PENDING)
        this.corrupt(`object ${id} is needed to create itself (a codec for such objects has create and fill)`);
      return made;
    }
    const node = this.#nodes.get(id);
    if (!node) return this.corrupt(`object ${id} is missing`);
    const kind = this.#kinds.byTag(node.tag);
    if (!kind) throw error("PD4013", { tag: node.tag });
    if (++this.#creating > MAX_CREATING) this.corrupt("objects are nested too deeply in their creation");
    const objects = (this.#objects ??= new Map());
    objects.set(id, PENDING);
    const value = kind.create(node.payload, this);
    this.#creating--;
    objects.set(id, value);
    (kind.late ? this.#last : this.#unfilled).push(id);
    return value;
  }
}
