/** Numbers of objects. A number is given once and stays for the life of the run. */
import type { Kind } from "./contract.ts";
import { Entry } from "./entry.ts";

export class Numbering {
  readonly #kindOf: (value: object | symbol) => Kind | undefined;
  readonly #entries = new Map<object | symbol, Entry>();
  readonly #revived = new Map<number, Entry>();
  /** Numbered since the last sweep, and since the one before: most of what dies is young. */
  #young: Entry[] = [];
  #younger: Entry[] = [];
  next = 1;

  /** `kindOf`: the kind of a value; undefined for one that cannot be saved. */
  constructor(kindOf: (value: object | symbol) => Kind | undefined) {
    this.#kindOf = kindOf;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(value: object | symbol): Entry | undefined {
    return this.#entries.get(value);
  }

  /** Numbers a value that has no number yet; undefined when it is neither of a kind that can be saved nor of `otherwise`. */
  add(value: object | symbol, otherwise?: Kind): Entry | undefined {
    const kind = this.#kindOf(value) ?? otherwise;
    return kind && this.adopt(this.next++, value, kind);
  }

  /** An object that has become one of another kind is written as such from now on, under its number. */
  refresh(entry: Entry): void {
    if (entry.kind.remains?.(entry.value as object) !== false) return;
    const kind = this.#kindOf(entry.value);
    if (kind !== undefined) entry.become(kind);
  }

  /** Takes over a number from a segment. */
  adopt(id: number, value: object | symbol, kind: Kind): Entry {
    const entry = new Entry(id, value, kind);
    this.#entries.set(value, entry);
    this.#younger.push(entry);
    return entry;
  }

  /** Gives an object the number of one that is gone: a snapshot's, whose copy comes back to the run. */
  revive(id: number, value: object | symbol, kind: Kind): void {
    this.#revived.set(id, this.adopt(id, value, kind));
  }

  /** The entry of that number: the one given, unless it is gone or unknown and another has taken its place. */
  alive(id: number, entry: Entry | undefined): Entry | undefined {
    return entry !== undefined && this.#entries.get(entry.value) === entry ? entry : this.#revived.get(id);
  }

  /** Those that the walk has reached; the others are forgotten. */
  #keep(entries: readonly Entry[], mark: number): Entry[] {
    const kept: Entry[] = [];
    for (const entry of entries) {
      if (entry.mark === mark) kept.push(entry);
      else if (this.#entries.get(entry.value) === entry) this.#entries.delete(entry.value);
    }
    return kept;
  }

  /** Forgets the objects that the walk `mark` has not reached, if it has not reached all: nothing in the run can reach them any more. */
  sweep(mark: number, reached: number): void {
    this.#keep(this.#young, mark);
    this.#young = this.#keep(this.#younger, mark);
    this.#younger = [];
    if (reached !== this.#entries.size)
      for (const entry of this.#entries.values()) if (entry.mark !== mark) this.#entries.delete(entry.value);
    for (const entry of this.#revived.values()) if (entry.mark !== mark) this.#revived.delete(entry.id);
  }
}
