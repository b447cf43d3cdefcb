/** What goes wrong with a statement, and what it leaves of its transaction. */
import { STORMY } from "../faults.ts";
import type { Fate } from "../network.ts";
import type { Random } from "../random.ts";

export interface Failure {
  readonly code: string;
  /** SQLite has rolled the transaction back by itself (https://www.sqlite.org/lang_transaction.html, 3); else it is as it was. */
  readonly undone: boolean;
  /** It was done before it failed. */
  readonly performed: boolean;
}

interface Where {
  readonly sql: string;
  /** Inside a transaction that writes. */
  readonly writing: boolean;
}

const OUTAGES = ["locked", "full", "broken", "read-only"] as const;
/** An outage is of one kind until it has been calm for so long, ms. */
const CALM = 500;

const failing = (code: string, undone: boolean, performed = false): Failure => ({ code, undone, performed });

export class Disk {
  readonly #random: Random;
  readonly #now: () => number;
  #outage: (typeof OUTAGES)[number] = "locked";
  #refused = Number.NEGATIVE_INFINITY;
  #replacing = false;
  /** How often a statement of a transaction that writes fails, as long as it storms. */
  readonly #rate: number;
  readonly #calmFrom: number;
  /** How long a commit takes, ms. While one waits for a slow disk others gather, and share the next transaction. */
  readonly #slowest: number;

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
    this.#rate = random.pick([0, 0.001, 0.01]);
    this.#calmFrom = now() + STORMY;
    this.#slowest = random.pick([4, 4, 60]);
  }

  /** For how long a commit that begins now holds the lock. */
  duration(random: Random): number {
    return random.chance(0.05) ? random.between(20, 400) : random.between(0, this.#slowest);
  }

  /** The file is replaced within the next commit, before SQLite has written it. */
  replaceAtCommit(): void {
    this.#replacing = true;
  }
  replacesAtCommit(): boolean {
    const replaces = this.#replacing;
    this.#replacing = false;
    return replaces;
  }

  /** `unheard`: this statement succeeds, and the commit of its transaction too, of which nobody will hear. */
  failure(fate: Fate, where: Where): Failure | "unheard" | undefined {
    const { sql, writing } = where;
    const random = this.#random;
    switch (fate) {
      case "answered":
        if (!writing || this.#now() > this.#calmFrom || !random.chance(this.#rate)) return undefined;
        return this.failure(random.pick(["request-lost", "answer-lost", "repeated"]), where);
      case "refused":
        return this.#outageOf(where);
      // A rollback that fails has happened nevertheless.
      case "request-lost":
        if (sql === "ROLLBACK") return failing("SQLITE_IOERR", true);
        if (writing && random.chance(0.5)) return failing("SQLITE_FULL", true);
        return failing("SQLITE_IOERR", writing && random.chance(0.5));
      case "answer-lost":
        return writing ? "unheard" : failing("SQLITE_IOERR", false, !sql.startsWith("BEGIN"));
      // Another is in the way: also where a library has left a statement unfinished.
      case "repeated":
        return failing(random.chance(0.2) ? "SQLITE_PROTOCOL" : "SQLITE_BUSY", sql === "ROLLBACK");
    }
  }

  #outageOf({ sql, writing }: Where): Failure | undefined {
    const now = this.#now();
    if (now - this.#refused > CALM) this.#outage = this.#random.pick(OUTAGES);
    this.#refused = now;
    switch (this.#outage) {
      case "locked":
        return sql === "BEGIN IMMEDIATE" ? failing("SQLITE_BUSY", false) : undefined;
      case "read-only":
        return sql === "BEGIN IMMEDIATE" ? failing("SQLITE_READONLY", false) : undefined;
      case "full":
        return writing && /^\s*(INSERT|UPDATE|COMMIT)/.test(sql) ? failing("SQLITE_FULL", true) : undefined;
      case "broken":
        return failing("SQLITE_IOERR", sql === "ROLLBACK" || (writing && this.#random.chance(0.5)));
    }
  }
}
