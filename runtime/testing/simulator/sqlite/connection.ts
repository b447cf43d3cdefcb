/**
 * A connection of a simulated process: SQLite itself on a real file, which locks and isolates; around each statement the process may die, SQLite may say
 * that the disk has failed or that another is in the way, and the commit takes its time, during which the lock is held and others see what was before.
 */
import type { Connection, SqlValue } from "../../../store/sqlite/driver.ts";
import type { Network } from "../network.ts";
import type { SimulatedProcess } from "../process.ts";
import type { Random } from "../random.ts";
import type { Disk } from "./disk.ts";
import type { Member, SharedFile } from "./shared-file.ts";

/** The driver, wrong on purpose. */
export interface DriverMutation {
  /** Changes a statement and its values before it is run. */
  readonly statement?: (sql: string, values: readonly SqlValue[]) => readonly [string, readonly SqlValue[]];
  /** Changes what a statement gives. */
  readonly value?: (sql: string, value: SqlValue | undefined) => SqlValue | undefined;
  /** Each statement is a transaction of its own. */
  readonly noTransactions?: boolean;
  /** While another has the lock nothing is there, and nothing is written. */
  readonly nothingWhileBusy?: boolean;
  /** A claim takes what the one before it has seen. */
  readonly claimsWhatWasSeen?: boolean;
  /** What fails inside a transaction is told as if nothing of its call had been written. */
  readonly failsAsRefusal?: boolean;
  /** The process goes on while its commit is under way, and tells what it holds. */
  readonly toldBeforeCommit?: boolean;
}

export interface ConnectionParts {
  readonly file: SharedFile;
  readonly process: SimulatedProcess;
  readonly network: Network;
  readonly disk: Disk;
  readonly mutation: DriverMutation;
}

export const sqliteFailure = (code: string): Error => Object.assign(new Error(`${code}, as simulated`), { code });

export class SimulatedConnection implements Connection, Member {
  readonly process: SimulatedProcess;
  readonly #file: SharedFile;
  readonly #network: Network;
  readonly #random: Random;
  readonly #disk: Disk;
  readonly #mutation: DriverMutation;
  readonly #db: Connection;
  /** The lock is held. */
  #writing = false;
  /** Its transaction will be committed, and nobody will hear of it. */
  #unheard = false;
  /** See {@link DriverMutation.nothingWhileBusy}. */
  #blind = false;
  /** See {@link DriverMutation.claimsWhatWasSeen}. */
  readonly #seen = new Map<string, ReturnType<Connection["all"]>>();
  #closed = false;
  #commit: { readonly done: Promise<void>; readonly tell: () => void } | undefined;

  constructor(db: Connection, { file, process, network, disk, mutation }: ConnectionParts) {
    this.#db = db;
    this.#file = file;
    this.process = process;
    this.#network = network;
    this.#random = network.random;
    this.#disk = disk;
    this.#mutation = mutation;
    file.members.add(this);
  }

  exec(sql: string): void {
    // The disk is the simulation's: nobody waits for it.
    if (sql.startsWith("PRAGMA synchronous")) return this.#db.exec("PRAGMA synchronous = off");
    this.#control(sql, () => this.#db.exec(sql));
  }
  run(sql: string, ...values: SqlValue[]): number {
    const [text, given] = this.#mutation.statement?.(sql, values) ?? [sql, values];
    return this.#control(sql, () => (this.#blind ? 0 : this.#db.run(text, ...given))) ?? 0;
  }
  value(sql: string, ...values: SqlValue[]): SqlValue | undefined {
    const [text, given] = this.#mutation.statement?.(sql, values) ?? [sql, values];
    const value = this.#act(sql, () => (this.#blind ? undefined : this.#db.value(text, ...given)));
    return this.#mutation.value === undefined ? value : this.#mutation.value(sql, value);
  }
  all(sql: string, ...values: SqlValue[]): ReturnType<Connection["all"]> {
    const rows = this.#act(sql, () => (this.#blind ? [] : this.#db.all(sql, ...values)));
    if (this.#mutation.claimsWhatWasSeen !== true || !sql.includes("AND due_at <= ?")) return rows;
    const asked = values.slice(0, 2).join();
    const before = this.#seen.get(asked) ?? rows;
    this.#seen.set(asked, rows);
    return before;
  }
  get inTransaction(): boolean {
    return !this.#closed && this.#commit === undefined && (this.#writing || this.#db.inTransaction);
  }
  get committing(): Promise<void> | undefined {
    return this.#commit?.done;
  }

  /** Undefined for a statement that is not for the database alone. */
  #control<T>(sql: string, perform: () => T): T | undefined {
    const own = {
      "BEGIN IMMEDIATE": () => this.#begin(),
      COMMIT: () => this.#commitSoon(),
      ROLLBACK: () => this.#undo(),
    }[sql];
    if (own === undefined) return this.#act(sql, perform);
    this.#act(sql, own);
    return undefined;
  }

  /** One statement, with what may befall it. */
  #act<T>(sql: string, perform: () => T): T {
    this.#file.reap();
    this.#live(sql);
    // Its event loop stands still; what follows in the same instant comes too early.
    if (this.#commit !== undefined) throw sqliteFailure("SQLITE_BUSY");
    const fate = this.#network.fate(this.process, sql.trim().slice(0, 40));
    const failure = this.#disk.failure(fate, { sql, writing: this.#writing });
    if (failure === "unheard") this.#unheard = true;
    else if (failure !== undefined) {
      const { code, undone, performed } = failure;
      if (undone) this.#undo();
      if (performed) perform();
      const error = sqliteFailure(code);
      if (this.#writing && this.#mutation.failsAsRefusal === true) Object.assign(error, { outcome: "refused" });
      throw error;
    }
    const answer = perform();
    if (sql === "COMMIT") this.#live("after COMMIT");
    return answer;
  }

  /** Throws when the process is dead, or dies here. */
  #live(sql: string): void {
    // To die while one reads is to die before or after it.
    if (this.process.alive && (this.#writing || sql === "BEGIN IMMEDIATE" || sql === "after COMMIT"))
      this.#network.calling(this.process, sql);
    if (this.process.alive) return;
    this.end();
    throw new Error("the process is dead");
  }

  #begin(): void {
    try {
      if (this.#mutation.noTransactions !== true) this.#db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      if (this.#mutation.nothingWhileBusy !== true) throw error;
      this.#blind = true;
    }
    this.#writing = true;
  }

  #commitSoon(): void {
    if (this.#disk.replacesAtCommit()) this.#file.replace();
    const duration = this.#disk.duration(this.#random);
    if (duration === 0 || this.#unheard || !this.#db.inTransaction) {
      this.#finish();
      if (!this.#unheard) return;
      this.#unheard = false;
      throw sqliteFailure("SQLITE_IOERR");
    }
    let tell = (): void => {};
    const done = new Promise<void>((resolve) => (tell = resolve));
    const commit = (this.#commit = { done, tell });
    if (this.#mutation.toldBeforeCommit !== true) this.process.pause(duration);
    this.#network.timeline.at(duration, this.process, () => {
      if (this.#commit === commit) this.settle();
    });
  }

  settle(): void {
    if (this.#commit === undefined) return;
    const { tell } = this.#commit;
    this.#commit = undefined;
    this.#finish();
    tell();
  }

  #finish(): void {
    if (this.#db.inTransaction) this.#db.run("COMMIT");
    this.#writing = this.#blind = false;
    this.#file.observe();
  }

  #undo(): void {
    if (this.#db.inTransaction) this.#db.run("ROLLBACK");
    this.#writing = this.#blind = this.#unheard = false;
  }

  /** As the operating system does: what was not committed is undone, and the lock is free. A commit that was under way may have come far enough. */
  end(): void {
    if (this.#commit !== undefined && this.#random.chance(0.5)) this.#finish();
    this.#commit = undefined;
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.settle();
    this.#file.members.delete(this);
    this.#undo();
    this.#db.close();
  }
}
