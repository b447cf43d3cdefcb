/**
 * The index is late; what this process wrote itself it need not ask for. The last writes that concern the index are kept for a while and
 * laid over what it answers, so that a run that was made due here is found here at once.
 */
import { type Item, type Key, keyOf, keyText, textOf } from "./items.ts";
import type { Wire } from "./wire.ts";

/** What the index says of one item, or would say. */
export interface Listed {
  readonly key: Key;
  readonly da: string;
  readonly cs: string | undefined;
}

/** The index follows within seconds; more is for bad days. */
const KEPT = 120_000;
const MANY = 20_000;

interface Note {
  readonly at: number;
  readonly key: Key;
  /** Undefined: the index lists it nowhere. */
  readonly dk: string | undefined;
  readonly da: string;
  readonly cs: string | undefined;
  readonly replaced: string | undefined;
}

export class Recent {
  readonly #wire: Wire;
  readonly #clock: () => number;
  /** In the order of writing. */
  readonly #notes = new Map<string, Note>();

  constructor(wire: Wire, clock: () => number) {
    this.#wire = wire;
    this.#clock = clock;
  }

  /** `replaced`: revision of what was there before. */
  wrote(item: Item, replaced: string | undefined): void {
    const key = keyOf(item);
    const before = this.#notes.get(keyText(key));
    // The answer to an earlier write came later than that to the one which replaced it.
    if (before?.replaced !== undefined && before.replaced === textOf(item, "rev")) return;
    this.#note(key, textOf(item, "dk"), textOf(item, "da") ?? "", textOf(item, "cs"), replaced);
  }

  deleted(key: Key): void {
    this.#note(key, undefined, "", undefined);
  }

  #note(key: Key, dk: string | undefined, da: string, cs: string | undefined, replaced?: string): void {
    const now = this.#clock();
    const text = keyText(key);
    this.#notes.delete(text);
    this.#notes.set(text, { at: now, key, dk, da, cs, replaced });
    for (const [oldest, { at }] of this.#notes) {
      if (now - at < KEPT && this.#notes.size <= MANY) break;
      this.#notes.delete(oldest);
    }
  }

  /** What is listed under `dk` from `from` to `to`, in order. Candidates: the item itself has the last word. */
  async *listed(dk: string, from: string, to: string, page: number): AsyncGenerator<Listed, void> {
    const own = [...this.#notes.values()]
      .filter((note) => note.dk === dk && note.da >= from && note.da <= to)
      .sort((a, b) => (a.da < b.da ? -1 : a.da > b.da ? 1 : 0));
    // What is remembered adds and never hides: others may have written since, and answers to our own writes may have come out of order.
    const named = new Set(own.map(({ key }) => keyText(key)));
    let next = 0;
    for await (const items of this.#wire.listed(dk, from, to, page)) {
      for (const item of items) {
        const key = keyOf(item);
        const da = textOf(item, "da")!;
        while (next < own.length && own[next]!.da <= da) yield own[next++]!;
        if (!named.has(keyText(key))) yield { key, da, cs: textOf(item, "cs") };
      }
    }
    while (next < own.length) yield own[next++]!;
  }
}
