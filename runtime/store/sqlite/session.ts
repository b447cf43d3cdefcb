/**
 * One connection and the queue of calls that write.
 *
 * Only one process at a time writes to an SQLite file, and each transaction waits for the disk. So calls made in the same
 * turn of the event loop, or while one waits for the lock, share one transaction. The lock is never waited for inside
 * SQLite: its busy handler blocks the event loop for up to a second and starves other writers, so `BEGIN IMMEDIATE` fails
 * at once and is tried again after a random moment.
 */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isStoreFailure, storeError } from "../messages.ts";
import { chooseDriver } from "./choose-driver.ts";
import type { Connection, Driver } from "./driver.ts";
import { type Environment, PROCESS } from "./environment.ts";
import { type Identity, isSame, watchIdentity } from "./identity.ts";
import { isBusy, isCertain, isConstraint, sqliteError, translate } from "./messages.ts";
import type { SqliteOptions } from "./options.ts";
import { readTogether } from "./reads.ts";
import { prepareSchema } from "./schema.ts";

/** Part of a transaction: reads and writes synchronously, and throws only coded errors, before its first write. */
type Work<T> = (db: Connection) => T;

export interface Session {
  /** `soon`: the caller has gathered what belongs together, so nothing is waited for that may come in the same turn of the event loop. */
  write<T>(method: string, work: Work<T>, soon?: boolean): Promise<T>;
  /** At one instant: `work` sees one snapshot, as do the reads that are asked for before any promise is heard. */
  read<T>(method: string, work: Work<T>): Promise<T>;
  /** A transaction on a second connection, one at a time, with the lock held while `work` awaits what is settled. */
  exclusive<T>(method: string, work: (db: Connection) => Promise<{ commit: boolean; value: T }>): Promise<T>;
  close(): Promise<void>;
}

interface Call {
  readonly since: number;
  /** Does the work inside the transaction and gives what to do once that is durable. */
  work(db: Connection): () => void;
  reject(error: unknown): void;
}

interface Opened {
  readonly db: Connection;
  readonly checkIdentity: Identity["check"];
}

const settled: Promise<void> = Promise.resolve();

export function openSession(
  path: string,
  options: SqliteOptions,
  { pause, random, now, nextTick, identify, folderOf }: Environment = PROCESS,
): Session {
  const { lockTimeout = 10_000, failpoint, driver: chosen } = options;
  const library = (): Promise<Driver> => (typeof chosen === "function" ? chosen() : chooseDriver(chosen));
  let opening: Promise<Opened> | undefined;
  /** The connection in use, once it is open. */
  let current: Opened | undefined;
  let identity: Identity | undefined;
  let closing: Promise<void> | undefined;
  let queue: Call[] = [];
  /** So many of its calls go alone: the group that they were in was refused. */
  let alone = 0;
  let draining: Promise<void> | undefined;
  let second: Connection | undefined;
  let inLine: Promise<unknown> = Promise.resolve();

  /** Two milliseconds at most: as long as a transaction or so. It does not grow, or the newest contender would win. */
  const shortWhile = (): Promise<void> => pause(random() * 2);

  const locked = (): Error => sqliteError("PD3107", "refused", { path, ms: String(lockTimeout) });

  /** Until no other connection is in the way. */
  async function persist<T>(attempt: () => T | Promise<T>): Promise<T> {
    const deadline = now() + lockTimeout;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (now() > deadline) throw locked();
      }
      await shortWhile();
    }
  }

  /** The limit is each connection's own. */
  function bound(connection: Connection): void {
    if (options.maxBytes === undefined) return;
    const page = connection.value("PRAGMA page_size") as number;
    connection.value(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxBytes / page))}`);
  }

  async function open(): Promise<Opened> {
    const directory = statSync(dirname(path), { throwIfNoEntry: false });
    if (directory === undefined)
      throw sqliteError("PD3102", "refused", { path, why: `there is no directory ${dirname(path)}` });
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw sqliteError("PD3102", "refused", { path, why: "it is a directory" });
    }
    // To connect to a file that is not the one opened first would adopt it, or even make it.
    if (identity !== undefined) watchIdentity(path, identity.file, { identify, folderOf });
    const driver = await library();
    let db: Connection | undefined;
    try {
      // Which file is opened, libraries do not tell. One that this makes is the one that stands there just after.
      const existing = identify(path);
      const connection = (db = driver.open(path));
      const file = identity?.file ?? existing ?? identify(path);
      await persist(() => prepareSchema(connection, path, options.synchronous ?? "full"));
      bound(connection);
      if (identity === undefined && !isSame(identify(path), file)) {
        // Another file has come to stand there while this one was opened, or waited for its lock. Nobody has used it yet.
        db.close();
        return open();
      }
      identity = watchIdentity(path, file, { identify, folderOf });
      return { db: connection, checkIdentity: identity.check };
    } catch (error) {
      db?.close();
      throw translate(error, path, "refused");
    }
  }

  /** Another connection to the same file, for transactions of the user's. */
  async function connectAgain(): Promise<Connection> {
    const connection = (await library()).open(path);
    await persist(() => prepareSchema(connection, path, options.synchronous ?? "full"));
    bound(connection);
    return connection;
  }

  /** Opens at the first call; after a failure the next call tries again. */
  function opened(): Promise<Opened> {
    opening ??= open().then(
      (session) => (current = session),
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  }

  /** Most failures have rolled back by themselves. One that has not must, or the connection keeps the lock. */
  function abandon(db: Connection, error: unknown): void {
    try {
      if (db.inTransaction) db.run("ROLLBACK");
      // The lock was held: it is this connection that is in its own way, with a statement that it cannot finish.
      if (!isBusy(error)) return;
    } catch {
      // What was not committed stays invisible; a connection that cannot even roll back is given up for a new one.
    }
    opening = undefined;
    current = undefined;
    db.close();
  }

  /** Another connection is in the way: pauses, and gives up calls that have waited too long. */
  async function wait(): Promise<void> {
    const patience = now() - lockTimeout;
    for (const call of queue) if (call.since < patience) call.reject(locked());
    queue = queue.filter((call) => call.since >= patience);
    await shortWhile();
  }

  /** One transaction, lock held. Gives the acknowledgements; throws when nothing, or nobody knows what, was applied. */
  function transact({ db, checkIdentity }: Opened, calls: readonly Call[]): (() => void)[] {
    let outcome: "refused" | "unknown" = "refused";
    try {
      failpoint?.("sqlite:after-begin");
      const acknowledgements = calls.map((call) => {
        try {
          return call.work(db);
        } catch (error) {
          if (!isStoreFailure(error)) throw error;
          return () => call.reject(error);
        }
      });
      failpoint?.("sqlite:before-commit");
      outcome = "unknown";
      db.run("COMMIT");
      failpoint?.("sqlite:after-commit");
      checkIdentity("unknown");
      return acknowledgements;
    } catch (error) {
      abandon(db, error);
      if (isBusy(error)) throw error;
      throw translate(error, path, isCertain(error) ? "refused" : outcome);
    }
  }

  /** After a failure of these calls: puts back those that go again, and rejects the others. True: another connection is in the way. */
  function recover(calls: readonly Call[], error: unknown): boolean {
    if (isBusy(error)) {
      queue = [...calls, ...queue];
      return true;
    }
    if (calls.length > 1 && isStoreFailure(error) && error.outcome === "refused") {
      // One of them spoils it for all: each goes again, alone.
      alone = calls.length;
      queue = [...calls, ...queue];
      return false;
    }
    const failure = translate(error, path, "refused");
    for (const call of calls.length === 0 ? queue.splice(0) : calls) call.reject(failure);
    return false;
  }

  /**
   * One transaction of calls off the queue, from taking the lock to the commit in one instant: whoever reads between the
   * two would be inside of it. True: another connection is in the way.
   */
  function drainOnce({ db, checkIdentity }: Opened): boolean {
    let calls: Call[] = [];
    try {
      checkIdentity("refused");
      failpoint?.("sqlite:before-begin");
      // Not a prepared statement: libsql leaves one that met a lock unfinished, and SQLite then refuses to commit.
      db.exec("BEGIN IMMEDIATE");
      calls = queue.splice(0, alone > 0 ? 1 : queue.length);
      alone = Math.max(0, alone - 1);
      for (const acknowledge of transact({ db, checkIdentity }, calls)) acknowledge();
      return false;
    } catch (error) {
      return recover(calls, error);
    }
  }

  /** Begins to take calls off the queue: those that are made before any promise is heard are in it. */
  function startDrain(soon: boolean): Promise<void> {
    const session = current;
    if (!soon || session === undefined) return drain(soon);
    // What most turns need: one transaction, without any wait.
    return settled.then(() => {
      drainOnce(session);
      if (queue.length > 0) return drain(true);
      draining = undefined;
      return undefined;
    });
  }

  /** Takes calls off the queue until it is empty. */
  async function drain(soon: boolean): Promise<void> {
    let gathered = soon;
    while (queue.length > 0) {
      if (!gathered) await nextTick();
      gathered = false;
      const session = await opened().catch((error: unknown) => void recover([], error));
      if (session === undefined || !drainOnce(session)) continue;
      await wait();
      gathered = true;
    }
    alone = 0;
    // In the same instant as the look at the queue: a call made later starts the next drain.
    draining = undefined;
  }

  /** For what is synchronous: each time on the connection that is then in use, if the file is still the one. */
  const attempt = <T>(action: (db: Connection) => T): Promise<T> =>
    persist(async () => {
      // While one awaits it, it may be given up.
      while (current === undefined) await opened();
      const { db, checkIdentity } = current;
      checkIdentity("refused");
      return action(db);
    });
  const reads = readTogether({ attempt, failure: (error) => translate(error, path, "refused") });

  const refuseClosed = (method: string): void => {
    if (closing !== undefined) throw storeError("PD3002", "refused", { method, store: "sqlite" });
  };

  return {
    write: (method, work, soon = false) =>
      new Promise((resolve, reject) => {
        refuseClosed(method);
        queue.push({
          since: now(),
          work: (db) => {
            const value = work(db);
            return () => resolve(value);
          },
          reject,
        });
        draining ??= startDrain(soon);
      }),

    async read(method, work) {
      refuseClosed(method);
      return reads.read(work);
    },

    exclusive(method, work) {
      refuseClosed(method);
      const turn = inLine.then(async () => {
        const { checkIdentity } = await opened();
        let outcome: "refused" | "unknown" = "refused";
        try {
          const db = (second ??= await connectAgain());
          await persist(() => {
            checkIdentity("refused");
            db.exec("BEGIN IMMEDIATE");
          });
          const { commit, value } = await work(db);
          if (!commit) {
            // A statement that failed may have done so.
            if (db.inTransaction) db.run("ROLLBACK");
            return value;
          }
          failpoint?.("sqlite:before-commit");
          outcome = "unknown";
          try {
            db.run("COMMIT");
          } catch (error) {
            if (!isConstraint(error)) throw error;
            const why = `its COMMIT was refused: ${(error as Error).message}`;
            throw Object.assign(sqliteError("PD3112", "refused", { path, why }, error), { thrown: error });
          }
          failpoint?.("sqlite:after-commit");
          checkIdentity("unknown");
          return value;
        } catch (error) {
          // Whatever is open goes with the connection.
          second?.close();
          second = undefined;
          throw translate(error, path, isCertain(error) ? "refused" : outcome);
        }
      });
      inLine = turn.catch(() => {});
      return turn;
    },

    close() {
      closing ??= (async () => {
        await draining;
        await inLine;
        await reads.answered();
        second?.close();
        const session = await opening?.catch(() => undefined);
        if (session === undefined) return;
        try {
          // So that the file alone is whole once the last worker has stopped.
          session.db.value("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (error) {
          // Another process is using the file: the last one to close it does this.
          if (!isBusy(error)) throw translate(error, path, "refused");
        } finally {
          session.db.close();
        }
      })();
      return closing;
    },
  };
}
