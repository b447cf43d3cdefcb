/** A run as its clients see it. */
import type { EncodedOutcome, StackEntry } from "../machine/contract.ts";
import { checkArgument } from "../options/check.ts";
import { DORMANT, ENDED, type Incarnation, type RunHead, type RunId, type StoredStatus } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { Delay } from "./delay.ts";
import { cancelMessage } from "./mail.ts";
import { engineError } from "./messages.ts";
import { errorIn } from "./outcomes.ts";
import { isDue, parkedBy } from "./parked.ts";
import { parseReason, type Reason, reasonError, reasonText } from "./reason.ts";
import { insist } from "./retry.ts";
import { readOutcome } from "./saved-texts.ts";
import { type SendOptions, type SendOutcome, sendMessage } from "./send.ts";
import { terminate } from "./terminate.ts";
import { loadVat } from "./vats.ts";
import { watch } from "./watch.ts";
import type { Known } from "./watchers.ts";

/** What `status()` and `list()` say of a run. */
export interface RunSummary {
  readonly id: RunId;
  readonly incarnation: Incarnation;
  /** Code id of the durable function that was started. */
  readonly function: string;
  /** As the store has it, whoever asks: the table is in docs/operating.md. */
  readonly status: StoredStatus;
  /**
   * Why it does not go on: it is stuck, blocked or quarantined, or it is *parked* (PD2514): due, no worker has it, and its code is not linked in the process that asks.
   * Null otherwise.
   */
  readonly reason: Reason | null;
  /** What it threw, in a few words: `RangeError: no stock`. `result()` rejects with the error itself. Null: it threw nothing, or not yet. */
  readonly error: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When it goes on by itself, if it waits for a timer and no worker holds it. */
  readonly wakeAt: Date | null;
}

/** `requested`: the run is told. `already-settled`: its result was committed before, and stands. */
export type CancelOutcome = "requested" | "already-settled";

/** A run, by its id: `engine.start` and `engine.run` give it. It holds nothing, and may be made anew at any time. */
export class RunHandle<R = unknown> {
  readonly id: RunId;
  readonly #context: EngineContext;
  /** Set for handles that `start` gave: another run that took the id later is not this one. */
  readonly #incarnation: Incarnation | null;

  constructor(context: EngineContext, id: RunId, incarnation: Incarnation | null) {
    this.#context = context;
    this.id = id;
    this.#incarnation = incarnation;
  }

  /** What is known of the run. Throws PD2504 when there is no such run. */
  async status(): Promise<RunSummary> {
    return summary(await this.#head(), this.#context);
  }

  /**
   * Resolves with what the durable function returned and rejects with what it threw, once that is committed, however long
   * that takes. Rejects with the coded reason when the run is stuck, blocked or quarantined, and with PD2504 when there is no
   * such run. The value is a copy.
   */
  async result(): Promise<R> {
    const { vats } = this.#context;
    const delay = new Delay(this.#context);
    const outcome = await watch(this.#context, this.id, this.#incarnation, (head): EncodedOutcome | undefined => {
      this.#mustExist(head);
      if (head.result !== null) return readOutcome(head.result, this.id);
      if (DORMANT.has(head.status)) throw reasonError(head.reason, this.id);
      if ("codes" in head) delay.look(head as RunHead);
      return undefined;
    });
    const settled = vats.decode(outcome);
    if (settled.status === "fulfilled") return settled.value as R;
    throw settled.reason;
  }

  /**
   * Sends the run a message, which a `receive(name)` in it takes: now, or when it comes to that. Any process may send; messages that the run has not asked
   * for yet are kept, in the order in which the store took them, until it ends. The value is plain JSON. With a `key` a message is sent
   * once, however often this is called.
   *
   * @throws PD2504 when there is no such run; PD2505 when the value is not plain JSON; PD2516 and PD2517 for a bad name, key or option.
   * @example await engine.run(`subscription-${customer}`).send("plan", { plan: "gold" }, { key: request.id });
   */
  async send(name: string, value?: unknown, options: SendOptions = {}): Promise<SendOutcome> {
    const outcome = await sendMessage(
      this.#context,
      { run: this.id, incarnation: this.#incarnation },
      name,
      value,
      options,
    );
    if (outcome === "gone") await this.#head();
    return outcome;
  }

  /**
   * Asks the run to end: its pending operations reject with `CancelledError`, its `finally` blocks run. The second time nothing
   * happens. A blocked run is tried again with it; a quarantined one takes it when {@link retry} is called. A result that is already committed stands, and this says so.
   */
  async cancel(reason?: string): Promise<CancelOutcome> {
    checkReason("cancel", reason);
    const { store, host } = this.#context;
    const message = cancelMessage(reason ?? null);
    const answer = await insist(host, store.name, "deliver", () => store.deliver(this.id, this.#incarnation, message));
    host.hints?.publish(this.id, "due");
    if (answer.type === "gone") await this.#head();
    const { result, status } = await this.#head();
    // A blocked run takes the cancel as its next event; if it cannot, it is blocked again.
    if (status === "blocked") await this.retry();
    if (result === null) return "requested";
    return readOutcome(result, this.id).status === "cancelled" ? "requested" : "already-settled";
  }

  /** Where the run waits, as of its last commit: innermost first, with source positions and local variables. Empty when it has ended. */
  async stack(): Promise<readonly StackEntry[]> {
    const { store, host, vats, vatHost } = this.#context;
    const saved = await insist(host, store.name, "inspect", () => store.inspect(this.id));
    this.#mustExist(saved?.head ?? null);
    if (saved === null || ENDED.has(saved.head.status)) return [];
    const { run, incarnation } = saved.head;
    const vat = await loadVat(vats, { ...vatHost, inspecting: true }, { run, incarnation, segments: saved.segments });
    return vat.stack();
  }

  /** Makes a stuck, blocked or quarantined run go on from its last commit. False when it is none of these. */
  async retry(): Promise<boolean> {
    const { store, host } = this.#context;
    await this.#head();
    const revived = await insist(host, store.name, "revive", () => store.revive(this.id, host.now()));
    host.hints?.publish(this.id, "due");
    return revived;
  }

  /**
   * Ends the run as it stands: none of its code runs, no `finally` block either, and steps that are under way are aborted. For runs that {@link cancel} cannot end: their
   * code is gone, they are blocked or quarantined, or they do not heed it. `result()` rejects with `CancelledError`, and the run that started it is told. Its own
   * child runs are cancelled where its code is linked in this process; otherwise they go on. A result that is already committed stands. False: it had ended.
   */
  async terminate(reason = "it was terminated"): Promise<boolean> {
    checkReason("terminate", reason);
    return terminate(this.#context, this.id, reason, () => this.#head());
  }

  async #head(): Promise<RunHead> {
    const { store, host } = this.#context;
    const head = await insist(host, store.name, "read", () => store.read(this.id));
    this.#mustExist(head);
    return head;
  }

  #mustExist<H extends Known>(head: H | null): asserts head is H {
    if (head === null || (this.#incarnation !== null && head.incarnation !== this.#incarnation)) {
      throw engineError("PD2504", { run: this.id });
    }
  }
}

/** A run could not read another one. */
const checkReason = (call: string, reason: unknown): void =>
  checkArgument(call, "the reason", reason, {
    wanted: "a text (of an error, its message)",
    fits: (value) => value === undefined || typeof value === "string",
  });

export function summary(head: RunHead, { vats, host }: Pick<EngineContext, "vats" | "host">): RunSummary {
  const { run, incarnation, fn, status, createdAt, updatedAt, wakeAt } = head;
  const parked = isDue(head, host.now()) ? parkedBy(head, vats.linked())?.error : undefined;
  return {
    id: run,
    incarnation,
    function: fn,
    status,
    reason: parked ? parseReason(reasonText(parked)) : parseReason(head.reason),
    error: errorIn(head),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    wakeAt: wakeAt === null || head.owner !== null ? null : new Date(wakeAt),
  };
}
