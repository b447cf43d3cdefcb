/** Names of what is saved by reference. */
import type { References } from "./contract.ts";
import { nameOfIntrinsic, resolveIntrinsic } from "./intrinsics.ts";
import { error } from "./messages.ts";

/** Built-ins and globals by their own names, everything else as the surroundings say. */
export class Names {
  readonly #outer: References | undefined;

  constructor(outer: References | undefined) {
    this.#outer = outer;
  }

  nameOf(value: object | symbol): string | undefined {
    return nameOfIntrinsic(value) ?? this.#outer?.nameOf(value);
  }

  resolve(name: string): unknown {
    const intrinsic = resolveIntrinsic(name);
    if (intrinsic !== undefined) return intrinsic;
    if (this.#outer) return this.#outer.resolve(name);
    throw error("PD4012", { name });
  }
}
