/**
 * A model of a Postgres database under READ COMMITTED, as far as the store relies on it. A statement sees the database as it was when the
 * statement began (its snapshot), but locks, and so changes, rows as they are when it gets the lock, if they still match: between the two
 * others may have written, which is where a query over a second table sees too little (Postgres manual, 13.2.1). Its effects come at one instant.
 */
import { makeTables, type Tables } from "./rows.ts";
import type { Table } from "./table.ts";

export type Row = readonly (string | null)[];

/** What a statement has to wait for. */
export class Blocked extends Error {
  readonly by: Transaction;
  constructor(by: Transaction) {
    super("waits for a lock");
    this.by = by;
  }
}

/** An error that the server sends, which undoes the statement. */
export const refusal = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, severity: "ERROR" });

type Write = (now: number) => void;

/** Several statements: their effects come at its end, and until then what they locked is theirs. */
export class Transaction {
  readonly writes: Write[] = [];
  readonly locks = new Set<string>();
  /** Called when it ends, either way. */
  readonly waiting: (() => void)[] = [];
  failed = false;
}

export class Database {
  readonly tables: Tables = makeTables();
  #now = 0;
  readonly #snapshots = new Set<{ readonly at: number }>();
  readonly #locked = new Map<string, Transaction>();
  readonly #sequences = new Map<string, number>();

  /** Numbers of a sequence are never given back. */
  next(sequence: string): number {
    const value = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, value);
    return value;
  }

  /** What a statement that begins now will see. */
  begin(): { readonly at: number } {
    const snapshot = { at: this.#now };
    this.#snapshots.add(snapshot);
    return snapshot;
  }
  end(snapshot: { readonly at: number }): void {
    this.#snapshots.delete(snapshot);
  }

  /** Who else holds the row. */
  holder(table: string, key: string, own: Transaction | undefined): Transaction | undefined {
    const holder = this.#locked.get(`${table} ${key}`);
    return holder === own ? undefined : holder;
  }
  hold(table: string, key: string, by: Transaction): void {
    this.#locked.set(`${table} ${key}`, by);
    by.locks.add(`${table} ${key}`);
  }

  /** All at one instant. */
  apply(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    const now = ++this.#now;
    for (const write of writes) write(now);
  }

  put<R>(table: Table<R>, now: number, key: string, row: R | undefined): void {
    let oldest = now;
    for (const { at } of this.#snapshots) oldest = Math.min(oldest, at);
    table.write(now, oldest, key, row);
  }

  commit(transaction: Transaction): void {
    if (!transaction.failed) this.apply(transaction.writes);
    this.release(transaction);
  }
  /** Rolled back, unless it was committed. */
  release(transaction: Transaction): void {
    for (const lock of transaction.locks) this.#locked.delete(lock);
    transaction.locks.clear();
    for (const wake of transaction.waiting.splice(0)) wake();
  }
}

export interface Circumstances {
  readonly transaction: Transaction | undefined;
  /** Rows that a `SKIP LOCKED` passes over although nobody has them: a statement of somebody else's has them for a moment. */
  readonly busy: () => boolean;
  /** For the simulation itself, which cannot wait. */
  readonly ignoreLocks: boolean;
  /** Wrong on purpose: rows that may be skipped are taken as they were seen. */
  readonly takeWhatWasSeen: boolean;
}

/** One statement under way: what it sees, what it locks, and what it will have written. */
export class Statement {
  readonly values: readonly unknown[];
  readonly tables: Tables;
  readonly snapshot: number;
  readonly writes: Write[] = [];
  readonly #database: Database;
  readonly #how: Circumstances;

  constructor(database: Database, snapshot: number, values: readonly unknown[], how: Circumstances) {
    this.#database = database;
    this.tables = database.tables;
    this.snapshot = snapshot;
    this.values = values;
    this.#how = how;
  }

  next(sequence: string): number {
    return this.#database.next(sequence);
  }

  /** Rows as they were when the statement began. */
  seen<R>(table: Table<R>, where: (row: R) => boolean = () => true): R[] {
    return table.all(this.snapshot).filter(where);
  }

  /** Locks the row that it has seen, and gives it as it is now; undefined when it does not match any more. */
  lock<R>(table: Table<R>, key: string, where: (row: R) => boolean): R | undefined {
    const seen = table.at(this.snapshot, key);
    if (seen === undefined || !where(seen)) return undefined;
    const { transaction, ignoreLocks } = this.#how;
    const holder = this.#database.holder(table.name, key, transaction);
    if (holder !== undefined && !ignoreLocks) throw new Blocked(holder);
    const row = table.current(key);
    if (row === undefined || !where(row)) return undefined;
    if (transaction !== undefined) this.#database.hold(table.name, key, transaction);
    return row;
  }

  /** As {@link lock}; undefined also when somebody has it. */
  lockFree<R>(table: Table<R>, key: string, where: (row: R) => boolean): R | undefined {
    if (this.#how.busy()) return undefined;
    if (this.#how.takeWhatWasSeen) return table.at(this.snapshot, key);
    try {
      return this.lock(table, key, where);
    } catch (error) {
      if (error instanceof Blocked) return undefined;
      throw error;
    }
  }

  /** Writes a row at the end of the statement, or of its transaction. */
  put<R>(table: Table<R>, key: string, row: R | undefined): void {
    this.writes.push((now) => this.#database.put(table, now, key, row));
  }

  /** Something else to happen at that instant. */
  then(effect: () => void): void {
    this.writes.push(effect);
  }
}
