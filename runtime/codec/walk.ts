/** One walk over everything that the roots reach: a worklist, so that depth costs no stack. */
import type { Encoder, Json, PathStep } from "./contract.ts";
import { Entry } from "./entry.ts";
import { refreshGlobals } from "./intrinsics.ts";
import { encodeLeaf, HOLE, HOLE_JSON, sameJson } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names, Numbering } from "./numbering.ts";
import { propertyStep } from "./paths.ts";
import { whyNot } from "./refusals.ts";
import type { SegmentNode, SegmentTail } from "./segment.ts";
import { variablePath } from "./variable-path.ts";

/** The shadow that an object gets once the save is acknowledged. */
interface Pending {
  readonly entry: Entry;
  readonly fields: unknown[] | undefined;
  readonly payload: Json | undefined;
}

export class Walk implements Encoder {
  readonly nodes: SegmentNode[] = [];
  readonly tails: SegmentTail[] = [];
  readonly pending: Pending[] = [];
  /** Objects reached. */
  count = 0;
  readonly #numbering: Numbering;
  readonly #names: Names;
  readonly #mark: number;
  readonly #all: boolean;
  readonly #maxObjects: number;
  readonly #queue: Entry[] = [];
  readonly #fields: unknown[] = [];
  #current: Entry | string = "";

  /** `all`: write every object, not only those that differ from their shadow. */
  constructor(numbering: Numbering, names: Names, mark: number, all: boolean, maxObjects: number) {
    this.#numbering = numbering;
    this.#names = names;
    this.#mark = mark;
    this.#all = all;
    this.#maxObjects = maxObjects;
  }

  /** Encodes a root and queues what it refers to. */
  root(name: string, value: unknown): Json {
    this.#current = name;
    return this.value(value, "");
  }

  run(): void {
    for (let entry = this.#queue.pop(); entry !== undefined; entry = this.#queue.pop()) this.#visit(entry);
  }

  /** Has this walk reached the value? */
  reached(value: object | symbol): boolean {
    return this.#numbering.find(value)?.mark === this.#mark;
  }

  value(child: unknown, step: PathStep): Json {
    return this.#encode(child, step, false);
  }

  property(child: unknown, key: string | number | symbol): Json {
    return this.#encode(child, key, true);
  }

  refuse(why: string): never {
    throw error("PD4001", {
      path: variablePath(this.#current, ""),
      why,
      mend: "keep what it was made from, and make it again where it is used",
    });
  }

  #reach(entry: Entry): void {
    if (entry.mark === this.#mark) return;
    entry.mark = this.#mark;
    entry.via = this.#current;
    if (++this.count > this.#maxObjects) throw error("PD4002", { what: `more than ${this.#maxObjects} objects` });
    this.#queue.push(entry);
  }

  /** The step is made into text only when a message needs it. */
  #encode(child: unknown, step: string | number | symbol, isKey: boolean): Json {
    if (typeof child === "object" ? child === null : typeof child !== "function" && typeof child !== "symbol")
      return encodeLeaf(child as string);
    if (child === HOLE) return HOLE_JSON;
    const known = this.#numbering.find(child as object);
    if (known !== undefined) {
      this.#reach(known);
      return [known.id];
    }
    return this.#first(child as object | symbol) ?? this.#refuse(child as object, step, isKey);
  }

  /** An object seen for the first time: a reference, or a new number. */
  #first(child: object | symbol): Json | undefined {
    if (typeof child === "symbol") {
      const key = Symbol.keyFor(child);
      if (key !== undefined) return ["y", key];
    }
    const name = this.#names.nameOf(child);
    if (name !== undefined) return ["r", name];
    const entry = this.#numbering.add(child);
    if (entry === undefined) return undefined;
    this.#reach(entry);
    return [entry.id];
  }

  #refuse(child: object, step: string | number | symbol, isKey: boolean): Json {
    refreshGlobals();
    const name = this.#names.nameOf(child);
    if (name !== undefined) return ["r", name];
    const [why, mend] = whyNot(child);
    const path = variablePath(this.#current, isKey ? propertyStep(step) : String(step));
    throw error("PD4001", { path, why, mend });
  }

  #visit(entry: Entry): void {
    this.#current = entry;
    const { kind, value } = entry;
    const fields = this.#fields;
    fields.length = 0;
    if (kind.fields?.(value as object, fields)) {
      const same = this.#compare(entry);
      if (same === fields.length && entry.fields!.length === same && !this.#all) return;
      const shadow = fields.slice();
      if (kind.appendable && !this.#all && same === entry.fields?.length) {
        const grown = shadow.slice(same);
        this.tails.push([entry.id, same, grown.map((item, i) => this.property(item, same + i))]);
      } else {
        this.nodes.push([entry.id, kind.tag, kind.encode(value as object, this)]);
      }
      this.pending.push({ entry, fields: this.#shadow(shadow), payload: undefined });
      return;
    }
    const payload = kind.encode(value as object, this);
    if (!this.#all && entry.payload !== undefined && sameJson(payload, entry.payload)) return;
    this.nodes.push([entry.id, kind.tag, payload]);
    this.pending.push({ entry, fields: undefined, payload });
  }

  /** How many leading fields are as in the shadow; the objects among them are reached on the way. -1: no shadow. */
  #compare(entry: Entry): number {
    const fields = this.#fields;
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

  /** Puts the entries in the place of the objects; in place. */
  #shadow(fields: unknown[]): unknown[] {
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      if ((typeof field === "object" && field !== null) || typeof field === "function" || typeof field === "symbol")
        fields[i] = this.#numbering.find(field as object) ?? field;
    }
    return fields;
  }
}
