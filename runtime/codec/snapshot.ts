/**
 * Arguments of a step, as they were when it was called. A snapshot is data: its nodes have the numbers of the heap's
 * objects, so that a save can write "as in the heap" for those that have not changed since.
 */
import type { Decoder, Encoder, Json, Kind } from "./contract.ts";
import { Copy } from "./copy.ts";
import type { Entry } from "./entry.ts";
import { isJsonObject } from "./json.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { isShallow } from "./leaves.ts";
import type { Names } from "./names.ts";
import type { Part } from "./part.ts";

/** What a save holds of a live object. */
export interface SavedState {
  readonly version: number;
  /** Is the object now what the snapshot holds? */
  equals(part: Part): boolean;
}

/** How to open a snapshot: what its kinds and names are. */
export interface Opening {
  readonly kinds: Kinds;
  readonly names: Names;
}

const NO_VALUES: readonly Json[] = [];
const NO_PARTS: ReadonlyMap<number, Part> = new Map();
const NO_VERSIONS: ReadonlyMap<number, number> = new Map();

export class Snapshot {
  #values: readonly Json[] = NO_VALUES;
  #parts: ReadonlyMap<number, Part> = NO_PARTS;
  /** Version of the heap's object that is equal to the part of that number; absent: not compared yet; -1: none is. */
  #shared: ReadonlyMap<number, number> = NO_VERSIONS;
  #opening: Opening | undefined;

  /** Of values without objects: what most steps are given. */
  holdFlat(values: readonly Json[], opening: Opening): this {
    return this.hold(values, NO_PARTS, NO_VERSIONS, opening);
  }

  /** Sets what the snapshot holds; once, right after it was made. */
  hold(
    values: readonly Json[],
    parts: ReadonlyMap<number, Part>,
    shared: ReadonlyMap<number, number>,
    opening: Opening,
  ): this {
    this.#values = values;
    this.#parts = parts;
    this.#shared = shared;
    this.#opening = opening;
    return this;
  }

  /** What it holds, by the numbers of the heap's objects. */
  get parts(): ReadonlyMap<number, Part> {
    return this.#parts;
  }

  /** A fresh deep copy for one attempt. References are what they refer to. `kinds` are asked before the snapshot's own. */
  open(kinds: readonly Kind[] = []): Copy {
    const opening = this.#opening!;
    return new Copy(this.#values, this.#parts, opening.kinds.with(kinds), opening.names);
  }

  /** The payload in one save, and what to do when that is acknowledged. */
  encode(
    stateOf: (entry: Entry) => SavedState | undefined,
    encoder: Pick<Encoder, "constant">,
  ): { readonly payload: Json; readonly settle: () => void } {
    const values = this.#values.map((json) => withNames(json, (name) => encoder.constant(name as string)));
    if (this.#parts.size === 0) return { payload: { values }, settle: nothing };
    const shared = new Map<number, number>();
    const as: number[] = [];
    const own: Json[] = [];
    for (const [id, part] of this.#parts) {
      const version = this.#sharedVersion(id, part, stateOf);
      shared.set(id, version);
      if (version >= 0) as.push(id);
      else own.push([id, part.tag, part.payload]);
    }
    const settle = () => {
      this.#shared = shared;
    };
    const payload = { values, ...(as.length > 0 && { as }), ...(own.length > 0 && { own }) };
    return { payload, settle };
  }

  #sharedVersion(id: number, part: Part, stateOf: (entry: Entry) => SavedState | undefined): number {
    const before = this.#shared.get(id);
    if (part.entry === undefined || part.entry.kind.tag !== part.tag || before === -1) return -1;
    const state = stateOf(part.entry);
    if (state === undefined) return -1;
    if (before !== undefined) return state.version === before ? before : -1;
    return state.equals(part) ? state.version : -1;
  }
}

const nothing = (): void => {};

/** Names as a save writes them: those of functions, which nearly every step is a call of, stand in the run's table of texts. */
function withNames(json: Json, change: (name: Json) => Json): Json {
  if (!Array.isArray(json) || json.length !== 2 || json[0] !== "r") return json;
  const [, name] = json as readonly Json[];
  // An import by a computed name is data of the run.
  return typeof name === "string" && name.startsWith("import:") ? json : ["r", change(name!)];
}

/** The heap being loaded, for its snapshots. */
export interface SnapshotSource {
  readonly opening: Opening;
  /** The saved object as a part; undefined: there is none that a snapshot may hold. */
  shared(id: number): Part | undefined;
  entry(id: number): Entry | undefined;
}

/** Reads the payload of {@link Snapshot.encode}, after the heap's objects have got their numbers. */
export function restoreSnapshot(snapshot: Snapshot, payload: Json, source: SnapshotSource, decoder: Decoder): void {
  if (!isJsonObject(payload)) decoder.corrupt("a snapshot has no known form");
  const { values, as = [], own = [] } = payload;
  if (!Array.isArray(values) || !Array.isArray(as) || !Array.isArray(own))
    decoder.corrupt("a snapshot has no known form");
  const parts = new Map<number, Part>();
  const shared = new Map<number, number>();
  for (const id of as as readonly Json[]) {
    const part = typeof id === "number" ? source.shared(id) : undefined;
    if (part === undefined) decoder.corrupt("a snapshot refers to a missing object");
    parts.set(id as number, part);
    shared.set(id as number, part.entry?.version ?? -1);
  }
  for (const item of own as readonly Json[]) {
    const [id, tag, part] = Array.isArray(item) ? (item as readonly Json[]) : [];
    if (typeof id !== "number" || typeof tag !== "string" || part === undefined)
      decoder.corrupt("a snapshot is damaged");
    if (!isShallow(part)) decoder.corrupt("a snapshot is nested too deeply");
    parts.set(id, { tag, payload: part, entry: source.entry(id) });
    shared.set(id, -1);
  }
  if (!isShallow(values as Json)) decoder.corrupt("a snapshot is nested too deeply");
  const named = (values as readonly Json[]).map((json) => withNames(json, (name) => decoder.constant(name)));
  snapshot.hold(named, parts, shared, source.opening);
}

/** The walk encodes snapshots and the heap restores them; the kind only makes the object. */
export const snapshotKind: Kind<Snapshot> = {
  tag: "s",
  prototype: Snapshot.prototype,
  test: (value): value is Snapshot => value instanceof Snapshot,
  encode: (_, encoder) => encoder.refuse("a snapshot is part of a whole heap"),
  create: () => new Snapshot(),
  fill: () => {},
};
