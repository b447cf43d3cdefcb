/**
 * One run in memory (docs/architecture.md, "The vat"): takes events, runs jobs until none is left, and saves what is left to do. Pure: time, randomness
 * and the ordinary code's world come from its host.
 */
import { Heap, type HeapOptions } from "../codec/heap.ts";
import { isPerdureError, type PerdureError } from "../errors.ts";
import type {
  Attempt,
  ChildOperation,
  EncodedOutcome,
  Operations,
  SavedSegment,
  StackEntry,
  VatEvent,
  VatHost,
  VatLike,
  VatStatus,
} from "./contract.ts";
import { enterRun, leaveRun } from "./current-run.ts";
import { applyEvent } from "./events.ts";
import { KindContext } from "./kinds/context.ts";
import { machineKinds } from "./kinds/machine-kinds.ts";
import { RunRoot } from "./kinds/run-root.ts";
import { runError as error } from "./messages.ts";
import { OperationView } from "./operation-view.ts";
import { attempt } from "./operations/attempt.ts";
import { CancelledError } from "./operations/cancelled.ts";
import { operationKinds } from "./operations/kinds.ts";
import { canHandOver, handOver } from "./operations/mail.ts";
import { disposeOf } from "./operations/resource-value.ts";
import { type StepDetail, stepMaker } from "./operations/step.ts";
import { stepOfThenable } from "./operations/thenable.ts";
import { failRun, outcomeOf } from "./outcome.ts";
import { holdsRun } from "./platform/timer-handle.ts";
import { repeatably, withPlatformBuiltIns } from "./pristine.ts";
import { perform } from "./promise/perform.ts";
import { durablePromises } from "./promise/run-promises.ts";
import { rejectPromise } from "./promise/settle.ts";
import { stateOf } from "./promise/state.ts";
import { lookingOnce, refreshBindings } from "./references.ts";
import { currentCode } from "./registry.ts";
import { Resources } from "./resources.ts";
import { Run } from "./run.ts";
import { stackOf, stuckLines, stuckPromises } from "./stack.ts";
import { closureOf } from "./stamp.ts";
import { strangeToRun } from "./strangers.ts";
import { decodeValue, encodeOwn, encodeValue, heapOptions } from "./values.ts";

/** Which run: its id, and which of those that had this id. */
export interface RunIdentity {
  readonly run: string;
  readonly incarnation: string;
}

const ROOT = "run";

/**
 * Jobs in one turn before it is saved and others have theirs: an endless chain of jobs makes progress that is kept, and
 * neither starves its worker nor looks like a run that kills it. On the platform it would starve everything.
 */
const TURN_BUDGET = 100_000;

export class Vat implements VatLike {
  readonly #host: VatHost;
  readonly #context: KindContext;
  #run: Run;
  #root: RunRoot;
  #events: VatEvent[] = [];
  #sinceBase = { bytes: 0, deltas: 0 };
  /** The public part of what is pending, as the engine sees it. */
  readonly operations: Operations;

  private constructor(host: VatHost, identity: RunIdentity, segments: readonly string[] | null) {
    this.#host = host;
    this.#run = new Run(identity.run, identity.incarnation, host, durablePromises);
    this.#run.resources = new Resources((held) => disposeOf(held).catch((thrown) => host.disposeFailed?.(thrown)));
    this.#run.makeStep = stepMaker(this.#run);
    this.#run.awaitOrdinary = (thenable) => stepOfThenable(this.#run, thenable);
    this.#run.encode = (args) => encodeOwn(args, host, "args");
    this.#context = new KindContext(this.#run);
    this.#root = new RunRoot(this.#run);
    this.operations = new OperationView(this.#run);
    const options = this.#options();
    if (segments === null) {
      this.#run.heap = new Heap(options);
      return;
    }
    try {
      this.#load(options, segments);
    } catch (thrown) {
      void this.close();
      throw thrown;
    }
    this.#sinceBase = {
      bytes: segments.slice(1).reduce((sum, text) => sum + text.length, 0),
      deltas: segments.length - 1,
    };
  }

  #load(options: HeapOptions, segments: readonly string[]): void {
    const { heap, roots } = Heap.load(options, segments);
    const root = roots.get(ROOT);
    if (!(root instanceof RunRoot)) throw error("PD2402", { run: this.#run.id });
    this.#root = root;
    this.#run.heap = heap;
    try {
      for (const finish of this.#context.whenLoaded.splice(0)) finish();
    } catch (cause) {
      throw isPerdureError(cause) ? cause : error("PD2402", { run: this.#run.id }, cause);
    }
    this.#run.sortPending();
  }

  #options(): HeapOptions {
    return {
      kinds: [...operationKinds(this.#run), ...machineKinds(this.#context)],
      ...heapOptions(this.#host),
      strangeTo: strangeToRun(this.#run),
      entersErrors: true,
      givenBy: (value) => this.#run.givenBy(value),
      owner: this.#run.incarnation,
      state: `the saved state of run ${this.#run.id}`,
    };
  }

  /**
   * A run that has not taken its first turn: the call of `fn` is its first job. The arguments are copied, from their text where that has been made. Throws a
   * coded error for a function without a name or an argument that cannot be copied.
   */
  static create(
    host: VatHost,
    request: RunIdentity & { readonly fn: unknown; readonly args: readonly unknown[]; readonly argumentText?: string },
  ): Vat {
    const { fn, args, argumentText = encodeValue(args, host, "args") } = request;
    const code = closureOf(fn)?.code;
    if (typeof fn !== "function" || code === undefined || code.instance !== fn) {
      throw error("PD2004", { function: typeof fn === "function" ? fn.name || "(anonymous)" : String(fn) });
    }
    return Vat.#start(host, request, fn, argumentText);
  }

  /** A child run, out of its parent's pending operation. */
  static createChild(host: VatHost, operation: ChildOperation): Vat {
    const fn = currentCode(operation.fn)?.instance;
    if (typeof fn !== "function") throw error("PD2401", { code: operation.fn });
    return Vat.#start(host, operation, fn, operation.args as string);
  }

  static #start(host: VatHost, identity: RunIdentity, fn: Function, args: string): Vat {
    const vat = new Vat(host, identity, null);
    vat.#run.enqueue({ type: "start", fn, args: decodeValue(args, host) as readonly unknown[] });
    return vat;
  }

  /** A run at its last commit: the last base and the deltas after it. */
  static load(host: VatHost, request: RunIdentity & { readonly segments: readonly { readonly text: string }[] }): Vat {
    const segments = request.segments.map(({ text }) => text);
    return repeatably(() => new Vat(host, request, segments));
  }

  get run(): string {
    return this.#run.id;
  }

  get incarnation(): string {
    return this.#run.incarnation;
  }

  get sinceBase(): { readonly bytes: number; readonly deltas: number } {
    return this.#sinceBase;
  }

  deliver(event: VatEvent): void {
    this.#events.push(event);
  }

  turn(budget = TURN_BUDGET): void {
    this.#inside(() => {
      this.#hear();
      let left = this.#settleDown(budget);
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        applyEvent(this.#run, event);
        // Once the budget is spent, events only queue their jobs: the commit says that they were consumed.
        left = this.#settleDown(left);
      }
    });
  }

  /**
   * Takes in the messages that came first and hands one over, if the run is at rest: nothing has run since the save, which has dropped the receives that
   * nothing observes any more, so that no message goes to one that has lost a race. Hence one message a turn. False: there was nothing to do.
   */
  #hear(): boolean {
    const run = this.#run;
    const before = this.#events.length;
    while (this.#events[0]?.type === "message") applyEvent(run, this.#events.shift()!);
    return (run.jobs.size === 0 && handOver(run)) || this.#events.length < before;
  }

  /** For tests, which save between any two jobs: runs one job, or applies one event when there is none. False: nothing is left to do. */
  runOneJob(): boolean {
    let worked = true;
    this.#inside(() => {
      if (this.#run.jobs.size > 0) this.#runJob();
      else if (!this.#judge() && !this.#hear()) {
        const event = this.#events.shift();
        if (event === undefined) worked = false;
        else applyEvent(this.#run, event);
      }
    });
    return worked;
  }

  /** Runs `body` as part of a turn; what breaks the contract poisons the run. */
  #inside(body: () => void): void {
    const run = this.#run;
    if (run.poison !== undefined) throw run.poison;
    refreshBindings();
    const previous = enterRun(run);
    try {
      body();
    } catch (thrown) {
      if (isPerdureError(thrown)) run.poison ??= thrown;
      throw run.poison ?? thrown;
    } finally {
      run.executing = undefined;
      leaveRun(previous);
    }
  }

  /** Runs jobs until none is left and nothing follows from that, or the budget is spent. Returns what is left of it. */
  #settleDown(budget: number): number {
    let left = budget;
    do {
      for (; this.#run.jobs.size > 0; left--) {
        if (left <= 0) return 0;
        this.#runJob();
      }
    } while (this.#judge());
    return left;
  }

  #runJob(): void {
    const run = this.#run;
    const job = run.jobs.take()!;
    run.executing = undefined;
    try {
      perform(run, job);
    } catch (thrown) {
      if (run.poison !== undefined || isPerdureError(thrown)) throw thrown;
      // A callback of a timer or microtask threw: on the platform, an uncaught exception.
      failRun(run, thrown, run.place(), "PD2106");
    }
    // It may have been swallowed by a `catch` of ordinary text.
    if (run.poison !== undefined) throw run.poison;
  }

  /** No job is left: settles what follows from that. True: there are jobs again. */
  #judge(): boolean {
    return withPlatformBuiltIns(() => this.#settled());
  }

  #settled(): boolean {
    const run = this.#run;
    if (run.outcome === null) run.outcome = outcomeOf(run);
    const [first] = run.unhandled;
    if (first !== undefined) {
      const { value, place } = stateOf(first)!;
      run.unhandled.delete(first);
      failRun(run, value, place);
      for (const rejected of run.unhandled) run.remark(stateOf(rejected)!.value);
      run.unhandled.clear();
    }
    if (run.outcome !== null) this.#release();
    return this.#sweep();
  }

  /** The function has settled: `unref`ed timers and receives hold the run no longer, when nothing else does. */
  #release(): void {
    const run = this.#run;
    const pending = [...run.pending];
    if (pending.length > 0 && !pending.some(([, one]) => holdsRun(one)))
      for (const [number] of pending) run.drop(number);
  }

  /** A cancelled run that nothing can wake: what it awaits is rejected too, once, so that its `finally` blocks run. */
  #sweep(): boolean {
    const run = this.#run;
    const { cancelled } = run;
    if (cancelled === null || cancelled.swept || run.outcome !== null || run.pending.size > 0 || run.jobs.size > 0)
      return false;
    run.cancelled = { ...cancelled, swept: true };
    for (const promise of stuckPromises(run)) rejectPromise(promise, new CancelledError(cancelled.reason));
    return run.jobs.size > 0;
  }

  save(kind: "delta" | "base"): SavedSegment {
    return repeatably(() => this.#save(kind));
  }

  #save(kind: "delta" | "base"): SavedSegment {
    const run = this.#run;
    if (run.poison !== undefined) throw run.poison;
    refreshBindings();
    run.strong.update(run.pending, (one) => run.isStrong(one));
    this.#context.codes = new Set();
    const save = lookingOnce(() => run.heap.save(kind, { strong: { [ROOT]: this.#root } }));
    save.saved();
    for (const [number, pending] of run.pending) {
      if (!run.isStrong(pending) && !save.reached(pending)) run.drop(number);
    }
    run.resources.sweep((value) => save.reached(value));
    const bytes = save.text.length;
    this.#sinceBase =
      save.kind === "base"
        ? { bytes: 0, deltas: 0 }
        : { bytes: this.#sinceBase.bytes + bytes, deltas: this.#sinceBase.deltas + 1 };
    return { kind: save.kind, text: save.text, codes: [...this.#context.codes] };
  }

  /** For tests: saves the whole run, drops it, and goes on with what was decoded from the text. Events not yet applied stay; what an attempt of a step has changed is not among them. */
  roundTrip(): Vat {
    const { text } = this.save("base");
    const fresh = repeatably(() => new Vat(this.#host, this, [text]));
    fresh.#events = this.#events;
    void this.close();
    return fresh;
  }

  attempt(operation: number, client?: unknown): Attempt {
    const pending = this.#run.pending.get(operation);
    if (pending?.operation.type !== "step") throw new RangeError(`operation ${operation} is no pending step`);
    const previous = enterRun(undefined);
    try {
      return attempt(this.#run, pending.operation, pending.detail as StepDetail, client);
    } finally {
      leaveRun(previous);
    }
  }

  status(): VatStatus {
    const { outcome, pending, jobs } = this.#run;
    if (jobs.size > 0 || this.#events.length > 0 || canHandOver(this.#run)) return "running";
    if (outcome !== null) {
      for (const one of pending.values()) if (holdsRun(one)) return "finishing";
      return outcome.status === "fulfilled" ? "done" : outcome.status === "rejected" ? "failed" : "cancelled";
    }
    return pending.size > 0 ? "waiting" : "stuck";
  }

  outcome(): EncodedOutcome | null {
    return this.#run.outcome;
  }

  stuck(): PerdureError | null {
    return this.status() === "stuck" ? error("PD2105", { lines: stuckLines(this.#run) }) : null;
  }

  stack(): readonly StackEntry[] {
    return stackOf(this.#run);
  }

  close(): Promise<void> {
    return this.#run.resources.close();
  }

  /** Failures after the outcome was known: they change nothing, and are told. */
  get remarks(): readonly string[] {
    return this.#run.remarks;
  }
}
