/**
 * A stand-in for the vat: a run that is a list of statements over JSON state. It keeps the vat's contract (turns, saves,
 * operations, attempts) and nothing of its inside, so that the engine can be tested by itself, and fast.
 */
import type { Json } from "../../codec/contract.ts";
import { hex } from "../../engine/host.ts";
import { engineError } from "../../engine/messages.ts";
import type { RunIdentity, Settled, VatFactory } from "../../engine/vats.ts";
import { isPerdureError, PerdureError } from "../../errors.ts";
import type {
  Attempt,
  ChildOperation,
  EncodedOutcome,
  Operation,
  SavedSegment,
  Settlement,
  StackEntry,
  VatEvent,
  VatHost,
  VatLike,
  VatStatus,
} from "../../machine/contract.ts";
import { formatTokenId } from "../../machine/token-id.ts";

/** One statement. Each of those that wait appends what it got to the run's log, which is the run's result. */
export type Statement =
  /** `await call(name, { key, n })`, with a random key made in the turn. */
  | readonly ["step", name: string]
  | readonly ["all", ...names: string[]]
  | readonly ["sleep", ms: number]
  /** Makes a token, hands its id to the step `announce`, and waits for both. */
  | readonly ["token"]
  /** The same, but gives up after some time. */
  | readonly ["race", ms: number]
  | readonly ["child", program: string, id?: string]
  /** A step to run when the run ends, however it ends. */
  | readonly ["finally", name: string]
  /** Leaves jobs over for that many turns. */
  | readonly ["spin", turns: number]
  | readonly ["fail", message: string]
  /** A step that changes its argument. Only in machines: a script has no heap. */
  | readonly ["order"]
  /** Takes the next message; with a patience, gives up after that. Only in machines. */
  | readonly ["receive", patience?: number]
  /** Waits for what nothing can settle. */
  | readonly ["hang"]
  /** A coded error inside the turn, as long as the environment is the one named. */
  | readonly ["refuse", environment: string];

export type Program = readonly Statement[];

/** Ordinary code that a step calls. `args` is a fresh copy for each attempt. */
export type Service = (call: {
  readonly run: string;
  readonly name: string;
  readonly args: Json;
  readonly key: string;
  readonly signal: AbortSignal;
}) => Promise<Json>;

interface State {
  program: string;
  args: readonly Json[];
  pc: number;
  next: number;
  fresh: boolean;
  spin: number;
  log: Json[];
  operations: Record<string, Operation & { readonly payload?: Json }>;
  waiting: { mode: "all" | "race"; numbers: number[]; got: Record<string, Json> } | null;
  cleanup: string[];
  ending: "fulfilled" | "rejected" | "cancelled" | null;
  error: string | null;
  outcome: EncodedOutcome | null;
}

const WHERE = { function: "script", file: "script.ts", position: [1, 1] as const };

export interface ScriptedOptions {
  readonly programs: Readonly<Record<string, Program>>;
  readonly call: Service;
  readonly environment?: string;
  /** Programs whose code is linked; default all. */
  readonly linked?: readonly string[];
  /** Programs whose code is linked in another version. */
  readonly edited?: readonly string[];
}

export interface ScriptedVats extends VatFactory {
  /** The durable function of a program. */
  fn(program: string): (...args: readonly Json[]) => Promise<Json[]>;
}

export function scriptedVats(options: ScriptedOptions): ScriptedVats {
  const { programs, environment = "1" } = options;
  const functions = new Map<string, (...args: readonly Json[]) => Promise<Json[]>>();
  const names = new Map<unknown, string>();
  for (const name of Object.keys(programs)) {
    const fn = async (): Promise<Json[]> => [];
    functions.set(name, fn);
    names.set(fn, name);
  }
  const { linked: here = Object.keys(programs), edited = [] } = options;
  const linked = new Set([...here.map((name) => `${name}@1`), ...edited.map((name) => `${name}@*`)]);
  const vat = (host: VatHost, identity: RunIdentity, state: State) => new ScriptedVat(host, identity, state, options);
  const fresh = (program: string, args: readonly Json[]): State => ({
    program,
    args,
    pc: 0,
    next: 1,
    fresh: true,
    spin: 0,
    log: [],
    operations: {},
    waiting: null,
    cleanup: [],
    ending: null,
    error: null,
    outcome: null,
  });
  return {
    fn: (program) => functions.get(program)!,
    codeOf: (fn) => names.get(fn),
    argumentText: (args) => JSON.stringify(args),
    create: (host, { run, incarnation, fn, args }) =>
      vat(host, { run, incarnation }, fresh(names.get(fn)!, args as readonly Json[])),
    createChild: (host, { run, incarnation, fn, args }: ChildOperation) =>
      vat(host, { run, incarnation }, fresh(fn, args as readonly Json[])),
    load: (host, { run, incarnation, segments }) => {
      const text = segments.at(-1)!.text;
      return vat(host, { run, incarnation }, JSON.parse(text) as State);
    },
    linked: () => linked,
    environment: () => environment,
    failure: (error) => ({ status: "rejected", text: JSON.stringify(error.message) }),
    cancelled: (reason) => ({ status: "cancelled", text: JSON.stringify(`cancelled: ${reason}`) }),
    decode: (outcome): Settled => {
      const value = JSON.parse(outcome.text) as Json;
      if (outcome.status === "fulfilled") return { status: "fulfilled", value };
      return { status: outcome.status, reason: new Error(String(value)) };
    },
  };
}

class ScriptedVat implements VatLike {
  readonly run: string;
  readonly incarnation: string;
  readonly operations = new Map<number, Operation>();
  readonly #host: VatHost;
  readonly #options: ScriptedOptions;
  readonly #state: State;
  readonly #events: VatEvent[] = [];
  #since = { bytes: 0, deltas: 0 };

  constructor(host: VatHost, { run, incarnation }: RunIdentity, state: State, options: ScriptedOptions) {
    this.run = run;
    this.incarnation = incarnation;
    this.#host = host;
    this.#options = options;
    this.#state = state;
    for (const operation of Object.values(state.operations)) this.operations.set(operation.number, operation);
  }

  get sinceBase() {
    return this.#since;
  }

  deliver(event: VatEvent): void {
    this.#events.push(event);
  }

  turn(): void {
    const state = this.#state;
    state.fresh = false;
    for (const event of this.#events.splice(0)) this.#apply(event);
    if (state.spin > 0) {
      state.spin--;
      return;
    }
    while (state.outcome === null && this.#settled() && state.spin === 0) this.#advance();
  }

  #apply(event: VatEvent): void {
    const state = this.#state;
    if (event.type === "cancel") {
      if (state.ending !== null) return;
      state.ending = "cancelled";
      state.error = event.reason ?? "cancelled";
      state.waiting = null;
      for (const operation of [...this.operations.values()]) {
        if (operation.type === "child") {
          // Stays until the child's end is known.
          const told = { ...operation, cancelling: { reason: event.reason } };
          this.operations.set(operation.number, told);
          state.waiting ??= { mode: "all", numbers: [], got: {} };
          state.waiting.numbers.push(operation.number);
        } else this.operations.delete(operation.number);
      }
      return;
    }
    // No script receives.
    if (event.type === "message") return;
    const operation = this.operations.get(event.operation);
    if (operation === undefined) return;
    if (event.type === "token" && (operation.type !== "token" || operation.secret !== event.secret)) return;
    if (event.type === "step" && event.settlement.status === "refused") throw event.settlement["error"];
    this.operations.delete(event.operation);
    const { waiting } = state;
    if (waiting === null || !waiting.numbers.includes(event.operation)) return;
    waiting.got[event.operation] = resultOf(event);
  }

  /** Is what the program waits for there? */
  #settled(): boolean {
    const { waiting } = this.#state;
    if (waiting === null) return true;
    const got = Object.keys(waiting.got).length;
    return waiting.mode === "race" ? got > 0 : got === waiting.numbers.length;
  }

  #advance(): void {
    const state = this.#state;
    const { waiting } = state;
    if (waiting !== null) {
      const got = waiting.numbers.filter((number) => number in waiting.got).map((number) => waiting.got[number]!);
      state.log.push(waiting.mode === "race" ? got[0]! : got.length === 1 ? got[0]! : got);
      if (waiting.mode === "race") {
        // What lost and is no step is let go of.
        for (const number of waiting.numbers)
          if (this.operations.get(number)?.type !== "step") this.operations.delete(number);
      }
      state.waiting = null;
    }
    const statement = state.ending === null ? this.#options.programs[state.program]![state.pc++] : undefined;
    if (statement === undefined) this.#end();
    else this.#execute(statement);
  }

  #end(): void {
    const state = this.#state;
    state.ending ??= "fulfilled";
    const cleanup = state.cleanup.pop();
    if (cleanup !== undefined) {
      this.#wait("all", [this.#step(cleanup)]);
      return;
    }
    const value: Json = state.ending === "fulfilled" ? state.log : state.error;
    state.outcome = { status: state.ending, text: JSON.stringify(value) };
  }

  #execute(statement: Statement): void {
    const state = this.#state;
    switch (statement[0]) {
      case "step":
        this.#wait("all", [this.#step(statement[1])]);
        return;
      case "all":
        this.#wait(
          "all",
          (statement.slice(1) as string[]).map((name) => this.#step(name)),
        );
        return;
      case "sleep":
        this.#wait("all", [this.#timer(statement[1])]);
        return;
      case "token":
        this.#wait("all", this.#token());
        return;
      case "race": {
        const [token] = this.#token();
        this.#wait("race", [token!, this.#timer(statement[1])]);
        return;
      }
      case "child": {
        const number = state.next++;
        const run = statement[2] ?? `${this.run}/${number}`;
        const incarnation = hex(this.#host.random(16));
        this.#add({ type: "child", number, where: WHERE, run, incarnation, fn: statement[1], args: [] });
        this.#wait("all", [number]);
        return;
      }
      case "finally":
        state.cleanup.push(statement[1]);
        return;
      case "spin":
        state.spin = statement[1];
        return;
      case "fail":
        state.ending = "rejected";
        state.error = statement[1];
        return;
      case "hang":
        this.#wait("all", [0]);
        return;
      case "refuse":
        if (statement[1] === (this.#options.environment ?? "1")) {
          throw new PerdureError("PD4001", "this cannot be saved", "save something else", { path: "script" });
        }
    }
  }

  #wait(mode: "all" | "race", numbers: number[]): void {
    this.#state.waiting = { mode, numbers, got: {} };
  }

  #add(operation: Operation): number {
    this.operations.set(operation.number, operation);
    return operation.number;
  }

  #step(name: string, payload: Json = { key: hex(this.#host.random(8)), args: this.#state.args }): number {
    const number = this.#state.next++;
    return this.#add({ type: "step", number, where: WHERE, text: name, ...{ payload } });
  }

  #timer(ms: number): number {
    return this.#add({ type: "timer", number: this.#state.next++, where: WHERE, at: this.#host.now() + ms });
  }

  #token(): number[] {
    const { run, incarnation } = this;
    const secret = hex(this.#host.random(16));
    const number = this.#add({ type: "token", number: this.#state.next++, where: WHERE, secret });
    return [number, this.#step("announce", formatTokenId({ run, incarnation, operation: number, secret }))];
  }

  save(kind: "delta" | "base"): SavedSegment {
    this.#state.operations = Object.fromEntries(this.operations);
    const text = JSON.stringify(this.#state);
    this.#since =
      kind === "base"
        ? { bytes: 0, deltas: 0 }
        : { bytes: this.#since.bytes + text.length, deltas: this.#since.deltas + 1 };
    return { kind, text, codes: [`${this.#state.program}@1`] };
  }

  attempt(number: number): Attempt {
    const operation = this.operations.get(number) as Operation & { text: string; payload: Json };
    const controller = new AbortController();
    const key = `${this.incarnation}/${number}`;
    const call = {
      run: this.run,
      name: operation.text,
      args: JSON.parse(JSON.stringify(operation.payload)) as Json,
      key,
      signal: controller.signal,
    };
    const settled = this.#options.call(call).then(
      (value): Settlement => ({ status: "fulfilled", value }),
      (error: unknown): Settlement =>
        isPerdureError(error)
          ? { status: "refused", error }
          : { status: "rejected", value: String((error as Error).message) },
    );
    return { key, settled, abort: (reason) => controller.abort(reason) };
  }

  status(): VatStatus {
    const { fresh, spin, outcome, waiting } = this.#state;
    if (outcome !== null) {
      if (this.operations.size > 0) return "finishing";
      return outcome.status === "fulfilled" ? "done" : outcome.status === "rejected" ? "failed" : "cancelled";
    }
    if (fresh || spin > 0 || this.#settled()) return "running";
    return this.operations.size === 0 && waiting !== null ? "stuck" : "waiting";
  }

  outcome(): EncodedOutcome | null {
    return this.#state.outcome;
  }

  stuck(): PerdureError | null {
    if (this.status() !== "stuck") return null;
    return engineError("PD2507", { run: this.run, error: "stuck at script.ts:1" });
  }

  stack(): readonly StackEntry[] {
    return [{ ...WHERE, waitsFor: `statement ${this.#state.pc}`, locals: {} }];
  }
}

function resultOf(event: Exclude<VatEvent, { type: "cancel" | "message" }>): Json {
  switch (event.type) {
    case "step":
      return event.settlement["value"] as Json;
    case "timer":
      return "timer";
    case "token":
      return event.value;
    case "child":
      return JSON.parse(event.outcome.text) as Json;
  }
}
