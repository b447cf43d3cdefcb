/**
 * The resources of one run: values of this process that are never saved. What is saved of one is how it is made and disposed of; the value is made
 * again when the run is loaded elsewhere.
 */
/** One value and what is saved of it. */
export interface Held {
  /** Unique in the incarnation: a step finds the value of its run by it. */
  readonly id: number;
  readonly value: object;
  readonly make: Function;
  readonly dispose: Function;
}

const NO_VALUES = new Map<unknown, never>();
const NO_IDS = new Map<number, never>();

export class Resources {
  /** Few runs have any: those share maps that stay empty. */
  #byValue: Map<unknown, Held> = NO_VALUES;
  #byId: Map<number, Held> = NO_IDS;
  /** Disposes of one. Never rejects. */
  readonly #end: (held: Held) => Promise<void>;
  #next = 1;
  #disposals: Set<Promise<void>> | undefined = undefined;

  constructor(end: (held: Held) => Promise<void>) {
    this.#end = end;
  }

  /** Cheap for the runs that have none: each object of a walk is asked about. */
  of(value: unknown): Held | undefined {
    return this.#byValue.size === 0 ? undefined : this.#byValue.get(value);
  }

  byId(id: number): Held | undefined {
    return this.#byId.get(id);
  }

  /** What `make` gives: outside the run, as in a step. One that gives what it gave before is the same resource. */
  hold(make: Function, dispose: Function, value: object, id = this.#next): Held {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    const held: Held = { id, value, make, dispose };
    this.#next = Math.max(this.#next, id + 1);
    if (this.#byId === NO_IDS) {
      this.#byValue = new Map();
      this.#byId = new Map();
    }
    this.#byValue.set(value, held);
    this.#byId.set(id, held);
    return held;
  }

  /** It is kept nowhere, and nobody disposes of it. */
  forget(held: Held): void {
    this.#byValue.delete(held.value);
    this.#byId.delete(held.id);
  }

  /** Disposes of those that nothing in the run can reach any more. */
  sweep(reached: (value: object) => boolean): void {
    for (const held of this.#byId.values()) if (!reached(held.value)) this.#dispose(held);
  }

  /** The run leaves this process. Resolves when every disposal has settled; never rejects. */
  async close(): Promise<void> {
    for (const held of [...this.#byId.values()].reverse()) this.#dispose(held);
    if (this.#disposals !== undefined) await Promise.all(this.#disposals);
  }

  #dispose(held: Held): void {
    this.forget(held);
    const disposals = (this.#disposals ??= new Set());
    const disposal = this.#end(held).finally(() => disposals.delete(disposal));
    disposals.add(disposal);
  }
}
