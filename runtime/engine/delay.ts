/** What is said to who waits for a result that does not come, since nobody has the run. Once. */
import type { RunHead } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { engineError } from "./messages.ts";
import { moduleOf, type Overdue, overdue, PATIENCE, parkedBy } from "./parked.ts";

export class Delay {
  readonly #context: EngineContext;
  readonly #stops: number;
  #isTold = false;
  #late: Overdue | undefined;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#stops = context.watchers.stops;
  }

  look(head: RunHead): void {
    const { vats, host, observe, fresh, watchers } = this.#context;
    // This process was told to stop: that nobody has the run is no news.
    if (this.#isTold || watchers.stops !== this.#stops) return;
    const now = host.now();
    const { run, fn } = head;
    const parked = parkedBy(head, vats.linked());
    this.#late = overdue(head, now, this.#late);
    // One of this engine's own is busy: nobody has to be told to let it work.
    const isLate = this.#late !== undefined && now - this.#late.since >= PATIENCE && !fresh.areExpected;
    if (parked?.isEdited) observe({ type: "parked", run, error: parked.error });
    else if (isLate)
      observe({ type: "unclaimed", run, function: fn, error: engineError("PD2518", { run, module: moduleOf(fn) }) });
    else return;
    this.#isTold = true;
  }
}
