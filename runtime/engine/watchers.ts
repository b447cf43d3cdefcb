/** Who waits for what becomes known of a run, and which runs this engine drives itself. */
import type { RunHead, RunId, Store } from "../store/store.ts";
import type { Host } from "./host.ts";

/** What a commit says of its run to those who wait for it. */
export type Known = Pick<RunHead, "incarnation" | "status" | "reason" | "result">;

/** Called with what was committed here; without it, the run is to be read again. */
type Watcher = (known?: Known) => void;

/** Those who wait in this engine, by run, and which runs are driven here. */
export class Watchers {
  readonly #host: Host;
  readonly #store: Store;
  readonly #of = new Map<RunId, Set<Watcher>>();
  /** How many workers of this engine have it. Two, for a moment, when one has lost it to the other. */
  readonly #here = new Map<RunId, number>();
  #deafen: (() => void) | null = null;
  #stops = 0;

  constructor(host: Host, store: Store) {
    this.#host = host;
    this.#store = store;
  }

  arrived(run: RunId): void {
    this.#here.set(run, (this.#here.get(run) ?? 0) + 1);
  }
  left(run: RunId): void {
    const others = this.#here.get(run)! - 1;
    if (others > 0) this.#here.set(run, others);
    else this.#here.delete(run);
  }
  isHere(run: RunId): boolean {
    return this.#here.has(run);
  }

  /** How often the engine was stopped. The process does not stay up for who began to wait before the last time. */
  get stops(): number {
    return this.#stops;
  }

  /** The engine was stopped: those who wait go on waiting for as long as something else keeps the process up. */
  letGo(): void {
    this.#stops++;
    this.#deafen?.();
    this.#deafen = null;
    for (const run of [...this.#of.keys()]) this.#wake(run);
  }

  /** An acknowledged commit has settled the run, or stopped it. True: somebody here was waiting for that. */
  tell(run: RunId, known: Known): boolean {
    const isAwaited = this.#of.has(run);
    this.#wake(run, known);
    return isAwaited;
  }

  /** Returns what ends it. Hints are listened to while anybody waits. */
  add(run: RunId, watcher: Watcher): () => void {
    let watchers = this.#of.get(run);
    if (watchers === undefined) this.#of.set(run, (watchers = new Set()));
    watchers.add(watcher);
    if (this.#deafen === null) {
      const unsubscribe = this.#host.hints?.subscribe((one) => this.#wake(one));
      const deafen = this.#store.listen?.("known", (one) => this.#wake(one));
      this.#deafen = () => {
        unsubscribe?.();
        deafen?.();
      };
    }
    return () => {
      watchers.delete(watcher);
      if (watchers.size > 0) return;
      if (this.#of.get(run) === watchers) this.#of.delete(run);
      if (this.#of.size > 0) return;
      this.#deafen?.();
      this.#deafen = null;
    };
  }

  #wake(run: RunId, known?: Known): void {
    const watchers = this.#of.get(run);
    if (watchers !== undefined) for (const watcher of [...watchers]) watcher(known);
  }
}
