/**
 * How many runs one worker holds: as many as `concurrency` and `memory` say. While it is full it claims nothing; runs that only linger are given back,
 * the least recently used first, and when runs are due that nobody has, those that have been here for a while yield theirs at the end of a turn. One
 * with steps under way issues no more of them, and goes when they have settled: to give it back before would be to run them twice.
 */
import type { WorkSettings } from "./options.ts";

export interface Occupant {
  /** How large it is, as last encoded; 0 until that is known. */
  readonly bytes: number;
  /** Gives the run back now. Only for one that lingers. */
  evict(): void;
}

/** Of the places, given back at a time when others wait. */
const SHARE = 8;

export class Places<R extends Occupant> {
  readonly #settings: WorkSettings;
  readonly #evicted: () => void;
  /** When each came. */
  readonly #since = new Map<R, number>();
  /** Those that linger, the least recently used first. */
  readonly #idle = new Set<R>();
  /** Of those that are here, or of the last that were; null: none was yet. */
  #mean: number | null = null;
  /** Others wait, as of the last look. */
  #pressed = false;
  #yielded = 0;

  constructor(settings: WorkSettings, evicted: () => void) {
    this.#settings = settings;
    this.#evicted = evicted;
  }

  get taken(): number {
    return this.#since.size;
  }

  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#since.keys()) sum += bytes;
    return sum;
  }

  /** How many runs may come. Those whose size is not known yet are taken to be as large as the others; before any is known, a few may come. */
  get free(): number {
    const { concurrency, memory } = this.#settings;
    const { taken } = this;
    const mean = this.#meanBytes();
    const fit = mean === null ? this.#share : Math.max(1, Math.floor(memory / mean));
    return Math.max(0, Math.min(concurrency, fit) - taken);
  }

  /** The size of one has become known. True when it is the first: more may come now. */
  sized(): boolean {
    return this.#mean === null && this.#meanBytes() !== null;
  }

  #meanBytes(): number | null {
    let bytes = 0;
    let known = 0;
    for (const one of this.#since.keys()) {
      if (one.bytes === 0) continue;
      bytes += one.bytes;
      known++;
    }
    if (known > 0) this.#mean = bytes / known;
    return this.#mean;
  }

  enter(resident: R, now: number): void {
    this.#since.set(resident, now);
  }

  /** True when this made room where there was none. */
  leave(resident: R): boolean {
    const full = this.free === 0;
    this.#since.delete(resident);
    this.#idle.delete(resident);
    return full && this.free > 0;
  }

  idle(resident: R, is: boolean): void {
    if (is) this.#idle.add(resident);
    else this.#idle.delete(resident);
  }

  /** There may be one who wants a place: one that lingers makes it. */
  wanted(): void {
    if (this.free === 0) this.#evict(1);
  }

  /** What a look at the store says: are runs due that nobody has? For as long as there are, the occupants take turns. */
  press(waiting: boolean): void {
    this.#pressed = waiting;
    this.#yielded = 0;
    if (waiting || this.bytes > this.#settings.memory) this.#evict(this.#share);
  }

  /** Is it this run's turn to leave, at the end of one of its own? It is counted among those that do. */
  yields(resident: R, now: number): boolean {
    if (!this.#pressed || this.free > 0 || this.#yielded >= this.#share) return false;
    if (now - (this.#since.get(resident) ?? now) < this.#settings.poll) return false;
    this.#yielded++;
    return true;
  }

  get #share(): number {
    return Math.max(1, Math.floor(this.#settings.concurrency / SHARE));
  }

  #evict(most: number): void {
    for (const resident of [...this.#idle].slice(0, most)) {
      this.#idle.delete(resident);
      this.#evicted();
      resident.evict();
    }
  }
}
