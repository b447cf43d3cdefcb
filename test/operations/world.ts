/** A small engine for tests: virtual time, steps issued after the save only, and, if asked, a reload between any two jobs. */
import type { Attempt, Settlement, VatEvent, VatHost } from "perdure/internal/machine/contract";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";

export interface WorldOptions {
  /** Encode, drop and decode the run between any two jobs; steps under way are then attempted again. */
  readonly reload?: boolean;
  readonly provided?: Record<string, unknown>;
  /** Begin each step twice, as after a crash: the settlement of the second attempt counts. */
  readonly twice?: boolean;
  /** What happens when nothing but tokens and children is pending. */
  readonly idle?: (vat: Vat, world: World) => boolean;
}

interface Waiting {
  readonly at: number;
  readonly run: () => void;
}

const START = 1_000_000;

export class World implements VatHost {
  clock = START;
  #random = 0;
  readonly #waiting = new Set<Waiting>();
  readonly provided: Record<string, unknown>;
  readonly #options: WorldOptions;
  vat!: Vat;
  #attempts = new Map<number, Attempt>();
  #settled: VatEvent[] = [];
  #broken: Error | undefined;
  /** Steps issued, as `text#attempt`; saves so far. */
  readonly issued: string[] = [];
  saves = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.provided = options.provided ?? {};
  }

  now = (): number => this.clock;
  random = (bytes: number): Uint8Array =>
    Uint8Array.from({ length: bytes }, () => (this.#random = (this.#random * 41 + 7) % 251));
  after = (ms: number, run: () => void): (() => void) => {
    const waiting = { at: this.clock + ms, run };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  };
  broken = (error: Error): void => {
    this.#broken = error;
  };
  get brokenBy(): Error | undefined {
    return this.#broken;
  }

  start(fn: Function, args: readonly unknown[] = []): this {
    this.vat = Vat.create(this, { run: "run-1", incarnation: "0123456789abcdef0123456789abcdef", fn, args });
    return this;
  }

  /** One turn and its save. */
  turn(): void {
    // What an attempt has changed belongs to the run as it was: with a save between any two jobs the others are begun anew.
    for (const event of this.#settled.splice(0, this.#options.reload ? 1 : Infinity)) this.vat.deliver(event);
    if (this.#options.reload) {
      while (this.vat.runOneJob()) {
        this.vat = this.vat.roundTrip();
        this.saves++;
        this.abandon();
      }
    } else this.vat.turn();
    this.vat.save("delta");
    this.saves++;
  }

  /** As a crash does: steps under way are nobody's, and are issued again. */
  abandon(): void {
    for (const attempt of this.#attempts.values()) attempt.abort(new Error("abandoned"));
    this.#attempts.clear();
    this.#settled = this.#settled.filter((event) => event.type !== "step");
  }

  /** Loads what the last save holds into a fresh vat. */
  crash(): void {
    this.abandon();
    this.vat = this.vat.roundTrip();
  }

  issue(): void {
    for (const [number, attempt] of this.#attempts) {
      if (this.vat.operations.has(number)) continue;
      attempt.abort(new Error("not wanted"));
      this.#attempts.delete(number);
    }
    for (const operation of this.vat.operations.values()) {
      const { number, type } = operation;
      if (type !== "step" || this.#attempts.has(number)) continue;
      this.issued.push(operation.text);
      if (this.#options.twice) void this.vat.attempt(number).settled;
      const attempt = this.vat.attempt(number);
      this.#attempts.set(number, attempt);
      void attempt.settled.then((settlement: Settlement) => {
        if (this.#attempts.get(number) === attempt) this.#settled.push({ type: "step", operation: number, settlement });
      });
    }
  }

  deliver(event: VatEvent): void {
    this.#settled.push(event);
  }

  /** Lets ordinary code run until something settles or nothing more happens by itself. */
  async #pause(): Promise<void> {
    for (let i = 0; i < 50 && this.#settled.length === 0; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The next instant at which something is due, by the virtual clock. */
  #advance(): boolean {
    const timers = [...this.vat.operations.values()].flatMap((operation) =>
      operation.type === "timer" ? [operation] : [],
    );
    const next = Math.min(...timers.map(({ at }) => at), ...[...this.#waiting].map(({ at }) => at));
    if (next === Number.POSITIVE_INFINITY) return false;
    this.clock = Math.max(this.clock, next);
    for (const waiting of [...this.#waiting]) {
      if (waiting.at > this.clock || !this.#waiting.delete(waiting)) continue;
      waiting.run();
    }
    const due = timers.filter(({ at }) => at <= this.clock).sort((a, b) => a.at - b.at || a.number - b.number);
    for (const { number } of due) this.deliver({ type: "timer", operation: number });
    return true;
  }

  get ended(): boolean {
    return ["done", "failed", "cancelled", "stuck"].includes(this.vat.status());
  }

  /** Drives the run to its end. */
  async drive(): Promise<this> {
    let patience = 1_000;
    for (let i = 0; i < 10_000; i++) {
      this.turn();
      if (this.ended) return this;
      this.issue();
      await this.#pause();
      if (this.#settled.length > 0 || this.vat.status() === "running") continue;
      if (this.#advance()) {
        await this.#pause();
        continue;
      }
      if (this.#attempts.size > 0 && patience-- > 0) {
        // Real input and output takes real time.
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      if (!this.#options.idle?.(this.vat, this))
        throw new Error(`nothing happens: ${JSON.stringify([...this.vat.operations.values()])}`);
    }
    throw new Error("the run does not end");
  }

  /** What the run's function gave; throws what it threw. */
  get result(): any {
    const outcome = this.vat.outcome();
    if (outcome === null) throw new Error(`the run is ${this.vat.status()}: ${this.vat.stuck()?.message}`);
    const decoded = decodeOutcome(outcome, this);
    if (decoded.status === "fulfilled") return decoded.value;
    throw decoded.reason;
  }
}

/** Runs `fn` once straight and once with a reload between any two jobs: both must give the same. */
export async function run(fn: Function, args: readonly unknown[] = [], options: WorldOptions = {}): Promise<any> {
  const straight = (await new World(options).start(fn, args).drive()).result;
  const reloaded = (await new World({ ...options, reload: true }).start(fn, args).drive()).result;
  if (JSON.stringify(straight) !== JSON.stringify(reloaded)) {
    throw new Error(`a reload shows: ${JSON.stringify(straight)} became ${JSON.stringify(reloaded)}`);
  }
  return straight;
}
