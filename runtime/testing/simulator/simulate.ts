/** One seed: a world of processes, runs, an outside and faults, played to its end and judged. */
import type { Failpoint } from "../../engine/failpoints.ts";
import type { Hint, Hints } from "../../engine/host.ts";
import type { WorkOptions } from "../../engine/options.ts";
import { ENDED, type RunHead, type Store } from "../../store/store.ts";
import { asked } from "./asked.ts";
import { judgeResults, judgeTimers, SKEW } from "./expectations.ts";
import { type Fault, type FaultKind, planFaults, STORMY } from "./faults.ts";
import { History } from "./history.ts";
import type { Installation } from "./installation.ts";
import type { World } from "./machines.ts";
import type { Mutation } from "./mutations.ts";
import type { Fate, Network } from "./network.ts";
import { judge, type Verdict } from "./oracle.ts";
import { outside } from "./outside.ts";
import { installer, type Persistence, type Surroundings } from "./persistence.ts";
import { SimulatedProcess } from "./process.ts";
import { ROOTS } from "./programs.ts";
import { type Random, seeded } from "./random.ts";
import { Timeline } from "./timeline.ts";
import { watchedVats, worldOf } from "./world.ts";

export interface Report {
  readonly seed: number;
  readonly verdicts: readonly Verdict[];
  /** Faults that struck, by kind. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly runs: number;
  readonly events: number;
  readonly trace: readonly string[];
}

const LEASE = 3_000;
/** Longest virtual time after the last fault within which every run must end, ms. */
const PATIENCE = 10 * 60_000;

export async function simulate(
  seed: number,
  mutation: Mutation = {},
  persistence: Persistence = "memory",
): Promise<Report> {
  const install = await installer(persistence, mutation.store);
  const undo = mutation.install?.();
  try {
    return await new Simulation(seed, mutation, install, persistence === "memory" ? 64 : 512).play();
  } finally {
    undo?.();
  }
}

class Simulation {
  readonly #seed: number;
  readonly #random: Random;
  readonly #mutation: Mutation;
  readonly #timeline: Timeline;
  readonly #history: History;
  readonly #installation: Installation;
  readonly #processes: (SimulatedProcess | null)[] = [];
  readonly #listeners = new Map<SimulatedProcess, Set<(run: string, hint: Hint) => void>>();
  readonly #faults: Fault[];
  readonly #struck = new Map<FaultKind, number>();
  readonly #origin: number;
  readonly #looks: number;
  readonly #settings: WorkOptions;
  #made = 0;
  #outageUntil = 0;
  #hintsLostUntil = 0;
  #hintsRepeatedUntil = 0;

  /** `looks`: events between two looks at all runs. One through a model costs as much as some hundred events. */
  constructor(seed: number, mutation: Mutation, install: (surroundings: Surroundings) => Installation, looks: number) {
    this.#seed = seed;
    this.#random = seeded(seed);
    this.#mutation = mutation;
    this.#timeline = new Timeline(this.#random.fork());
    this.#origin = this.#timeline.now;
    this.#history = new History(() => this.#timeline.now);
    this.#looks = looks;
    this.#installation = install({
      timeline: this.#timeline,
      history: this.#history,
      random: () => this.#random.fork(),
      notified: () => this.#timesTold(),
    });
    const processes = this.#random.between(2, 3);
    this.#faults = planFaults(this.#random.fork(), processes, LEASE);
    this.#settings = {
      lease: LEASE,
      poll: 2_000,
      linger: this.#random.pick([0, 50, 1_000]),
      probation: 50,
      sweep: 5_000,
      grace: 500,
      concurrency: this.#random.pick([2, 8, 100]),
      compactDeltas: this.#random.between(2, 5),
    };
    for (let index = 0; index < processes; index++) this.#boot(index);
  }

  async play(): Promise<Report> {
    try {
      return await this.#played();
    } finally {
      this.#installation.close?.();
    }
  }

  async #played(): Promise<Report> {
    const client = this.#make("client");
    const away = outside({
      client: client.engine,
      timeline: this.#timeline,
      random: this.#random.fork(),
      history: this.#history,
      world: client.provide["world"] as World,
      announced: this.#announced,
    });
    const count = this.#random.between(5, 9);
    for (let n = 0; n < count; n++) away.start(`run${n}`, this.#random.pick(ROOTS));
    for (const fault of this.#faults) this.#schedule(fault);
    let heads: readonly RunHead[] = [];
    for (let n = 1; await this.#timeline.step(); n++) {
      if (n % this.#looks !== 0) continue;
      heads = await this.#installation.store.list({ limit: 1_000 });
      const over = this.#timeline.now - this.#origin > STORMY && away.started() === count;
      if (over && away.unanswered() === 0 && heads.every(({ status }) => ENDED.has(status))) break;
      if (over) await this.#operator(heads);
      if (this.#timeline.now - this.#origin > STORMY + PATIENCE) break;
    }
    const finale = { heads, resumed: away.resumed, decode: client.vats.decode };
    const verdicts = [
      ...judge(this.#history, finale),
      ...judgeResults(this.#history, finale),
      ...judgeTimers(this.#history, finale),
    ];
    return {
      seed: this.#seed,
      verdicts,
      faults: this.#struck,
      runs: heads.length,
      events: this.#timeline.happened,
      trace: this.#history.trace,
    };
  }

  readonly #announced: ((token: string) => void)[] = [];

  /** Whoever looks after the installation lets quarantined runs go on, once it is calm. */
  async #operator(heads: readonly RunHead[]): Promise<void> {
    for (const { run, status } of heads) {
      if (status === "quarantined" && (await this.#installation.store.revive(run, this.#timeline.now)))
        this.#history.note(`operator  ${run} revived`);
    }
  }

  #boot(index: number): void {
    const process = this.#make(`p${index}.${++this.#made}`);
    this.#processes[index] = process;
    process.work(this.#settings);
  }

  #make(name: string): SimulatedProcess {
    const random = this.#random.fork();
    const { makeResident } = this.#mutation;
    return new SimulatedProcess({
      name,
      timeline: this.#timeline,
      random,
      skew: this.#random.between(-SKEW, SKEW),
      ...(makeResident && { makeResident }),
      hints: (process) => this.#hints(process),
      store: (process) =>
        this.#noted(process, {
          timeline: this.#timeline,
          random: random.fork(),
          history: this.#history,
          fate: (caller, method) => this.#fate(caller, method),
          calling: (caller) => this.#occasion(caller, "crash as a call of the store leaves"),
        }),
      provide: (process) => ({
        world: worldOf({
          process,
          timeline: this.#timeline,
          random: random.fork(),
          history: this.#history,
          announced: (token) => {
            for (const listener of this.#announced) listener(token);
          },
        }),
      }),
      vats: ({ provide }) => watchedVats(provide["world"] as World, this.#history),
      failpoint: (process, point) => this.#occasion(process, "crash at a failpoint", point),
      observe: (process, event) => {
        if (event.type === "lost" || event.type === "lease-lost" || event.type === "stopped-run") {
          this.#history.note(`${event.type.padEnd(9)} ${JSON.stringify(event)} (${process.name})`);
        }
      },
    });
  }

  #noted(process: SimulatedProcess, network: Network): Store {
    return asked(this.#installation.open(process, network), process.name, this.#history);
  }

  #schedule(fault: Fault): void {
    this.#timeline.at(fault.at, null, () => {
      // The one that is meant, or another that is up.
      const process = this.#processes[fault.process] ?? this.#processes.find((one) => one !== null) ?? null;
      if (process === null) return this.#outage(fault);
      switch (fault.kind) {
        case "crash at an instant":
          return this.#crash(fault, process);
        case "pause past the lease":
        case "short pause":
          this.#strike(fault, `${process.name} for ${fault.length} ms`);
          process.pause(fault.length);
          return;
        case "store outage":
          return this.#outage(fault);
        case "hints lost":
          this.#strike(fault, `for ${fault.length} ms`);
          this.#hintsLostUntil = this.#timeline.now + fault.length;
          return;
        case "hints repeated":
          this.#strike(fault, `for ${fault.length} ms`);
          this.#hintsRepeatedUntil = this.#timeline.now + fault.length;
          return;
        default:
          // Waits for its occasion from now on.
          this.#waiting.push(fault);
      }
    });
  }

  #outage(fault: Fault): void {
    this.#strike({ ...fault, kind: "store outage" }, `for ${fault.length} ms`);
    this.#outageUntil = this.#timeline.now + fault.length;
  }

  readonly #waiting: Fault[] = [];

  #strike(fault: Fault, what: string): void {
    this.#struck.set(fault.kind, (this.#struck.get(fault.kind) ?? 0) + 1);
    this.#history.add({ type: "fault", kind: fault.kind, what });
  }

  /** The waiting fault that this occasion sets off, if any. */
  #due(process: SimulatedProcess, matches: (fault: Fault) => boolean): Fault | undefined {
    const index = this.#waiting.findIndex((fault) => this.#processes[fault.process] === process && matches(fault));
    const fault = this.#waiting[index];
    if (fault === undefined || fault.skip-- > 0) return undefined;
    this.#waiting.splice(index, 1);
    return fault;
  }

  #occasion(process: SimulatedProcess, kind: FaultKind, point?: Failpoint): void {
    const fault = this.#due(process, (one) => one.kind === kind && (point === undefined || one.failpoint === point));
    if (fault !== undefined) this.#crash(fault, process, point);
  }

  #crash(fault: Fault, process: SimulatedProcess, point?: Failpoint): void {
    this.#strike(fault, `${process.name}${point === undefined ? "" : ` at ${point}`}, down for ${fault.length} ms`);
    process.crash();
    const index = this.#processes.indexOf(process);
    this.#processes[index] = null;
    this.#listeners.delete(process);
    this.#timeline.at(fault.length, null, () => this.#boot(index));
  }

  #fate(process: SimulatedProcess, method: string): Fate {
    if (this.#timeline.now < this.#outageUntil) return "refused";
    const kinds: readonly FaultKind[] = ["request lost", "answer lost", "request repeated"];
    const fault = this.#due(process, ({ kind }) => kinds.includes(kind));
    if (fault === undefined) return "answered";
    this.#strike(fault, `${method} of ${process.name}`);
    return fault.kind === "request lost" ? "request-lost" : fault.kind === "answer lost" ? "answer-lost" : "repeated";
  }

  /** How often a hint arrives that is sent now. */
  #timesTold(): number {
    if (this.#timeline.now < this.#hintsLostUntil) return 0;
    return this.#timeline.now < this.#hintsRepeatedUntil ? 3 : 1;
  }

  #hints(process: SimulatedProcess): Hints {
    const mine = new Set<(run: string, hint: Hint) => void>();
    this.#listeners.set(process, mine);
    return {
      publish: (run, hint) => {
        const times = this.#timesTold();
        for (const [receiver, listeners] of this.#listeners) {
          if (this.#installation.tells === true && receiver !== process) continue;
          for (let n = 0; n < times; n++) {
            receiver.later(this.#random.between(0, 20), () => {
              for (const listener of [...listeners]) listener(run, hint);
            });
          }
        }
      },
      subscribe: (listener) => {
        mine.add(listener);
        return () => mine.delete(listener);
      },
    };
  }
}
