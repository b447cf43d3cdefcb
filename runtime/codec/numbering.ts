/** Numbers of objects. A number is given once and stays for the life of the run. */
import type { Kind, References } from "./contract.ts";
import { Entry } from "./entry.ts";
import { nameOfIntrinsic, resolveIntrinsic } from "./intrinsics.ts";
import { symbolKind } from "./kinds/symbol.ts";
import { error } from "./messages.ts";

/** Built-ins and globals by their own names, everything else as the surroundings say. */
export class Names {
  readonly #outer: References | undefined;

  constructor(outer: References | undefined) {
    this.#outer = outer;
  }

  nameOf(value: object | symbol): string | undefined {
    return nameOfIntrinsic(value) ?? this.#outer?.nameOf(value);
  }

  resolve(name: string): unknown {
    const intrinsic = resolveIntrinsic(name);
    if (intrinsic !== undefined) return intrinsic;
    if (this.#outer) return this.#outer.resolve(name);
    throw error("PD4012", { name });
  }
}

export class Numbering {
  readonly #kinds: readonly Kind[];
  readonly #entries = new Map<object | symbol, Entry>();
  next = 1;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(value: object | symbol): Entry | undefined {
    return this.#entries.get(value);
  }

  /** Numbers a value that has no number yet; undefined when it is of no kind that can be saved. */
  add(value: object | symbol): Entry | undefined {
    const kind = typeof value === "symbol" ? symbolKind : this.#kinds.find((one) => one.test(value));
    return kind && this.adopt(this.next++, value, kind);
  }

  /** Takes over a number from a segment. */
  adopt(id: number, value: object | symbol, kind: Kind): Entry {
    const entry = new Entry(id, value, kind);
    this.#entries.set(value, entry);
    return entry;
  }

  /** Forgets the objects that the walk `mark` has not reached: nothing in the run can reach them any more. */
  sweep(mark: number): void {
    for (const entry of this.#entries.values()) if (entry.mark !== mark) this.#entries.delete(entry.value);
  }
}
