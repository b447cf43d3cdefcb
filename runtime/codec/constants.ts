/**
 * Texts of the program that its runs say again and again (ids of codes, names of files, functions and imports, texts of calls): a run's
 * segments hold each of them once, in a table, and write its number from then on.
 *
 * The table only grows, by what the program says and not by its data, and a base holds all of it. Nothing but what a save writes itself may hold
 * a number: what is encoded between saves might be stored, or come back, without the save that says what the number means.
 */
import type { Json } from "./contract.ts";
import { error } from "./messages.ts";

/** The number of the first text, and the texts. */
export type SegmentConstants = readonly [first: number, ...texts: string[]];

export class Constants {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** How many the acknowledged deltas, and the base before them, hold. */
  #saved = 0;

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#texts.push(text) - 1));
    return number;
  }

  /** Undefined: there is none of that number. */
  textOf(number: Json): string | undefined {
    return typeof number === "number" ? this.#texts[number] : undefined;
  }

  get size(): number {
    return this.#texts.length;
  }

  /** What a segment has to hold; undefined: nothing. `all`: of a base. */
  written(all: boolean): SegmentConstants | undefined {
    const first = all ? 0 : this.#saved;
    return first === this.#texts.length ? undefined : [first, ...this.#texts.slice(first)];
  }

  /** A save that held this many is acknowledged. */
  saved(size: number): void {
    this.#saved = size;
  }

  /**
   * Reads what a segment holds. After a base it may say again what the base held: it was written as if there were none.
   */
  load([first, ...texts]: SegmentConstants): void {
    if (first > this.#texts.length) throw error("PD4010", { why: "a table of texts has a gap" });
    texts.forEach((text, i) => {
      if (this.numberOf(text) !== first + i)
        throw error("PD4010", { why: "two tables of texts contradict each other" });
    });
    this.#saved = this.#texts.length;
  }
}
