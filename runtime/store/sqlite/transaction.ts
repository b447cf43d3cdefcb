/** A transaction of the user's, which delivers a message with what it writes. */
import { holds } from "../judgements.ts";
import type { Lease, TransactionOutcome } from "../store.ts";
import type { Connection, Row, SqlValue } from "./driver.ts";
import { deliver } from "./mail.ts";
import { sqliteError } from "./messages.ts";
import { findRun } from "./rows.ts";
import type { Session } from "./session.ts";

/** What the body of `transaction` is given on SQLite: synchronous, and good until the body has returned. */
export interface SqliteTransaction {
  /** Runs one statement; how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** The rows of one query, by column name. */
  all(sql: string, ...values: SqlValue[]): Row[];
}

const CONTROL = /^\s*(begin|commit|end|rollback(?!\s+(transaction\s+)?to)|pragma|attach|detach|vacuum)\b/i;
const UNSETTLED = Symbol("unsettled");

interface Guarded extends SqliteTransaction {
  /** What the body did that it may not do, if it did. */
  misuse(): Error | undefined;
  end(): void;
}

function guard(db: Connection, path: string): Guarded {
  let over = false;
  let misuse: Error | undefined;
  const refuse = (why: string): Error => (misuse ??= sqliteError("PD3112", "refused", { path, why }));
  const use = <T>(sql: string, action: () => T): T => {
    if (over) throw refuse("the client was used after the body had returned");
    if (CONTROL.test(sql)) throw refuse(`the body may not run \`${sql.trim()}\``);
    return action();
  };
  return {
    misuse: () => misuse,
    run: (sql, ...values) => use(sql, () => db.run(sql, ...values)),
    all: (sql, ...values) => use(sql, () => db.all(sql, ...values)),
    end() {
      over = true;
    },
  };
}

export function transact(
  session: Session,
  path: string,
  lease: Lease,
  key: string,
  work: (client: unknown) => Promise<string | null>,
  seal?: (body: string) => Promise<string>,
): Promise<TransactionOutcome> {
  return session.exclusive("transaction", async (db) => {
    const found = findRun(db, lease.run);
    if (found === undefined || !holds(found.head, lease)) return { commit: false, value: "fenced" };
    if (db.value("SELECT 1 FROM inbox WHERE run = ? AND key = ?", found.id, key) !== undefined)
      return { commit: false, value: "duplicate" };
    const client = guard(db, path);
    // The lock of the whole file is held: what does not settle before the event loop turns would keep everybody waiting.
    const late = new Promise<typeof UNSETTLED>((resolve) => setImmediate(resolve, UNSETTLED));
    const body = await Promise.race([work(client), late]);
    client.end();
    if (body === UNSETTLED) {
      const why =
        "its body is asynchronous, and SQLite's lock is not held across the event loop: it must use its client synchronously";
      throw sqliteError("PD3112", "refused", { path, why });
    }
    // Whatever the body has made of the error: the run is told what it did.
    if (client.misuse() !== undefined) throw client.misuse();
    if (body === null) return { commit: false, value: "rolled-back" };
    const message = { key, body: seal === undefined ? body : await seal(body) };
    const { type } = deliver(db, lease.run, lease.incarnation, message);
    return type === "accepted" ? { commit: true, value: "committed" } : { commit: false, value: "fenced" };
  });
}
