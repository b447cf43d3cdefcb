/** Where one process is held up: at one of the calls that it makes, of its store or of a service. */
import type { Store, StoreFailure } from "perdure/internal/store/store";
import type { World } from "../../../fixtures/preemption/world.ts";

/** What has happened of the call when its process stands, and what it hears then. */
export const WHENS = ["before", "answer held", "request lost", "answer lost"] as const;
export type When = (typeof WHENS)[number];

/** Before the name of a service, where calls are named. */
export const SERVICE = "the service ";

export interface Point {
  /** Which call, counted from 0. */
  readonly call: number;
  readonly when: When;
  /** The whole process stands, or this call alone is slow. */
  readonly who: "process" | "call";
}

const lost = (what: string): StoreFailure =>
  Object.assign(new Error(`the ${what}`), { outcome: "unknown" }) as StoreFailure;

type Passing = <T>(method: string, call: () => Promise<T>) => Promise<T>;

/** The store, of which each call goes by way of `passing`. */
export function around(store: Store, passing: Passing): Store {
  const methods = Object.entries(store).map(([name, value]) => {
    if (typeof value !== "function" || name === "listen") return [name, value];
    return [name, (...args: readonly unknown[]) => passing(name, () => value(...args))];
  });
  return Object.fromEntries(methods);
}

export class Gate {
  /** The calls so far. */
  readonly calls: string[] = [];
  readonly #point: Point | undefined;
  readonly #stand: () => Promise<void>;
  #left = false;

  /** `stand` resolves when the process may go on. */
  constructor(point: Point | undefined, stand: () => Promise<void>) {
    this.#point = point;
    this.#stand = stand;
  }

  store(store: Store): Store {
    return around(store, (method, call) => this.#pass(method, call));
  }

  world(world: World): World {
    return { ...world, call: (name, args) => this.#pass(SERVICE + name, () => world.call(name, args)) };
  }

  /** What is called from now on is no longer looked at. */
  leave(): void {
    this.#left = true;
  }

  #pass<T>(name: string, call: () => Promise<T>): Promise<T> {
    if (this.#left) return call();
    if (this.calls.push(name) - 1 !== this.#point?.call) return call();
    const isService = name.startsWith(SERVICE);
    // A service's network is not the run's.
    return isService && this.#point.when.endsWith("lost") ? call() : this.#held(this.#point.when, isService, call);
  }

  async #held<T>(when: When, isService: boolean, call: () => Promise<T>): Promise<T> {
    if (when === "before" && isService) {
      // Entered, and its answer is on its way: before that there is no attempt.
      const answer = call();
      await this.#stand();
      return answer;
    }
    if (when === "before" || when === "request lost") {
      await this.#stand();
      if (when === "request lost") throw lost(when);
      return call();
    }
    const answer = call();
    await answer.catch(() => {});
    if (this.#left) return answer;
    await this.#stand();
    if (when === "answer lost") throw lost(when);
    return answer;
  }
}
