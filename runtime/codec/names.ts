/** Names of what is saved by reference. */
import type { References } from "./contract.ts";
import { nameOfIntrinsic, resolveIntrinsic } from "./intrinsics.ts";
import { error } from "./messages.ts";

/** Before the tag of a codec: its class, where nothing else leads to that. */
const CODEC = "codec:";
const PROTOTYPE = ".prototype";
const NO_NAMES: ReadonlyMap<object, string> = new Map();
const NO_CODECS: ReadonlyMap<string, object> = new Map();

/** Built-ins and globals by their own names, everything else as the surroundings say. */
export class Names {
  readonly #outer: References | undefined;
  readonly #ofCodecs: ReadonlyMap<object, string> = NO_NAMES;
  readonly #byCodec: ReadonlyMap<string, object> = NO_CODECS;

  /** `classes`: those that codecs are for, by tag. */
  constructor(outer: References | undefined, classes: readonly (readonly [tag: string, of: Function])[] = []) {
    this.#outer = outer;
    if (classes.length === 0) return;
    const named = classes.flatMap(([tag, of]): (readonly [string, object])[] => [
      [CODEC + tag, of],
      [CODEC + tag + PROTOTYPE, of.prototype as object],
    ]);
    this.#byCodec = new Map(named);
    // The first name that an object gets is the one that is written.
    this.#ofCodecs = new Map(named.map(([name, value]) => [value, name] as const).reverse());
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
