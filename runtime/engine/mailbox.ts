/** Messages of one resident run, from the store's inbox to its vat, each once and in order. */
import type { VatEvent } from "../machine/contract.ts";
import type { InboxEntry } from "../store/store.ts";
import { eventOf } from "./mail.ts";

export interface Mailroom {
  readonly deliver: (event: VatEvent) => void;
  /** False: the run is not loaded yet, or needs no messages any more. */
  readonly wanted: () => boolean;
  /** Messages after `seq`; undefined when nobody needs them any more. Throws when the store says for ever that they cannot be read. */
  readonly read: (seq: number) => Promise<readonly InboxEntry[] | undefined>;
  /** With what `read` threw, or PD4010. */
  readonly failed: (error: unknown) => void;
}

export class Mailbox {
  readonly #room: Mailroom;
  #delivered = 0;
  /** Delivered as far as is known. */
  #known = 0;
  #fetching = false;

  constructor(room: Mailroom) {
    this.#room = room;
  }

  /** The run is loaded, and its saved turns have taken in the first `consumed` messages. */
  begin(consumed: number): void {
    this.#delivered = consumed;
  }

  /** Up to which message the vat has been handed all: what the next turn consumes. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Throws PD4010 for what no engine has written. */
  take(entries: readonly InboxEntry[]): void {
    for (const entry of entries) {
      if (entry.seq <= this.#delivered) continue;
      this.#delivered = entry.seq;
      this.#room.deliver(eventOf(entry));
    }
  }

  /** There may be messages up to `seq`: those that are not here yet are read, as soon as they are wanted and `fetch` is called again. */
  fetch(seq: number): void {
    this.#known = Math.max(this.#known, seq);
    // Asked after each turn, most of which were told of no mail.
    if (this.#known > this.#delivered && !this.#fetching && this.#room.wanted()) void this.#fetch();
  }

  async #fetch(): Promise<void> {
    this.#fetching = true;
    try {
      while (this.#room.wanted() && this.#known > this.#delivered) {
        this.#known = 0;
        const entries = await this.#room.read(this.#delivered);
        if (entries === undefined) break;
        if (this.#room.wanted()) this.take(entries);
      }
    } catch (error) {
      this.#room.failed(error);
    }
    this.#fetching = false;
  }
}
