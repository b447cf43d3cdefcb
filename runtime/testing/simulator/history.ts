/** What happened in a simulation, as nobody inside it could have seen it: the oracle judges by this alone. */
import type { Json } from "../../codec/contract.ts";
import type { Commit, CommitOutcome, Ending, Lease } from "../../store/store.ts";

export type Entry =
  | {
      readonly type: "claim";
      readonly run: string;
      readonly incarnation: string;
      readonly epoch: number;
      readonly worker: string;
      readonly process: string;
    }
  /** A commit as the store answered it; repetitions included. */
  | { readonly type: "commit"; readonly process: string; readonly commit: Commit; readonly outcome: CommitOutcome }
  /** A run was ended from outside; repetitions included. */
  | { readonly type: "end"; readonly process: string; readonly ending: Ending }
  /** Ordinary code was entered for an attempt at a step. */
  | {
      readonly type: "attempt";
      readonly process: string;
      readonly run: string;
      readonly name: string;
      readonly key: string;
      readonly args: Json;
    }
  /** … and had its effect outside. */
  | { readonly type: "effect"; readonly run: string; readonly name: string; readonly key: string; readonly args: Json }
  | { readonly type: "start"; readonly run: string; readonly program: string }
  | { readonly type: "resume"; readonly token: string; readonly value: Json; readonly outcome: string }
  | { readonly type: "send"; readonly run: string; readonly value: Json; readonly outcome: string }
  | { readonly type: "cancel"; readonly run: string; readonly outcome: string }
  | { readonly type: "terminate"; readonly run: string; readonly outcome: string }
  /** A client was told how a run ended. */
  | { readonly type: "told"; readonly run: string; readonly result: string }
  | { readonly type: "fault"; readonly kind: string; readonly what: string };

/** What can be asked of one run, as of a register. */
export type RegisterRequest =
  | { readonly type: "create"; readonly incarnation: string }
  | { readonly type: "claim"; readonly lease: Lease }
  | { readonly type: "commit"; readonly commit: Commit }
  | { readonly type: "end"; readonly ending: Ending }
  | { readonly type: "retire"; readonly worker: string }
  | { readonly type: "deliver"; readonly incarnation: string | null; readonly key: string }
  | { readonly type: "load"; readonly lease: Lease }
  | { readonly type: "read" };

/** A call of one run (null: of all), with places in the order of everything that was asked and heard. */
export interface RegisterCall {
  readonly process: string;
  readonly run: string | null;
  readonly request: RegisterRequest;
  readonly invoked: number;
  /** Infinity: never. */
  answered: number;
  answer: string | null;
}

export type Timed = Entry & { readonly at: number };

export class History {
  readonly entries: Timed[] = [];
  readonly #now: () => number;
  readonly calls: RegisterCall[] = [];
  #place = 0;
  /** Notes for people, in between. */
  readonly trace: string[] = [];
  readonly #origin: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#origin = now();
  }

  readonly #runs = new Map<string, string>();
  readonly #operations = new Map<string, ReadonlySet<number>>();

  /** Notes which operations are pending in what was saved. */
  saved(text: string, operations: Iterable<number>): void {
    this.#operations.set(text, new Set(operations));
  }

  operationsIn(text: string): ReadonlySet<number> {
    return this.#operations.get(text)!;
  }

  /** The run to which a step's key belongs. */
  runOf(key: string): string {
    return this.#runs.get(key.split("/")[0]!) ?? key;
  }

  add(entry: Entry): void {
    if (entry.type === "claim") {
      this.#runs.set(entry.incarnation, entry.run);
      // The answer of a claim may be lost: the store itself says when it happened.
      const { run, incarnation, worker, epoch, process } = entry;
      this.hears(this.asks(process, run, { type: "claim", lease: { run, incarnation, worker, epoch } }), "claimed");
    }
    this.entries.push({ ...entry, at: this.#now() });
    this.note(shown(entry));
  }

  /** The server applied it. Undefined: it is of somebody who notes it himself. */
  applied(entry: Entry | undefined): void {
    if (entry !== undefined) this.add(entry);
  }

  asks(process: string, run: string | null, request: RegisterRequest): RegisterCall {
    const invoked = this.#place++;
    const call = { process, run, request, invoked, answered: Number.POSITIVE_INFINITY, answer: null };
    this.calls.push(call);
    return call;
  }

  hears(call: RegisterCall, answer: string): void {
    call.answered = this.#place++;
    call.answer = answer;
  }

  /** It is certain that it did not happen. */
  unasked(call: RegisterCall): void {
    this.calls.splice(this.calls.indexOf(call), 1);
  }

  note(text: string): void {
    this.trace.push(`${String(this.#now() - this.#origin).padStart(7)} ms  ${text}`);
  }

  all<T extends Entry["type"]>(type: T): (Extract<Entry, { type: T }> & { at: number })[] {
    return this.entries.filter((entry): entry is Extract<Timed, { type: T }> => entry.type === type);
  }
}

function shown(entry: Entry): string {
  switch (entry.type) {
    case "claim":
      return `claim     ${entry.run} epoch ${entry.epoch} by ${entry.worker.slice(0, 6)}`;
    case "commit": {
      const { lease, position, segment, status, release, consumed, outbox } = entry.commit;
      const what = segment === null ? "head" : `turn ${position + 1}`;
      const extra = `${release ? ", released" : ""}${consumed > 0 ? `, consumed ${consumed}` : ""}${outbox.length > 0 ? `, ${outbox.length} outgoing` : ""}`;
      return `commit    ${lease.run} ${what} epoch ${lease.epoch} ${status}${extra}: ${entry.outcome.type} (${entry.process})`;
    }
    case "attempt":
      return `attempt   ${entry.run} ${entry.name} ${entry.key.slice(-4)} ${JSON.stringify(entry.args)} (${entry.process})`;
    case "effect":
      return `effect    ${entry.run} ${entry.name} ${entry.key.slice(-4)}`;
    case "start":
      return `start     ${entry.run} ${entry.program}`;
    case "resume":
      return `resume    ${entry.token.slice(0, 12)}… ${JSON.stringify(entry.value)}: ${entry.outcome}`;
    case "send":
      return `send      ${entry.run} ${JSON.stringify(entry.value)}: ${entry.outcome}`;
    case "cancel":
    case "terminate":
      return `${entry.type.padEnd(9)} ${entry.run}: ${entry.outcome}`;
    case "end": {
      const { run, position, status, outbox } = entry.ending;
      return `end       ${run} at ${position} ${status}, ${outbox.length} outgoing (${entry.process})`;
    }
    case "told":
      return `told      ${entry.run} ${entry.result.slice(0, 60)}`;
    case "fault":
      return `FAULT     ${entry.kind}: ${entry.what}`;
  }
}
