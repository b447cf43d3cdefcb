/** One simulated process: an engine whose clock, timers, randomness, hints and store are the simulation's. It can die at any event. */
import { Engine } from "../../engine/engine.ts";
import type { Failpoint } from "../../engine/failpoints.ts";
import type { Hints, Host } from "../../engine/host.ts";
import type { EngineEvent, WorkOptions } from "../../engine/options.ts";
import type { VatFactory } from "../../engine/vats.ts";
import type { ResidentMaker } from "../../engine/worker.ts";
import type { Store } from "../../store/store.ts";
import type { Random } from "./random.ts";
import type { Owner, Timeline } from "./timeline.ts";

export interface ProcessParts {
  readonly name: string;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly hints: (process: SimulatedProcess) => Hints;
  readonly store: (process: SimulatedProcess) => Store;
  /** Its hosts, by name. */
  readonly provide?: (process: SimulatedProcess) => Readonly<Record<string, unknown>>;
  readonly vats: (process: SimulatedProcess) => VatFactory;
  readonly failpoint: (process: SimulatedProcess, point: Failpoint, run: string | null) => void;
  readonly observe: (process: SimulatedProcess, event: EngineEvent) => void;
  readonly makeResident?: ResidentMaker;
  /** How far this machine's clock is off, ms. */
  readonly skew: number;
}

export class SimulatedProcess implements Owner {
  readonly name: string;
  readonly engine: Engine;
  alive = true;
  pausedUntil = 0;
  /** Store calls made so far. */
  calls = 0;
  readonly provide: Readonly<Record<string, unknown>>;
  readonly vats: VatFactory;
  readonly #timeline: Timeline;

  constructor(parts: ProcessParts) {
    const { timeline, random } = parts;
    this.name = parts.name;
    this.#timeline = timeline;
    const host: Host = {
      now: () => timeline.now + parts.skew,
      setTimeout: (run, ms) => this.later(ms, run),
      clearTimeout: (cancel) => (cancel as (() => void) | undefined)?.(),
      // Other events of the same instant may come first: that is when they join one commit.
      defer: (run) => void this.later(0, run),
      random: (count) => random.bytes(count),
      failpoint: (point, run) => parts.failpoint(this, point, run),
      hints: parts.hints(this),
    };
    this.provide = parts.provide?.(this) ?? {};
    this.vats = parts.vats(this);
    this.engine = new Engine({
      store: parts.store(this),
      vats: this.vats,
      surroundings: { provided: this.provide },
      host,
      observe: (event) => parts.observe(this, event),
      ...(parts.makeResident && { makeResident: parts.makeResident }),
    });
  }

  /** An event of this process. */
  later(ms: number, run: () => void): () => void {
    return this.#timeline.at(ms, this, run);
  }

  work(options: WorkOptions): void {
    // What a dead process was doing never goes on, so this may stay pending for ever.
    void this.engine.work(options);
  }

  crash(): void {
    this.alive = false;
  }

  pause(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.#timeline.now + ms);
  }
}
