/** Names of what is saved by reference. */
import type { References } from "./contract.ts";
import { nameOfIntrinsic, resolveIntrinsic } from "./intrinsics.ts";
import { error } from "./messages.ts";

/** Before the tag of a codec: its class, where nothing else leads to that. */
const CODEC = "codec:";
const PROTOTYPE = ".prototype";

/** Built-ins and globals by their own names, everything else as the surroundings say. */
export class Names {
  readonly #outer: References | undefined;
  readonly #ofCodecs = new Map<object, string>();
  readonly #byCodec = new Map<string, object>();

  /** `classes`: those that codecs are for, by tag. */
  constructor(outer: References | undefined, classes: Iterable<readonly [tag: string, of: Function]> = []) {
    this.#outer = outer;
    for (const [tag, of] of classes) {
      this.#put(CODEC + tag, of);
      this.#put(CODEC + tag + PROTOTYPE, of.prototype as object);
    }
  }

  #put(name: string, value: object): void {
    this.#byCodec.set(name, value);
    if (!this.#ofCodecs.has(value)) this.#ofCodecs.set(value, name);
  }

  nameOf(value: object | symbol): string | undefined {
    return nameOfIntrinsic(value) ?? this.#outer?.nameOf(value) ?? this.#ofCodecs.get(value as object);
  }

  resolve(name: string): unknown {
    const intrinsic = resolveIntrinsic(name);
    if (intrinsic !== undefined) return intrinsic;
    const ofCodec = this.#byCodec.get(name);
    if (ofCodec !== undefined) return ofCodec;
    if (this.#outer && !name.startsWith(CODEC)) return this.#outer.resolve(name);
    throw error("PD4012", { name });
  }
}
