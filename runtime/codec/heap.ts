/**
 * The heap of one run: numbers its objects, saves what changed, and loads what was saved into fresh objects.
 *
 * A save walks what the roots reach and compares each object with its *shadow*, what the last acknowledged save wrote of it.
 * Shadows advance in {@link Save.saved}; until then another save would write the same changes again.
 */

import { isPerdureError } from "../errors.ts";
import { applyChanges } from "./apply.ts";
import type { IsWhole } from "./classes/ordinary-class.ts";
import { Collector, type Identify, type Recalled } from "./collector.ts";
import { Constants } from "./constants.ts";
import type { Given, Json, Kind, Limits, References } from "./contract.ts";
import type { Changes } from "./copy.ts";
import { Entering } from "./entering.ts";
import type { Entry } from "./entry.ts";
import { Graph, type Node } from "./graph.ts";
import { Kinds } from "./kinds/kinds.ts";
import { encodeLeaf, isLeaf, isShallow, sameJson } from "./leaves.ts";
import { error, unreadable } from "./messages.ts";
import { Names } from "./names.ts";
import { Numbering } from "./numbering.ts";
import type { Part } from "./part.ts";
import { checksum, readSegment, type SegmentBody, type SegmentKind, writeSegment } from "./segment.ts";
import { type Opening, restoreSnapshot, Snapshot, snapshotKind } from "./snapshot.ts";
import { TurnMemory } from "./turn-memory.ts";
import type { Codec } from "./user-codec.ts";
import { Walk } from "./walk.ts";

export interface HeapOptions {
  /** Kinds beside those of the language; asked first. */
  readonly kinds?: readonly Kind[];
  /** How instances of ordinary classes are saved. */
  readonly codecs?: readonly Codec[];
  /** Only the host can tell a Proxy; without this, a proxy is saved as what it shows. */
  readonly isProxy?: (value: object) => boolean;
  /** Has an object internal slots, as a Map has, whatever its prototype? Hosts tell that fast; without this, those of collections and buffers are tried. */
  readonly hasSlots?: (value: object) => boolean;
  /** The name of a class whose private names an object has that is none of its instances. `seen`: it was no such object at an earlier save. */
  readonly strangeTo?: (value: object, seen: boolean) => string | undefined;
  /** Is this an ordinary class whose instances are saved by its name and their own properties? Default: none is. */
  readonly isOpenClass?: (of: Function) => boolean;
  /** Has a codec said that own properties are the whole state of its instances? For messages. */
  readonly isWhole?: IsWhole;
  /** Its objects are the run's own: errors that cannot be saved as they are enter in place. Default: they are refused. */
  readonly entersErrors?: boolean;
  /** The step that gave this object, where that could not be copied: for messages. */
  readonly givenBy?: (value: object) => Given | undefined;
  /** Names beside those of built-ins and globals. */
  readonly references?: References;
  readonly limits?: Partial<Limits>;
  /** Written, as a checksum, into every segment and compared at load: the run's incarnation. */
  readonly owner?: string;
  /** What messages call it when it cannot be read: `the saved state of run order-7`. */
  readonly state?: string;
}

const ENCODED: Recalled = { node: { tag: snapshotKind.tag, payload: null }, children: [] };

export const DEFAULT_LIMITS: Limits = { maxObjects: 5_000_000, maxBytes: 256 * 1024 * 1024 };

/** What is saved: entry points by name, and data of the caller that is no object graph. */
export interface Roots {
  readonly strong: { readonly [name: string]: unknown };
  /**
   * Entry points that are kept only if something else reaches what they are for. Called when the walk is done, and again
   * as long as it gives names that it has not given before.
   */
  readonly weak?: (reached: (value: object) => boolean) => { readonly [name: string]: unknown };
  readonly meta?: Json;
}

/** A save that has been encoded and is not yet acknowledged. */
export interface Save {
  readonly kind: SegmentKind;
  readonly text: string;
  /** Live objects. */
  readonly objects: number;
  /** Objects written, tails included. */
  readonly written: number;
  /** Names of the roots kept, weak ones included. */
  readonly roots: readonly string[];
  /** Does the run reach this value? */
  reached(value: object): boolean;
  /** The store has it: from now on, saves are compared with this one. Call it for the latest save only. */
  saved(): void;
}

export interface Loaded {
  readonly heap: Heap;
  readonly roots: ReadonlyMap<string, unknown>;
  readonly meta: Json;
}

export class Heap {
  readonly #numbering: Numbering;
  readonly #kinds: Kinds;
  readonly #names: Names;
  readonly #limits: Limits;
  readonly #owner: string | undefined;
  readonly #entersErrors: boolean;
  readonly #turn = new TurnMemory();
  readonly #constants = new Constants();
  #mark = 0;
  /** Number of the last acknowledged segment; -1 before the first. */
  #number = -1;
  /** Of the last acknowledged segment. */
  #roots: Json = null;

  constructor(options: HeapOptions = {}) {
    const { kinds = [], codecs = [], isProxy, hasSlots, strangeTo, isOpenClass, isWhole, givenBy } = options;
    const own = [...kinds, snapshotKind as unknown as Kind, ...codecs.map((one) => one.kind)];
    this.#kinds = Kinds.of({
      kinds: own,
      ...(isProxy && { isProxy }),
      ...(hasSlots && { hasSlots }),
      ...(strangeTo && { strangeTo }),
      ...(isOpenClass && { isOpenClass }),
      ...(isWhole && { isWhole }),
      ...(givenBy && { givenBy }),
    });
    this.#numbering = new Numbering((value) => this.#kinds.find(value));
    this.#names = new Names(
      options.references,
      codecs.map(({ tag, of }) => [tag, of] as const),
    );
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#owner = options.owner === undefined ? undefined : checksum(options.owner);
    this.#entersErrors = options.entersErrors ?? false;
  }

  /** Loads a base and the deltas that follow it. Throws a {@link PerdureError} for whatever is wrong with the texts. */
  static load(options: HeapOptions, segments: readonly string[]): Loaded {
    const heap = new Heap(options);
    try {
      return heap.#load(segments);
    } catch (cause) {
      // A plain error: a kind stumbled over a payload that it did not expect. Nothing of this heap is used.
      throw unreadable(cause, options.state);
    }
  }

  /**
   * Encodes the run. Throws PD4001 for what cannot be saved and PD4002 beyond the limits; then nothing has changed.
   * The first save is always a base.
   */
  save(kind: SegmentKind, roots: Roots): Save {
    const all = kind === "base" || this.#number < 0;
    this.#turn.clear();
    const { walk, encoded, mark } = this.#walkAll(all, roots);
    const constants = this.#constants.size;
    const body: SegmentBody = {
      kind: all ? "base" : "delta",
      owner: this.#owner,
      // A base takes no number of its own: whether it is kept beside the deltas or lost, the next delta fits.
      number: kind === "base" ? Math.max(this.#number, 0) : this.#number + 1,
      next: this.#numbering.next,
      roots: all || !sameJson(encoded, this.#roots) ? encoded : undefined,
      meta: roots.meta ?? undefined,
      constants: this.#constants.written(all),
      nodes: walk.nodes,
      tails: walk.tails,
    };
    const text = writeSegment(body);
    if (text.length > this.#limits.maxBytes) throw error("PD4002", { what: `a segment of ${text.length} characters` });
    return {
      kind: body.kind,
      text,
      objects: walk.count,
      written: walk.nodes.length + walk.tails.length,
      roots: Object.keys(encoded),
      reached: (value) => walk.reached(value),
      saved: () => {
        if (mark !== this.#mark) throw new RangeError("only the latest save can be acknowledged");
        // A base beside deltas may be lost: the next delta follows those.
        if (kind === "delta" || this.#number < 0) this.#constants.saved(constants);
        this.#number = body.number;
        this.#roots = encoded;
        walk.saved();
        this.#turn.clear();
      },
    };
  }

  #walk(mark: number, all: boolean): Walk {
    return new Walk({
      numbering: this.#numbering,
      names: this.#names,
      kinds: this.#kinds,
      constants: this.#constants,
      mark,
      all,
      maxObjects: this.#limits.maxObjects,
    });
  }

  #walkAll(all: boolean, roots: Roots): { walk: Walk; encoded: { readonly [name: string]: Json }; mark: number } {
    let entering: Entering | undefined;
    for (;;) {
      const mark = ++this.#mark;
      const walk = this.#walk(mark, all);
      try {
        return { walk, encoded: this.#walkRoots(walk, roots), mark };
      } catch (why) {
        if (!this.#entersErrors) throw why;
        entering ??= new Entering(this.#names, this.#kinds);
        if (!entering.mend(walk, why)) throw why;
      }
    }
  }

  /**
   * Takes the values as they are now, for a step. Its objects keep the heap's numbers. `kinds` are asked first, here and
   * when it is opened before the run is loaded again; `name` begins the variable paths of refusals. `entering`: errors may enter for it. Throws PD4001.
   */
  snapshot(values: readonly unknown[], kinds: readonly Kind[] = [], name = "", entering = false): Snapshot {
    const mending = entering && this.#entersErrors ? new Entering(this.#names, this.#kinds.with(kinds)) : undefined;
    for (;;) {
      const taken = this.#snapshot(values, kinds, name, mending);
      if (taken !== undefined) return taken;
    }
  }

  /** Undefined: an error has entered, so that it is worth another try. */
  #snapshot(
    values: readonly unknown[],
    kinds: readonly Kind[],
    name: string,
    entering: Entering | undefined,
  ): Snapshot | undefined {
    const flat = this.#flat(values);
    if (flat !== undefined) return new Snapshot().holdFlat(flat, this.#opening(kinds));
    const entries = new Map<number, Entry>();
    const recalled = new Map<number, Part>();
    const identify = (value: object | symbol) => {
      const kind = kinds.find((one) => one.test(value as object));
      const entry = this.#numbering.find(value) ?? this.#numbering.add(value, kind);
      if (entry === undefined) return undefined;
      this.#numbering.refresh(entry);
      entries.set(entry.id, entry);
      return { id: entry.id, kind: kind ?? entry.kind };
    };
    const collector = new Collector(this.#names, this.#kinds, identify, (value) => {
      const found = this.#turn.recall(value);
      if (found !== undefined) recalled.set(found.node.entry!.id, found.node);
      return found;
    });
    let encoded: Json[];
    try {
      encoded = values.map((value, i) => collector.root(name || `argument ${i + 1}`, value));
    } catch (why) {
      if (entering?.mend(collector, why)) return undefined;
      throw why;
    }
    const parts = new Map<number, Part>();
    for (const [id, node] of collector.nodes) {
      const entry = entries.get(id);
      const part = recalled.get(id) ?? { ...node, entry };
      parts.set(id, part);
      // What the step's own kinds have written looks different from the heap's.
      const isHeaps = !recalled.has(id) && entry !== undefined && !kinds.some((one) => one.test(entry.value as object));
      if (isHeaps) this.#turn.remember(part, (of) => entries.get(of));
    }
    return new Snapshot().hold(encoded, parts, new Map(), this.#opening(kinds));
  }

  /** The values when none of them is an object of the run: leaves, and functions that have names. */
  #flat(values: readonly unknown[]): Json[] | undefined {
    const encoded: Json[] = [];
    for (const value of values) {
      if (isLeaf(value)) encoded.push(encodeLeaf(value));
      else {
        const name = typeof value === "function" ? this.#names.nameOf(value) : undefined;
        if (name === undefined) return undefined;
        encoded.push(["r", name]);
      }
    }
    return encoded;
  }

  /** Could the value be saved now, with everything it reaches? */
  canSave(value: unknown): boolean {
    let number = 0;
    const identify: Identify = (one) => {
      const entry = this.#numbering.find(one);
      if (entry !== undefined) this.#numbering.refresh(entry);
      const kind = entry?.kind ?? this.#kinds.find(one);
      return kind && { id: ++number, kind };
    };
    // What a pending step was given was encoded when the step was made.
    const recall = (one: unknown) => (one instanceof Snapshot ? ENCODED : undefined);
    const collector = new Collector(this.#names, this.#kinds, identify, recall);
    try {
      collector.root("value", value);
      return true;
    } catch (why) {
      if (isPerdureError(why)) return false;
      throw why;
    }
  }

  /**
   * Writes what an attempt has changed in its copy to the objects of the run, and gives the run's own copy of the result.
   * Throws PD4020 when the run has changed the same property since the snapshot; then nothing was applied.
   */
  apply(changes: Changes): unknown {
    return applyChanges(changes, { numbering: this.#numbering, names: this.#names, kinds: this.#kinds });
  }

  #opening(kinds: readonly Kind[]): Opening {
    return { kinds: this.#kinds.with(kinds), names: this.#names };
  }

  #walkRoots(walk: Walk, { strong, weak }: Roots): { readonly [name: string]: Json } {
    const encoded: { [name: string]: Json } = {};
    const take = (roots: { readonly [name: string]: unknown }): boolean => {
      let isNew = false;
      for (const name of Object.keys(roots)) {
        if (Object.hasOwn(encoded, name)) continue;
        isNew = true;
        encoded[name] = walk.root(name, roots[name]);
      }
      walk.run();
      return isNew;
    };
    take(strong);
    while (weak !== undefined && take(weak((one) => walk.reached(one))));
    walk.finish();
    return encoded;
  }

  #load(texts: readonly string[]): Loaded {
    const table = new Map<number, Node>();
    let last: SegmentBody | undefined;
    let named: { readonly [name: string]: Json } = {};
    let meta: Json = null;
    for (const text of texts) {
      const segment = readSegment(text, this.#limits.maxBytes);
      if (segment.owner !== this.#owner) throw error("PD4010", { why: "a segment belongs to another run" });
      if (last ? segment.kind !== "delta" || segment.number !== last.number + 1 : segment.kind !== "base")
        throw error("PD4010", { why: `segment ${segment.number} (${segment.kind}) is out of order` });
      applySegment(table, segment);
      if (segment.constants !== undefined) this.#constants.load(segment.constants);
      meta = segment.meta ?? null;
      named = segment.roots ?? named;
      last = segment;
    }
    if (!last) throw error("PD4010", { why: "there is no segment" });
    if (table.size > this.#limits.maxObjects) throw error("PD4002", { what: `${table.size} objects` });
    const graph = new Graph(table, this.#kinds, this.#names, undefined, this.#constants);
    const roots = new Map(Object.entries(named).map(([name, json]) => [name, graph.value(json)]));
    graph.finish();
    for (const [id, value] of graph.objects) {
      if (id >= last.next) throw error("PD4010", { why: `object ${id} has a number that was never given` });
      this.#numbering.adopt(id, value, this.#kinds.byTag(table.get(id)!.tag)!);
    }
    this.#numbering.next = last.next;
    this.#number = last.number;
    this.#roots = named;
    this.#restoreShadows(graph, table);
    return { heap: this, roots, meta };
  }

  /** Takes what was loaded for what was saved last. */
  #restoreShadows(graph: Graph, table: ReadonlyMap<number, Node>): void {
    const entryOf = (value: unknown): Entry | undefined => this.#numbering.find(value as object);
    const shared = new Map<number, Part | undefined>();
    const source = {
      opening: this.#opening([]),
      entry: (id: number) => entryOf(graph.objects.get(id)),
      /** One for all snapshots that hold the object as it is. */
      shared: (id: number): Part | undefined => {
        if (!shared.has(id)) {
          const node = table.get(id);
          shared.set(id, node && isShallow(node.payload) ? { ...node, entry: source.entry(id) } : undefined);
        }
        return shared.get(id);
      },
    };
    for (const [id, value] of graph.objects) {
      const entry = entryOf(value)!;
      const fields = entry.kind.fields?.(value as object);
      if (fields !== undefined) entry.fields = fields.map((field) => entryOf(field) ?? field);
      else entry.payload = table.get(id)!.payload;
      if (value instanceof Snapshot) restoreSnapshot(value, table.get(id)!.payload, source, graph);
    }
  }
}

/** Brings the table of nodes up to the state of a segment. */
function applySegment(table: Map<number, Node>, segment: SegmentBody): void {
  for (const [id, tag, payload] of segment.nodes) table.set(id, { tag, payload });
  for (const [id, from, items] of segment.tails) {
    const payload = table.get(id)?.payload;
    if (!Array.isArray(payload) || payload.length !== from)
      throw error("PD4010", { why: `the tail of object ${id} fits nowhere` });
    for (const item of items) payload.push(item);
  }
}
