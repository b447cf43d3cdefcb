/**
 * Errors that ordinary code has thrown inside a turn (`schema.parse(input)`) are in the run as they are. When a walk meets something in one that cannot be saved, the
 * error enters as those that steps throw do, in place: whoever holds it goes on holding it, and memory and the saved text agree.
 */
import { isPerdureError } from "../errors.ts";
import { Collector } from "./collector.ts";
import { Entry } from "./entry.ts";
import type { GraphEncoder } from "./graph-encoder.ts";
import { errorKind } from "./kinds/error.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { settleLateValues } from "./late-values.ts";
import type { Names } from "./names.ts";
import { enterInPlace } from "./thrown.ts";

const isRefusal = (why: unknown): boolean => isPerdureError(why) && why.code === "PD4001";

/** For one save or snapshot. An error enters once: what it still holds then is refused. */
export class Entering {
  readonly #names: Names;
  readonly #kinds: Kinds;
  readonly #entered = new Set<object>();

  constructor(names: Names, kinds: Kinds) {
    this.#names = names;
    this.#kinds = kinds;
  }

  /** The walk was refused. True: it was for something that an error held, which has entered, or for a value made late; walk again. */
  mend(walk: GraphEncoder, why: unknown): boolean {
    if (!isRefusal(why)) return false;
    const isDurable = (fn: object): boolean => this.#kinds.isDurable(fn);
    if (walk.current instanceof Entry && settleLateValues(walk.current, this.#names, isDurable)) return true;
    let entered = false;
    for (const error of this.#holders(walk.current)) if (!entered) entered = this.#enter(error);
    return entered;
  }

  /**
   * The errors that hold it as their own data, the innermost first. What stands in a frame, a closure or an instance of a durable class on the way is
   * the run's own: no error has it.
   */
  *#holders(from: Entry | string): Iterable<Error> {
    for (let at = from; at instanceof Entry && this.#kinds.isOfLanguage(at.kind); at = at.via)
      if ((at.kind as unknown) === errorKind || at.value instanceof Error) yield at.value as Error;
  }

  #enter(error: Error): boolean {
    if (this.#entered.has(error)) return false;
    this.#entered.add(error);
    return enterInPlace(error, (value) => !this.#refuses(value));
  }

  /** Can it not be saved, because of data that whoever holds it has? What is behind a frame or a closure is not asked. */
  #refuses(value: unknown): boolean {
    let number = 0;
    const collector = new Collector(this.#names, this.#kinds, (one) => {
      const kind = this.#kinds.find(one);
      return kind && { id: ++number, kind };
    });
    try {
      collector.root("value", value);
      return false;
    } catch (why) {
      if (!isRefusal(why)) throw why;
      let at = collector.current;
      while (at instanceof Entry && this.#kinds.isOfLanguage(at.kind)) at = at.via;
      return typeof at === "string";
    }
  }
}
