/**
 * Processes over one store under virtual time: `a`, which begins the run and may be held up once, others that come when they are called, and a client
 * that drives nothing.
 */

import type { Hint } from "perdure/internal/engine/host";
import type { Store } from "perdure/internal/store/store";
import { asked } from "perdure/internal/testing/simulator/asked";
import { History } from "perdure/internal/testing/simulator/history";
import { type Installation, sharedMemory } from "perdure/internal/testing/simulator/installation";
import type { Mutation } from "perdure/internal/testing/simulator/mutations";
import type { Network } from "perdure/internal/testing/simulator/network";
import { SimulatedProcess } from "perdure/internal/testing/simulator/process";
import { seeded } from "perdure/internal/testing/simulator/random";
import { Timeline } from "perdure/internal/testing/simulator/timeline";
import { watchedVats, worldOf } from "perdure/internal/testing/simulator/world";
import type { Connection, World } from "../../../fixtures/preemption/world.ts";
import { Clients } from "./clients.ts";
import { around, Gate, type Point } from "./gate.ts";
import { type Program, WORK } from "./settings.ts";

/** All promise jobs have then run, and no event has happened. */
export const nextLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What processes share, made for one play. */
export type Install = (stage: Stage, mutation: Mutation) => Installation | Promise<Installation>;

export const inMemory: Install = (_, { store }) => sharedMemory(store);

export interface Parts {
  readonly program: Program;
  readonly point?: Point;
  /** Called when `a` stands; for how many ms it does. */
  readonly interrupt?: (stage: Stage) => number;
  /** After so many ms `a` is stopped, and another works from then on. */
  readonly leaves?: number;
  /** Nobody hears a hint. */
  readonly deaf?: boolean;
  /** Tokens are resumed when {@link Clients.resume} is called first, not promptly. */
  readonly patient?: boolean;
  readonly mutation?: Mutation;
}

export class Stage {
  readonly timeline = new Timeline(seeded(1));
  readonly history = new History(() => this.timeline.now);
  readonly gate: Gate;
  readonly processes = new Map<string, SimulatedProcess>();
  /** The store as each has it. */
  readonly #stores = new Map<SimulatedProcess, Store>();
  /** Who works, and whether it has stopped. */
  readonly workers = new Map<SimulatedProcess, { stopped: boolean }>();
  readonly clients: Clients;
  readonly connections = new Map<SimulatedProcess, { made: number; closed: number }>();
  client!: SimulatedProcess;
  /** `a` stood and goes on again since this instant; null: not yet. */
  wentOn: number | null = null;
  /** The heart of `a` is not heard. */
  unheard = false;
  /** The worker as which `a` is known to the store. */
  registered: string | undefined;
  /** Nobody reaches the store. */
  outage = false;
  /** Called as a process has made a call of the store. */
  asking: (process: SimulatedProcess, method: string) => void = () => {};
  #installation!: Installation;
  #stands = false;
  #plans = 0;
  /** Calls of the store under way in real time. */
  #underway = 0;
  readonly #parts: Parts;
  readonly #listeners = new Map<SimulatedProcess, Set<(run: string, hint: Hint) => void>>();

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.clients = new Clients(this, parts.program, parts.patient === true);
    this.gate = new Gate(parts.point, () => this.#stand());
  }

  static async begin(parts: Parts, install: Install): Promise<Stage> {
    const stage = new Stage(parts);
    stage.#installation = await install(stage, parts.mutation ?? {});
    stage.client = stage.#make("client");
    stage.clients.start(stage.work("a"));
    const { leaves } = parts;
    if (leaves !== undefined) {
      stage.plan(leaves, () => {
        void stage.first.engine.stop();
        stage.work("heir");
      });
    }
    return stage;
  }

  /** `a`. It may be held up at its very first call. */
  get first(): SimulatedProcess {
    return this.processes.get("a")!;
  }

  /** The store itself: no distance, no faults. */
  get store(): Store {
    return this.#installation.store;
  }

  /** Boots a process that works. */
  work(name: string): SimulatedProcess {
    const process = this.#make(name);
    const worker = { stopped: false };
    this.workers.set(process, worker);
    void process.engine.work(WORK).then(() => (worker.stopped = true));
    return process;
  }

  /** `a` stands and will go on, or something that was planned is still to come. */
  isHeldUp(): boolean {
    return (this.#stands && this.first.alive) || this.#plans > 0;
  }

  /** Part of an interruption that comes later. */
  plan(ms: number, what: () => void): void {
    this.#plans++;
    this.timeline.at(ms, null, () => {
      this.#plans--;
      what();
    });
  }

  /** The lease of `a` is ended for good. */
  end(): void {
    if (this.registered !== undefined) void asked(this.store, "somebody", this.history).retire(this.registered);
  }

  crash(process: SimulatedProcess): void {
    process.crash();
    this.clients.waiting.delete(process);
    this.#listeners.delete(process);
  }

  /** Everybody lets go of the store, where each has connections of its own. */
  async close(): Promise<void> {
    if (this.#installation.tells !== true) return;
    for (const [process, store] of this.#stores) if (process.alive && process !== this.client) void store.close();
    // Before the next event happens.
    await nextLoop();
  }

  /** Lets the next event happen, and all that follows from it in no time. False: nothing is left to happen. */
  async step(): Promise<boolean> {
    for (let patience = 0; patience < 20; patience++) {
      if (await this.timeline.step()) {
        while (this.#underway > 0) await nextLoop();
        return true;
      }
      // A module may be loading.
      await nextLoop();
    }
    return false;
  }

  #stand(): Promise<void> {
    const length = this.#parts.interrupt!(this);
    this.history.note(`STANDS    a at ${this.gate.calls.length - 1} ${this.gate.calls.at(-1)} for ${length} ms`);
    this.#stands = true;
    if (this.#parts.point!.who === "process") this.first.pause(length);
    return new Promise((resolve) => {
      this.timeline.at(length, null, () => {
        this.history.note("GOES ON   a");
        this.wentOn = this.timeline.now;
        this.#stands = false;
        this.unheard = this.outage = false;
        this.first.later(0, resolve);
      });
    });
  }

  /** A store whose calls take real time: virtual time stands while they do. */
  waitedFor(store: Store): Store {
    return around(store, (_, call) => {
      this.#underway++;
      return call().finally(() => this.#underway--);
    });
  }

  #atTheStore({ name }: SimulatedProcess): Store {
    const { store, history } = this;
    const end: Store["end"] = async (ending) => {
      const outcome = await store.end(ending);
      if (outcome === "ended") history.add({ type: "end", process: name, ending });
      return outcome;
    };
    return { ...store, end };
  }

  #make(name: string): SimulatedProcess {
    const random = seeded(name.charCodeAt(0) * 7 + this.processes.size);
    const { timeline, history } = this;
    const gated = name === "a" && !this.processes.has("a");
    const { makeResident } = this.#parts.mutation ?? {};
    const process = new SimulatedProcess({
      name: this.processes.has(name) ? `${name}${this.processes.size}` : name,
      timeline,
      random,
      skew: 0,
      ...(makeResident && { makeResident }),
      hints: (made) => this.#hints(made),
      store: (made) => {
        const network: Network = {
          timeline,
          random: random.fork(),
          history,
          fate: () => "answered",
          calling: () => {},
        };
        // The client is at the store itself, so that what it does may happen at any event.
        const reached = name === "client" ? this.#atTheStore(made) : this.#installation.open(made, network);
        const store = asked(reached, made.name, history);
        const renew: Store["renew"] = (worker, now, until) => {
          if (gated) this.registered = worker;
          return store.renew(worker, now, until);
        };
        const own = around(gated ? this.gate.store({ ...store, renew }) : store, (method, call) => {
          const isRefused = this.outage || (this.unheard && gated && method === "renew");
          const answer = isRefused ? this.#refused(made) : call();
          this.asking(made, method);
          return answer as ReturnType<typeof call>;
        });
        this.#stores.set(made, own);
        return own;
      },
      provide: (made) => {
        const calls = worldOf({
          process: made,
          timeline,
          random: random.fork(),
          history,
          announced: (token) => this.clients.announced(token),
        });
        const world: World = {
          fresh: calls.fresh,
          call: async (service, args = {}) => (await calls.call(service, args)) as { name: string },
          open: () => this.#open(made),
        };
        return { world: gated ? this.gate.world(world) : world };
      },
      vats: ({ provide }) => watchedVats(provide["world"] as never, history),
      failpoint: () => {},
      observe: ({ name: at }, event) => {
        if (event.type !== "committed" && event.type !== "issued")
          history.note(`${event.type.padEnd(9)} ${JSON.stringify(event)} (${at})`);
      },
    });
    this.processes.set(process.name, process);
    return process;
  }

  #refused(process: SimulatedProcess): Promise<never> {
    return new Promise((_, reject) => {
      process.later(5, () => reject(Object.assign(new Error("the store is out"), { outcome: "refused" })));
    });
  }

  #open(process: SimulatedProcess): Connection {
    const count = this.connections.get(process) ?? { made: 0, closed: 0 };
    this.connections.set(process, count);
    count.made++;
    const world = process.provide["world"] as World;
    return {
      ask: (question) => world.call(question),
      close: () => {
        count.closed++;
      },
    };
  }

  #hints(process: SimulatedProcess) {
    const mine = new Set<(run: string, hint: Hint) => void>();
    this.#listeners.set(process, mine);
    return {
      publish: (run: string, hint: Hint) => {
        if (this.#parts.deaf) return;
        for (const [receiver, listeners] of this.#listeners)
          receiver.later(1, () => {
            for (const listener of [...listeners]) listener(run, hint);
          });
      },
      subscribe: (listener: (run: string, hint: Hint) => void) => {
        mine.add(listener);
        return () => mine.delete(listener);
      },
    };
  }
}
