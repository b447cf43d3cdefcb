/** `perdure/encryption`: a store whose texts only those can read who have the keys. */
import type { SecretKey } from "../../keys.ts";
import { checkArgument, checkOptions, having, keyList, oneOf, type Wanted } from "../../options/check.ts";
import { checkEnding, checkGroup, checkMessage, checkNewRun, checkText } from "../arguments.ts";
import { storeError } from "../messages.ts";
import type { Commit, Store } from "../store.ts";
import { Cipher } from "./cipher.ts";
import { SealedRecords } from "./sealed-records.ts";

export type { SecretKey } from "../../keys.ts";

export interface EncryptionOptions {
  /** The first encrypts, all decrypt. */
  readonly keys: readonly SecretKey[];
  /** `"refuse"` (default): a text that is not encrypted is not trusted. `"read"`: for a store that was used without encryption before. */
  readonly plaintext?: "refuse" | "read";
}

const OPTIONS: { readonly [option in keyof EncryptionOptions]-?: Wanted } = {
  keys: keyList,
  plaintext: oneOf("refuse", "read"),
};

/**
 * Encrypts what runs hold before it reaches the store: segments, results, reasons, messages and what leaves for other runs, with a key of its own for
 * each incarnation (AES-256-GCM, HKDF) and the position as associated data, so that a text moved to another run or position is not taken.
 *
 * Not encrypted, since the store works with it: ids of runs, tokens and functions, names and keys of messages, statuses, times, digests of code and of
 * arguments, sizes. Whoever can write the store can delete runs, put back an older state of a whole run, or give it a message that an earlier run of its id
 * was sent.
 *
 * `transaction(body)` works where the store has it: the result is encrypted before it is committed, what the body itself writes is not.
 *
 * A run whose texts cannot be read is blocked (PD3902, PD3903, PD3904) and goes on once they can be; it can be ended without them.
 *
 * @throws PD3901 when the keys cannot be used; PD2516 and PD2517 for options that cannot be meant.
 * @example
 * const keys = [{ id: "2026-11", secret: process.env.STORE_SECRET! }];
 * const engine = createEngine({ store: encrypted(sqlite("runs.db"), { keys }) });
 */
export function encrypted(store: Store, options: EncryptionOptions): Store {
  checkArgument("encrypted", "the store", store, having("a store", "create", "claim", "commit"));
  checkOptions("encrypted", options, OPTIONS);
  const { keys, plaintext = "refuse" } = options;
  const records = new SealedRecords(new Cipher(keys, plaintext === "read"));
  // A commit that is repeated is repeated with the same bytes.
  const sealed = new WeakMap<Commit, Promise<Commit>>();
  const sealOnce = (commit: Commit): Promise<Commit> => {
    const before = sealed.get(commit) ?? records.sealCommit(commit);
    sealed.set(commit, before);
    return before;
  };
  const { thread, listen, census, unlinked, transaction } = store;
  const name = `encrypted ${store.name}`;
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  /** A call that seals first reaches the store later than it was made: closing waits for it. */
  const call = async <T>(method: string, work: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw storeError("PD3002", "refused", { method, store: name });
    const under = work();
    underWay.add(under);
    return under.finally(() => underWay.delete(under));
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(underWay);
    await store.close();
  };
  return {
    name,
    ...(thread && { thread }),
    ...(listen && { listen: listen.bind(store) }),
    ...(census && { census: census.bind(store) }),
    ...(unlinked && {
      unlinked: async (codes) =>
        Promise.all((await unlinked.call(store, codes)).map((head) => records.openWhatCanBe(head))),
    }),
    ...(transaction && {
      transaction: (lease, key, work, isolation) =>
        call("transaction", async () => {
          const seal = async (body: string) => (await records.sealMessage(lease.run, { key, body })).body;
          return transaction.call(store, lease, key, work, isolation, seal);
        }),
    }),
    async create(run) {
      checkNewRun("create", run);
      return call("create", async () => {
        const answer = await store.create(await records.sealNewRun(run));
        return answer.type === "exists" ? { type: "exists", head: await records.openWhatCanBe(answer.head) } : answer;
      });
    },
    renew: (worker, now, until) => store.renew(worker, now, until),
    retire: (worker) => store.retire(worker),
    async claim(request) {
      // What cannot be read is told when the run is loaded: here it would keep all others from being claimed.
      const claims = await store.claim(request);
      return Promise.all(claims.map(async (one) => ({ ...one, head: await records.openWhatCanBe(one.head) })));
    },
    owned: (worker) => store.owned(worker),
    async load(lease) {
      const loaded = await store.load(lease);
      return loaded === "fenced" ? loaded : records.openRun(loaded);
    },
    async inbox(lease, after) {
      return records.openInbox(lease.run, await store.inbox(lease, after));
    },
    async commit(group) {
      checkGroup(group);
      return call("commit", async () => store.commit(await Promise.all(group.map(sealOnce))));
    },
    async compact(lease, position, base) {
      checkText("compact", "base", base.text);
      return call("compact", async () =>
        store.compact(lease, position, await records.sealSegment(lease.incarnation, position, base)),
      );
    },
    acknowledge: (run, incarnation, seqs) => store.acknowledge(run, incarnation, seqs),
    async pendingOutbox(limit) {
      return records.openPending(await store.pendingOutbox(limit));
    },
    async deliver(run, incarnation, message) {
      checkMessage("deliver", message);
      return call("deliver", async () => {
        const answer = await store.deliver(run, incarnation, await records.sealMessage(run, message));
        if (answer.body === undefined) return answer;
        return { ...answer, body: await records.openBody(run, message.key, answer.body) };
      });
    },
    revive: (run, now) => store.revive(run, now),
    async end(ending) {
      checkEnding(ending);
      return call("end", async () => store.end(await records.sealEnding(ending)));
    },
    async inspect(run) {
      const found = await store.inspect(run);
      return found === null ? null : records.openRun(found);
    },
    async read(run) {
      const head = await store.read(run);
      return head === null ? null : records.openHead(head);
    },
    async list(query) {
      return Promise.all((await store.list(query)).map((head) => records.openWhatCanBe(head)));
    },
    nextWake: (codes) => store.nextWake(codes),
    sweep: (before, limit) => store.sweep(before, limit),
    close: () => (closing ??= close()),
  };
}
