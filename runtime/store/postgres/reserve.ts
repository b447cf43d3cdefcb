/** Transactions of the user's hold their connections for as long as their bodies like. Some connections are for everything else, which those bodies may wait for. */
import type { PgPool } from "./driver.ts";

/** One to LISTEN with, one for commits and calls of the engine. */
const RESERVED = 2;

/** Admits as many at once as leave the others theirs, in the order in which they come. */
export class Reserve {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(connections: number) {
    this.#free = Math.max(1, connections - RESERVED);
  }

  async admit<T>(body: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await body();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Connections of a pool that was given; `pg` has ten unless it is told otherwise. */
export const sizeOf = (pool: PgPool): number => {
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  return typeof options?.max === "number" ? options.max : 10;
};
