/** The walk of one save over everything that the roots reach: a worklist, so that depth costs no stack. */
import type { Constants } from "./constants.ts";
import type { Json, Kind, Shadow } from "./contract.ts";
import { findOnCycle } from "./cycles.ts";
import { Entry } from "./entry.ts";
import { refsIn } from "./graph.ts";
import { GraphEncoder } from "./graph-encoder.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { sameJson } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";
import type { Numbering } from "./numbering.ts";
import type { Part } from "./part.ts";
import type { SegmentNode, SegmentTail } from "./segment.ts";
import { type SavedState, type Snapshot, snapshotKind } from "./snapshot.ts";

/** The shadow that an object gets once the save is acknowledged. */
interface Pending {
  readonly entry: Entry;
  readonly changed: boolean;
  readonly fields: unknown[] | undefined;
  readonly payload: Json | undefined;
}

/** Shadows as kinds compare with them. */
class Then implements Shadow {
  fields: readonly unknown[] = [];
  readonly #reach: (entry: Entry) => void;

  constructor(reach: (entry: Entry) => void) {
    this.#reach = reach;
  }

  same(then: unknown, field: unknown): boolean {
    if (!(then instanceof Entry)) return Object.is(then, field);
    if (then.value !== field) return false;
    this.#reach(then);
    return true;
  }
}

/** What a walk needs of its heap. */
export interface WalkOptions {
  readonly numbering: Numbering;
  readonly names: Names;
  readonly kinds: Kinds;
  readonly constants: Constants;
  /** The number of this walk. */
  readonly mark: number;
  /** Write every object, not only those that differ from their shadow. */
  readonly all: boolean;
  readonly maxObjects: number;
}

export class Walk extends GraphEncoder {
  readonly nodes: SegmentNode[] = [];
  readonly tails: SegmentTail[] = [];
  /** Objects reached. */
  count = 0;
  readonly #numbering: Numbering;
  readonly #constants: Constants;
  readonly #mark: number;
  readonly #all: boolean;
  readonly #maxObjects: number;
  readonly #queue: Entry[] = [];
  readonly #pending: Pending[] = [];
  readonly #snapshots: Entry[] = [];
  readonly #eager: Entry[] = [];
  readonly #settled: (() => void)[] = [];
  /** One for all objects: the walk looks at one at a time. */
  readonly #then = new Then((entry) => this.#reach(entry));
  /** Made for the first snapshot that may share something. */
  #states: Map<Entry, SavedState | undefined> | undefined = undefined;

  constructor({ numbering, names, kinds, constants, mark, all, maxObjects }: WalkOptions) {
    super(names, kinds);
    this.#numbering = numbering;
    this.#constants = constants;
    this.#mark = mark;
    this.#all = all;
    this.#maxObjects = maxObjects;
  }

  override constant(text: string): Json {
    return this.#constants.numberOf(text);
  }

  /** Encodes a root and queues what it refers to. */
  root(name: string, value: unknown): Json {
    this.current = name;
    return this.value(value, "");
  }

  run(): void {
    for (let entry = this.#queue.pop(); entry !== undefined; entry = this.#queue.pop()) this.#visit(entry);
  }

  /** Has this walk reached the value? */
  reached(value: object | symbol): boolean {
    return this.#numbering.find(value)?.mark === this.#mark;
  }

  /** Writes the snapshots: they share the texts of objects that are live and unchanged, which is known only now. */
  finish(): void {
    this.#refuseCycles();
    for (const entry of this.#snapshots) {
      this.current = entry;
      const { payload, settle } = (entry.value as Snapshot).encode((of) => this.#stateOf(of), this);
      this.#settled.push(settle);
      this.#write(entry, payload);
    }
  }

  /** The save is acknowledged: shadows advance. */
  saved(): void {
    for (const { entry, changed, fields, payload } of this.#pending) {
      entry.fields = fields;
      entry.payload = payload;
      if (changed) entry.version++;
    }
    for (const settle of this.#settled) settle();
    this.#numbering.sweep(this.#mark, this.count);
  }

  protected known(value: object | symbol): number | undefined {
    const entry = this.#numbering.find(value);
    if (entry === undefined) return undefined;
    this.#reach(entry);
    return entry.id;
  }

  protected add(value: object | symbol): number | undefined {
    const entry = this.#numbering.add(value);
    if (entry !== undefined) this.#reach(entry);
    return entry?.id;
  }

  #reach(entry: Entry): void {
    if (entry.mark === this.#mark) return;
    entry.mark = this.#mark;
    entry.via = this.current;
    if (++this.count > this.#maxObjects) throw error("PD4002", { what: `more than ${this.#maxObjects} objects` });
    this.#queue.push(entry);
  }

  #visit(entry: Entry): void {
    this.current = entry;
    this.#numbering.refresh(entry);
    const { kind, value } = entry;
    if ((kind as Kind<never>) === snapshotKind) {
      this.#snapshots.push(entry);
      return;
    }
    if (typeof value === "object") this.refuseStrange(value);
    if (!this.#all && entry.fields !== undefined && kind.unchanged?.(value as object, this.#shadowOf(entry.fields)))
      return;
    const fields = kind.fields?.(value as object);
    if (fields !== undefined) this.#visitFields(entry, fields);
    else this.#write(entry, kind.encode(value as object, this));
  }

  #visitFields(entry: Entry, fields: unknown[]): void {
    const { kind, value } = entry;
    const then = entry.fields?.length ?? -1;
    const same = this.#compare(entry, fields);
    const changed = same !== fields.length || then !== same;
    if (!changed && !this.#all) return;
    if (kind.appendable && !this.#all && then >= 0 && same === then) {
      const grown = fields.slice(same);
      this.tails.push([entry.id, same, grown.map((item, i) => this.property(item, same + i))]);
    } else {
      this.nodes.push([entry.id, kind.tag, kind.encode(value as object, this, fields)]);
    }
    if (changed) entry.written = this.#mark;
    this.#pending.push({ entry, changed, fields: this.#shadow(fields), payload: undefined });
  }

  #write(entry: Entry, payload: Json): void {
    if (entry.kind.eager && refsIn(payload).length > 0) this.#eager.push(entry);
    const changed = entry.payload === undefined || !sameJson(payload, entry.payload);
    if (!changed && !this.#all) return;
    this.nodes.push([entry.id, entry.kind.tag, payload]);
    if (changed) entry.written = this.#mark;
    this.#pending.push({ entry, changed, fields: undefined, payload });
  }

  /** An object that must be made from complete data would never load again if it were part of that data. */
  #refuseCycles(): void {
    if (this.#eager.length === 0 || this.#pending.length === 0) return;
    const childrenOf = (entry: Entry): Entry[] => {
      const found: Entry[] = [];
      const look = (child: unknown) => {
        const of = this.#numbering.find(child as object);
        if (of !== undefined) found.push(of);
        return null;
      };
      entry.kind.encode(entry.value as object, {
        value: look,
        property: look,
        own: look,
        constant: () => null,
        isDurable: () => true,
        refuse: (why) => this.refuse(why),
      });
      return found;
    };
    const found = findOnCycle(this.#eager, childrenOf);
    if (found === undefined) return;
    this.current = found;
    this.refuse(
      "it is made from data that leads back to it, and its codec can only decode complete data (give it create and fill)",
    );
  }

  /** What this save holds of an object, for snapshots that may share it: many of them hold the same objects. */
  #stateOf(entry: Entry): SavedState | undefined {
    this.#states ??= new Map();
    if (!this.#states.has(entry)) this.#states.set(entry, this.#makeState(entry));
    return this.#states.get(entry);
  }

  #makeState(entry: Entry): SavedState | undefined {
    if (entry.mark !== this.#mark || this.#numbering.find(entry.value) !== entry) return undefined;
    let payload: Json | undefined;
    let compared: Part | undefined;
    let equal = false;
    return {
      version: entry.version + (entry.written === this.#mark ? 1 : 0),
      equals: (part) => {
        if (part === compared) return equal;
        compared = part;
        // Everything that it refers to has been reached, so encoding it again queues nothing.
        payload ??= entry.kind.encode(entry.value as object, this);
        return (equal = sameJson(payload, part.payload));
      },
    };
  }

  #shadowOf(fields: readonly unknown[]): Shadow {
    this.#then.fields = fields;
    return this.#then;
  }

  /** How many leading fields are as in the shadow; the objects among them are reached on the way. -1: no shadow. */
  #compare(entry: Entry, fields: readonly unknown[]): number {
    const shadow = entry.fields;
    if (shadow === undefined) return -1;
    const length = Math.min(fields.length, shadow.length);
    for (let i = 0; i < length; i++) {
      const now = fields[i];
      const then = shadow[i];
      if (then instanceof Entry) {
        if (then.value !== now) return i;
        this.#reach(then);
      } else if (!Object.is(now, then)) return i;
    }
    return length;
  }

  /** Puts the entries in the place of the objects. */
  #shadow(fields: unknown[]): unknown[] {
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      if ((typeof field === "object" && field !== null) || typeof field === "function" || typeof field === "symbol")
        fields[i] = this.#numbering.find(field) ?? field;
    }
    return fields;
  }
}
