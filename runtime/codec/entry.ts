/** What the heap knows of one object: its number, and what the last save wrote of it (the shadow). */
import type { Json, Kind } from "./contract.ts";

export class Entry {
  readonly id: number;
  readonly value: object | symbol;
  kind: Kind;
  /** The last walk that reached it. */
  mark = 0;
  /** The last walk that found it changed. */
  written = 0;
  /** Counts the acknowledged saves that found it changed: equal versions are equal contents. */
  version = 0;
  /** Shadow of an object with {@link Kind.fields}: its fields, with the entry in the place of each numbered object. */
  fields: unknown[] | undefined = undefined;
  /** Shadow of all others: the payload. */
  payload: Json | undefined = undefined;
  /** Who led the last walk here: the entry, or the name of the root. For variable paths. */
  via: Entry | string = "";

  constructor(id: number, value: object | symbol, kind: Kind) {
    this.id = id;
    this.value = value;
    this.kind = kind;
  }

  /** What was saved of it does not count any more. */
  become(kind: Kind): void {
    this.kind = kind;
    this.fields = undefined;
    this.payload = undefined;
  }
}
