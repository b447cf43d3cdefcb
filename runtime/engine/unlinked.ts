/** What a worker says of runs that it cannot take, since their code is not linked in its process. */
import type { RunId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { type Overdue, overdue, PATIENCE, parkedBy } from "./parked.ts";

export class Unlinked {
  readonly #context: EngineContext;
  #late: ReadonlyMap<RunId, Overdue> = new Map();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /**
   * Tells of runs that stand in edited code, whenever they are due: nobody may be there who could go on with them. Others may be those of another program's
   * workers, which take them within the time of patience. True: of some that is not known yet.
   */
  async tell(): Promise<boolean> {
    const { store, vats, host, observe } = this.#context;
    const linked = vats.linked();
    const late = new Map<RunId, Overdue>();
    let areLeft = false;
    try {
      const heads = (await store.unlinked?.(linked)) ?? [];
      const now = host.now();
      for (const head of heads) {
        const parked = parkedBy(head, linked);
        if (parked === undefined) continue;
        if (!parked.isEdited) {
          const found = overdue(head, now, this.#late.get(head.run));
          if (found === undefined) continue;
          late.set(head.run, found);
          if (now - found.since < PATIENCE) {
            areLeft = true;
            continue;
          }
        }
        observe({ type: "parked", run: head.run, error: parked.error });
      }
    } catch (error) {
      observe({ type: "store-failed", call: "unlinked", error });
    }
    this.#late = late;
    return areLeft;
  }
}
