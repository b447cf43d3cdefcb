/** A transaction of the user's, which delivers a message with what it writes. */
import { holds } from "../judgements.ts";
import type { Lease, TransactionOutcome } from "../store.ts";
import { guard } from "./guard.ts";
import { deliver } from "./mail.ts";
import { sqliteError } from "./messages.ts";
import { findRun } from "./rows.ts";
import type { Session } from "./session.ts";

const UNSETTLED = Symbol("unsettled");

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
    if (client.failure() !== undefined) throw client.failure();
    if (body === null) return { commit: false, value: "rolled-back" };
    if (client.undone() !== undefined) throw client.undone();
    const message = { key, body: seal === undefined ? body : await seal(body) };
    const { type } = deliver(db, lease.run, lease.incarnation, message);
    return type === "accepted" ? { commit: true, value: "committed" } : { commit: false, value: "fenced" };
  });
}
