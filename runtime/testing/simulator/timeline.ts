/**
 * Virtual time: everything that a simulation does later is an event here, and events at one instant come in a random order.
 * An event may belong to a process: it dies with it and waits while it is paused.
 */
import type { Random } from "./random.ts";

export interface Owner {
  readonly alive: boolean;
  /** Nothing of it happens before this instant. */
  readonly pausedUntil: number;
}

interface Entry {
  at: number;
  order: number;
  readonly owner: Owner | null;
  readonly run: () => void;
  cancelled: boolean;
}

export class Timeline {
  now = 1_700_000_000_000;
  /** Events that have happened. */
  happened = 0;
  readonly #random: Random;
  readonly #heap: Entry[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns what cancels the event. */
  at(ms: number, owner: Owner | null, run: () => void): () => void {
    const entry: Entry = {
      at: this.now + Math.max(0, Math.ceil(ms)),
      order: this.#random.next(),
      owner,
      run,
      cancelled: false,
    };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Lets the next event happen, and all promise jobs that follow from it. False when there is none. */
  async step(): Promise<boolean> {
    for (;;) {
      const entry = this.#pop();
      if (entry === undefined) return false;
      if (entry.cancelled || entry.owner?.alive === false) continue;
      if (entry.owner !== null && entry.owner.pausedUntil > entry.at) {
        entry.at = entry.owner.pausedUntil;
        entry.order = this.#random.next();
        this.#push(entry);
        continue;
      }
      this.now = Math.max(this.now, entry.at);
      this.happened++;
      entry.run();
      await jobs();
      return true;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

interface Platform {
  setImmediate(run: () => void): void;
}
/** A turn of the real event loop: every promise job has then run. */
const jobs = (): Promise<void> => new Promise((resolve) => (globalThis as unknown as Platform).setImmediate(resolve));
