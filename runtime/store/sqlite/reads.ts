/** Reads that are asked for together share one transaction: a hundred runs that are loaded at once open one, not a hundred. */
import type { Connection } from "./driver.ts";
import { isBusy } from "./messages.ts";

/** What reads need of the session. */
export interface Reading {
  /** Runs something synchronous on the connection, opened if it has to be, until no other is in the way. Rejects with a coded error. */
  attempt<T>(action: (db: Connection) => T): Promise<T>;
  /** The error as the store tells it. */
  failure(error: unknown): unknown;
}

/** A read that waits for its transaction. */
interface Look {
  /** Gives what to do once the transaction is over. */
  work(db: Connection): () => void;
  reject(error: unknown): void;
}

export interface Reads {
  /** At one instant, for `work` and for all reads that are asked for before any promise is heard. Each fails alone. */
  read<T>(work: (db: Connection) => T): Promise<T>;
  /** When those that have been asked for are answered. */
  answered(): Promise<unknown>;
}

export function readTogether(reading: Reading): Reads {
  const waiting: Look[] = [];
  const underWay = new Set<Promise<void>>();
  const settled = Promise.resolve();

  /** Only one that meets another connection concerns them all. */
  function answerOf(look: Look, db: Connection): () => void {
    try {
      return look.work(db);
    } catch (error) {
      if (isBusy(error)) throw error;
      return () => look.reject(reading.failure(error));
    }
  }

  function transact(db: Connection, looks: readonly Look[]): (() => void)[] {
    db.run("BEGIN");
    try {
      return looks.map((look) => answerOf(look, db));
    } finally {
      // A read has nothing to commit, and a rollback works whatever a failed statement has left unfinished.
      if (db.inTransaction) db.run("ROLLBACK");
    }
  }

  async function drain(): Promise<void> {
    const looks = waiting.splice(0);
    try {
      for (const answer of await reading.attempt((db) => transact(db, looks))) answer();
    } catch (error) {
      const failure = reading.failure(error);
      for (const look of looks) look.reject(failure);
    }
  }

  function begin(): void {
    const reads = settled.then(drain).then(() => void underWay.delete(reads));
    underWay.add(reads);
  }

  return {
    read: (work) =>
      new Promise((resolve, reject) => {
        const look = (db: Connection) => {
          const value = work(db);
          return () => resolve(value);
        };
        if (waiting.push({ work: look, reject }) === 1) begin();
      }),
    answered: () => Promise.all(underWay),
  };
}
