/** Delivers what committed turns send to other runs. Every entry may be delivered any number of times: receivers recognize it. */
import type { Parent } from "../machine/contract.ts";
import type { Incarnation, NewRun, Outgoing, RunId, StoreFailure } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { childMessage } from "./mail.ts";
import { engineError } from "./messages.ts";
import { persist } from "./retry.ts";
import { readParent } from "./saved-texts.ts";

export class Outbox {
  readonly #context: EngineContext;
  readonly #wanted: () => boolean;
  /** Seen by the last sweep and still there: its sender is not at work on it. */
  #left = new Set<string>();
  /** What is under way to each receiver, by its incarnation: a child must exist before it can be told to end. */
  readonly #lines = new Map<Incarnation, Promise<boolean>>();
  readonly #deliveries = new Set<Promise<void>>();

  constructor(context: EngineContext, wanted: () => boolean) {
    this.#context = context;
    this.#wanted = wanted;
  }

  /** Delivers, to each receiver in order, and acknowledges. Gives up, without harm, when the worker stops. */
  deliver(run: RunId, incarnation: Incarnation, entries: readonly Outgoing[]): void {
    if (entries.length === 0) return;
    // What cannot be read, ever, was told by `persist`, and is left to a later sweep.
    const delivery: Promise<void> = this.#deliver(run, incarnation, entries)
      .catch(() => {})
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#deliveries.size > 0) await Promise.all(this.#deliveries);
  }

  async #deliver(run: RunId, incarnation: Incarnation, entries: readonly Outgoing[]): Promise<void> {
    const delivered = await Promise.all(entries.map((entry) => this.#inLine(run, entry)));
    const done = entries.filter((_, index) => delivered[index]).map(({ seq }) => seq);
    if (done.length === 0) return;
    await this.#persist("acknowledge", () => this.#context.store.acknowledge(run, incarnation, done));
  }

  #inLine(run: RunId, entry: Outgoing): Promise<boolean> {
    const { host } = this.#context;
    const receiver = entry.type === "start" ? entry.create.incarnation : (entry.incarnation ?? entry.to);
    const before = this.#lines.get(receiver);
    const send = async (): Promise<boolean> => {
      await before;
      host.failpoint?.("outbox-before-deliver", run);
      const done = await this.#send(entry);
      host.failpoint?.("outbox-after-deliver", run);
      return done;
    };
    const sent = send().finally(() => {
      if (this.#lines.get(receiver) === sent) this.#lines.delete(receiver);
    });
    this.#lines.set(receiver, sent);
    return sent;
  }

  /** Delivers entries that some sender left behind: those that two sweeps in a row have seen, or at once. */
  async sweep(limit: number, atOnce: boolean): Promise<void> {
    if (!this.#wanted()) return;
    const { store, observe } = this.#context;
    // Once: entries that cannot be read, ever, must keep no worker from its runs, nor from the other half of its sweeps.
    const pending = await store.pendingOutbox(limit).catch((error: unknown) => {
      observe({ type: "store-failed", call: "pendingOutbox", error });
      return [];
    });
    const seen = new Set<string>();
    for (const { run, incarnation, entry } of pending) {
      const key = `${incarnation}/${entry.seq}`;
      seen.add(key);
      // Not waited for: a store that refuses one of them must not keep the worker from its runs.
      if (atOnce || this.#left.has(key)) this.deliver(run, incarnation, [entry]);
    }
    this.#left = seen;
  }

  async #send(entry: Outgoing): Promise<boolean> {
    const { store, host } = this.#context;
    if (entry.type === "start") return this.#start(entry.create);
    const answer = await this.#persist("deliver", () => store.deliver(entry.to, entry.incarnation, entry.message));
    if (answer === undefined) return false;
    if (answer.type === "accepted") host.hints?.publish(entry.to, "due");
    return true;
  }

  async #start(create: NewRun): Promise<boolean> {
    const { store, host } = this.#context;
    const answer = await this.#persist("create", () =>
      store.create(create).catch((error: unknown) => {
        // It would say so for ever.
        if ((error as Partial<StoreFailure>).unacceptable !== true) throw error;
        return { type: "refused" as const, error };
      }),
    );
    if (answer === undefined) return false;
    if (answer.type === "refused") return this.#tellParent(create, answer.error);
    if (answer.type !== "created" && answer.head.incarnation !== create.incarnation)
      return this.#tellParent(create, engineError("PD2509", { run: create.run }));
    host.hints?.publish(create.run, "due");
    return true;
  }

  /** There is no such child: its parent is told as if it had failed. */
  async #tellParent(create: NewRun, why: unknown): Promise<boolean> {
    const { store, host, vats } = this.#context;
    const parent = this.#parentOf(create);
    if (parent === null) return true;
    const { message: text, name } = why as Error;
    // An ordinary error: coded ones are never visible to durable code.
    const failure = vats.failure(Object.assign(new Error(text), { name }));
    const message = childMessage(parent.operation, failure);
    const told = await this.#persist("deliver", () => store.deliver(parent.run, parent.incarnation, message));
    if (told !== undefined) host.hints?.publish(parent.run, "due");
    return told !== undefined;
  }

  /** Null: nobody to tell, or nobody knows whom. */
  #parentOf({ parent, run }: NewRun): Parent | null {
    if (parent === null) return null;
    try {
      return readParent(parent, run);
    } catch (error) {
      this.#context.observe({ type: "store-failed", call: "create", error });
      return null;
    }
  }

  #persist<T>(call: string, attempt: () => Promise<T>): Promise<T | undefined> {
    const { host, observe } = this.#context;
    return persist(host, this.#wanted, (error) => observe({ type: "store-failed", call, error }), attempt);
  }
}
