import { checkArgument, checkOptions, having, text, type Wanted } from "../../options/check.ts";
import { checkCount, checkEnding, checkGroup, checkMessage, checkName, checkNewRun, checkTime } from "../arguments.ts";
import type { Patience } from "../patience.ts";
import { DORMANT, type Store } from "../store.ts";
import { census } from "./census.ts";
import { CodeSets } from "./codesets.ts";
import { commitGroup } from "./commits.ts";
import type { PgPool } from "./driver.ts";
import { end } from "./endings.ts";
import { checkKey } from "./keys.ts";
import * as mail from "./mail.ts";
import { wellFormed } from "./messages.ts";
import { POSTGRES_OPTIONS, type PostgresOptions } from "./options.ts";
import * as runs from "./runs.ts";
import { ManyRuns } from "./runs.ts";
import { openSession } from "./session.ts";
import { transact } from "./transaction.ts";
import { type Timers, Wakeups } from "./wakeups.ts";
import * as workers from "./workers.ts";

export type { PgClient, PgPool, PgQuery } from "./driver.ts";
export type { PostgresOptions } from "./options.ts";
export { postgresSchema } from "./schema.ts";

/**
 * A store in a schema of a Postgres database (13 or later), shared by any number of processes and machines. Takes a connection
 * string, or a `pg.Pool` that the program has and ends itself. Needs the package `pg`.
 *
 * Guarantees: an acknowledged call is as durable as the database's `synchronous_commit` says; a call is one statement and one
 * round trip, for the turns of a group of runs too; safety needs no isolation level, no clock and no notification. The tables are made, and brought
 * up to date, when the store is first used (`migrate`).
 *
 * With a connection string leases are renewed from a thread of their own, which a busy event loop cannot starve; with a pool they are
 * renewed by this one.
 *
 * Errors, all of them {@link StoreFailure}s: PD3201 `pg` is missing, PD3202 no connection, PD3203 the account may not, PD3204 not
 * UTF8, PD3205 another application's tables, PD3206 a newer version's, PD3207 no tables and `migrate: false`, PD3208 full,
 * PD3209 a server that takes no writes, PD3210 an id too long for an index, PD3211 any other failure.
 *
 * @throws PD2516 and PD2517 for a connection or options that cannot be meant.
 * @example
 * const engine = createEngine({ store: postgres("postgres://app@db.internal/app") });
 */
export function postgres(connection: string | PgPool, options: PostgresOptions = {}): Store {
  checkArgument("postgres", "the connection", connection, CONNECTION);
  checkOptions("postgres", options, POSTGRES_OPTIONS);
  return open(connection, options);
}

const CONNECTION: Wanted = {
  wanted: "a connection string, or a Pool of `pg`",
  fits: (value) => text.fits(value) || having("a pool", "connect", "on").fits(value),
  secret: true,
  fromEnvironment: true,
};

/** @internal The store with given patience and times. */
export function open(
  connection: string | PgPool,
  options: PostgresOptions,
  patience?: Patience,
  timers?: Timers,
): Store {
  const session = openSession(connection, options, patience);
  const sets = new CodeSets();
  const many = new ManyRuns(session, sets);
  const { schema, migrate, prepare, notify = true } = options;
  // The only connection cannot be kept to listen.
  const wakeups = notify && session.size > 1 ? new Wakeups(session, timers) : undefined;
  // A bundle in CommonJS format has no URL of its own, and nothing beside it that a thread could load.
  const here: string | undefined = import.meta.url;

  return {
    name: "postgres",
    ...(here &&
      typeof connection === "string" && {
        thread: { module: new URL("./thread.js", here).href, options: { connection, schema, migrate, prepare } },
      }),

    async create(run) {
      checkNewRun("create", run);
      checkKey("create", "run", run.run);
      const answer = await wellFormed(many.create(run));
      if (answer.type === "created") wakeups?.tell("due", run.run);
      return answer;
    },
    async renew(worker, now, until) {
      checkName("renew", "worker", worker);
      checkTime("renew", "now", now);
      checkTime("renew", "until", until);
      checkKey("renew", "worker", worker);
      return workers.renew(session, worker, until);
    },
    async retire(worker) {
      for (const run of await workers.retire(session, worker)) wakeups?.tell("due", run);
    },
    async claim(request) {
      checkCount("claim", "limit", request.limit);
      checkCount("claim", "suspects", request.suspects);
      checkTime("claim", "now", request.now);
      wakeups?.mine(request.worker);
      return wellFormed(workers.claim(session, sets, request), "unknown");
    },
    async owned(worker) {
      return wellFormed(workers.owned(session, worker));
    },
    async load(lease) {
      return wellFormed(many.load(lease));
    },
    async inbox(lease, after) {
      return wellFormed(runs.inbox(session, lease, after));
    },
    async commit(group) {
      checkGroup(group);
      const outcomes = await commitGroup(session, sets, group);
      for (const [n, { lease, result, status }] of group.entries()) {
        if (outcomes[n]!.type === "ok" && (result !== null || DORMANT.has(status))) wakeups?.tell("known", lease.run);
      }
      return outcomes;
    },
    async compact(lease, position, base) {
      checkCount("compact", "position", position);
      return runs.compact(session, lease, position, base);
    },
    async acknowledge(run, incarnation, seqs) {
      return mail.acknowledge(session, run, incarnation, seqs);
    },
    async pendingOutbox(limit) {
      checkCount("pendingOutbox", "limit", limit);
      return wellFormed(mail.pendingOutbox(session, limit));
    },
    async deliver(run, incarnation, message) {
      checkMessage("deliver", message);
      checkKey("deliver", "message.key", message.key);
      const { delivered, owner } = await mail.deliver(session, run, incarnation, message);
      if (delivered.type === "accepted") wakeups?.tell("due", run, owner);
      return delivered;
    },
    async revive(run, now) {
      checkTime("revive", "now", now);
      const revived = await mail.revive(session, run, now);
      if (revived) wakeups?.tell("due", run);
      return revived;
    },
    async end(ending) {
      checkEnding(ending);
      const outcome = await end(session, ending);
      if (outcome === "ended") wakeups?.tell("known", ending.run);
      return outcome;
    },
    async inspect(run) {
      return wellFormed(runs.inspect(session, run));
    },
    async read(run) {
      return wellFormed(many.read(run));
    },
    async list(query) {
      checkCount("list", "limit", query.limit ?? 100);
      return wellFormed(mail.list(session, query));
    },
    async census(now, codes) {
      checkTime("census", "now", now);
      return wellFormed(census(session, sets, now, codes));
    },
    async nextWake(codes) {
      return wellFormed(workers.nextWake(session, sets, codes));
    },
    async unlinked(codes) {
      return wellFormed(workers.unlinked(session, sets, codes));
    },
    async sweep(before, limit) {
      checkTime("sweep", "before", before);
      checkCount("sweep", "limit", limit);
      return mail.sweep(session, before, limit);
    },
    transaction: (lease, key, work, isolation, seal) => transact(session, lease, key, work, isolation, seal),
    ...(wakeups && { listen: (wakeup, listener) => wakeups.listen(wakeup, listener) }),
    close: () => session.close(async () => wakeups?.close()),
  };
}
