/**
 * The virtual clock and the script of a program: what is pending, and in which order it settles. Earliest due first;
 * of those due at once, services and timers in the order in which they were called, then resumed tokens.
 */
import type { World } from "../../fixtures/programs/stage.ts";

export const EPOCH = 1_800_000_000_000;

export interface Entry {
  readonly due: number;
  /** Services and timers 0, resumed tokens 1. */
  readonly rank: 0 | 1;
  readonly order: number;
  fire(): void;
}

export class Script {
  now = EPOCH;
  readonly lines: string[] = [];
  readonly entries = new Set<Entry>();
  /** Beyond this many settlements a program is taken to be endless. */
  private left = 2_000;

  /** Takes out the entry that is next, and sets the clock to it. */
  next(also: Iterable<Entry> = []): Entry | undefined {
    let first: Entry | undefined;
    for (const list of [this.entries, also])
      for (const entry of list) if (first === undefined || before(entry, first)) first = entry;
    if (first === undefined) return undefined;
    if (this.left-- === 0) throw new Error("endless program: more than 2000 settlements");
    this.entries.delete(first);
    this.now = Math.max(this.now, first.due);
    return first;
  }
}

const before = (a: Entry, b: Entry): boolean =>
  a.due !== b.due ? a.due < b.due : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;

/** The world outside a run: native promises, each call once. */
export class PlainWorld implements World {
  readonly script = new Script();
  private calls = 0;
  private readonly resumeToken: (id: string, value: unknown) => void;

  constructor(resumeToken: (id: string, value: unknown) => void) {
    this.resumeToken = resumeToken;
  }

  now(): number {
    return this.script.now;
  }

  log(line: string): void {
    this.script.lines.push(line);
  }

  serve(_identity: string, ms: number, answer: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.at(ms, () => {
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  resume(id: string, value: unknown, ms: number): void {
    this.at(ms, () => this.resumeToken(id, structuredClone(value)), 1);
  }

  /** Enters something due `ms` from now. */
  at(ms: number, fire: () => void, rank: 0 | 1 = 0): Entry {
    const entry = { due: this.script.now + ms, rank, order: ++this.calls, fire };
    this.script.entries.add(entry);
    return entry;
  }
}
