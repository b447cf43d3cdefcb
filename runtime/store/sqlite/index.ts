import { resolve } from "node:path";
import { checkOptions } from "../../options/check.ts";
import { checkCount, checkEnding, checkGroup, checkMessage, checkName, checkNewRun, checkTime } from "../arguments.ts";
import type { Store } from "../store.ts";
import { census } from "./census.ts";
import type { Environment } from "./environment.ts";
import * as mail from "./mail.ts";
import { sqliteError } from "./messages.ts";
import { SQLITE_OPTIONS, type SqliteOptions } from "./options.ts";
import type { Damage } from "./rows.ts";
import * as runs from "./runs.ts";
import { openSession } from "./session.ts";
import { transact } from "./transaction.ts";
import * as workers from "./workers.ts";

export type { DriverName } from "./choose-driver.ts";
export type { Connection, Driver, Row, SqlValue } from "./driver.ts";
export type { SqliteTransaction } from "./guard.ts";
export { SQLITE_FAILPOINTS, type SqliteFailpoint, type SqliteOptions } from "./options.ts";

/**
 * A store in one SQLite file, shared by all processes of a machine that open it (not over a network file system: SQLite
 * needs working locks). Needs Node 24, or the package `libsql`.
 *
 * Guarantees: an acknowledged call has reached the disk (`synchronous: "full"`, the default); calls made together share one
 * transaction; the event loop is never blocked by another process's lock. The file is opened at the first call and made
 * when it does not exist; its directory must exist.
 *
 * Errors, all of them {@link StoreFailure}s: PD3101 there is no SQLite library, PD3102 cannot be opened, PD3103 read-only, PD3104 not
 * a database, PD3105 another application's, PD3106 written by a newer version, PD3107 locked for longer than `lockTimeout`,
 * PD3108 full, PD3109 replaced or deleted under the store, PD3110 damaged, PD3111 any other failure.
 *
 * @throws PD2516 and PD2517 for options that cannot be meant.
 * @example
 * const engine = createEngine({ store: sqlite("runs.db") });
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
  // An environment variable that is not set is the usual reason.
  if (typeof path !== "string")
    throw sqliteError("PD3102", "refused", {
      path: String(path),
      why: "it is no text; is a variable of the environment not set?",
    });
  if (path === "" || path.startsWith(":") || /^(file|libsql|https?|wss?):/.test(path)) {
    const why = "it is not the path of a file; for a store that lasts as long as the process there is `memory()`";
    throw sqliteError("PD3102", "refused", { path, why });
  }
  checkOptions("sqlite", options, SQLITE_OPTIONS);
  return open(resolve(path), options);
}

/** @internal The store in a file of which the whole path is given, in a given environment. */
export function open(file: string, options: SqliteOptions, environment?: Environment): Store {
  const session = openSession(file, options, environment);
  const linked = new workers.LinkedSets();
  const damage: Damage = (why) => sqliteError("PD3110", "refused", { path: file, why });
  const { synchronous, lockTimeout, maxBytes, driver } = options;
  // A bundle in CommonJS format has no URL of its own, and nothing beside it that a thread could load.
  const here: string | undefined = import.meta.url;

  return {
    name: "sqlite",
    // A library of the caller's own cannot be handed to a thread, and two copies of SQLite must not meet in one process.
    ...(here &&
      typeof driver !== "function" && {
        thread: {
          module: new URL("./thread.js", here).href,
          options: { path: file, synchronous, lockTimeout, maxBytes, driver },
          native: true,
        },
      }),

    async create(run) {
      checkNewRun("create", run);
      return session.write("create", (db) => runs.create(db, run));
    },
    async renew(worker, now, until) {
      checkName("renew", "worker", worker);
      checkTime("renew", "now", now);
      checkTime("renew", "until", until);
      return session.write("renew", (db) => workers.renew(db, worker, until));
    },
    async retire(worker) {
      return session.write("retire", (db) => workers.retire(db, worker));
    },
    async claim(request) {
      checkCount("claim", "limit", request.limit);
      checkCount("claim", "suspects", request.suspects);
      checkTime("claim", "now", request.now);
      return session.write("claim", (db) => workers.claim(db, request, linked, damage));
    },
    async owned(worker) {
      return session.read("owned", (db) => workers.owned(db, worker));
    },
    async load(lease) {
      return session.read("load", (db) => runs.load(db, lease, damage));
    },
    async inbox(lease, after) {
      return session.read("inbox", (db) => runs.inbox(db, lease, after, damage));
    },
    // No async function: it would make three more promises for each turn.
    commit(group) {
      try {
        checkGroup(group);
      } catch (error) {
        return Promise.reject(error);
      }
      return session.write("commit", (db) => runs.commitGroup(db, group), true);
    },
    async compact(lease, position, base) {
      checkCount("compact", "position", position);
      return session.write("compact", (db) => runs.compact(db, lease, position, base));
    },
    async acknowledge(run, incarnation, seqs) {
      return session.write("acknowledge", (db) => mail.acknowledge(db, run, incarnation, seqs));
    },
    async pendingOutbox(limit) {
      checkCount("pendingOutbox", "limit", limit);
      return session.read("pendingOutbox", (db) => mail.pendingOutbox(db, limit));
    },
    async deliver(run, incarnation, message) {
      checkMessage("deliver", message);
      return session.write("deliver", (db) => mail.deliver(db, run, incarnation, message));
    },
    async revive(run, now) {
      checkTime("revive", "now", now);
      return session.write("revive", (db) => mail.revive(db, run, now));
    },
    async end(ending) {
      checkEnding(ending);
      return session.write("end", (db) => runs.end(db, ending));
    },
    async inspect(run) {
      return session.read("inspect", (db) => runs.inspect(db, run, damage));
    },
    async read(run) {
      return session.read("read", (db) => mail.read(db, run));
    },
    async list(query) {
      checkCount("list", "limit", query.limit ?? 100);
      return session.read("list", (db) => mail.list(db, damage, query));
    },
    async census(now, codes) {
      checkTime("census", "now", now);
      return session.read("census", (db) => census(db, now, codes, linked));
    },
    async nextWake(codes) {
      return session.read("nextWake", (db) => workers.nextWake(db, codes, linked));
    },
    async unlinked(codes) {
      return session.read("unlinked", (db) => workers.unlinked(db, codes, linked, damage));
    },
    async sweep(before, limit) {
      checkTime("sweep", "before", before);
      checkCount("sweep", "limit", limit);
      return session.write("sweep", (db) => mail.sweep(db, before, limit));
    },
    async transaction(lease, key, work, _isolation, seal) {
      return transact(session, file, lease, key, work, seal);
    },
    close: () => session.close(),
  };
}
