/** The kinds of the language, and which of them an object is of. */
import type { Kind } from "../contract.ts";
import { arrayKind } from "./array.ts";
import { bufferKinds } from "./buffers.ts";
import { mapKind, setKind } from "./collections.ts";
import { errorKind } from "./error.ts";
import { plainKind } from "./plain.ts";
import { platformKinds } from "./platform.ts";
import { argumentsKind, weakRefKind } from "./references.ts";
import { dateKind, regExpKind, wrapperKinds } from "./scalars.ts";
import { symbolKind } from "./symbol.ts";

const { toString } = Object.prototype;

export class LanguageKinds {
  readonly all: readonly Kind[];
  readonly #plain: Kind;
  readonly #byPrototype = new Map<unknown, Kind>();

  /** `isDurable`: does another kind of this heap take that function? */
  constructor(isDurable: (fn: object) => boolean) {
    this.#plain = plainKind(isDurable);
    const exotic = [
      mapKind,
      setKind,
      dateKind,
      regExpKind,
      ...wrapperKinds,
      argumentsKind,
      weakRefKind,
      ...bufferKinds(),
    ];
    this.all = [
      arrayKind,
      ...platformKinds(),
      errorKind,
      ...exotic,
      symbolKind,
      this.#plain,
    ] as unknown as readonly Kind[];
    for (const kind of this.all) {
      const { prototype } = kind as { readonly prototype?: object };
      if (prototype !== undefined && prototype !== Object.prototype) this.#byPrototype.set(prototype, kind);
    }
  }

  /**
   * The kind of an object that no other takes. Tries what the prototype suggests first: most tests of internal slots
   * throw for all other objects, which is slow.
   */
  find(value: object | symbol): Kind | undefined {
    if (typeof value === "symbol") return symbolKind;
    if (typeof value === "function") return undefined;
    if (Array.isArray(value)) return arrayKind as unknown as Kind;
    const prototype: unknown = Reflect.getPrototypeOf(value);
    // Neither a tag nor an exotic class tells of a collection that lost its prototype.
    if (prototype === null && (mapKind.test(value) || setKind.test(value)))
      return (mapKind.test(value) ? mapKind : setKind) as unknown as Kind;
    // One whose prototype was replaced by that of plain objects is not recognized: nothing cheap would tell.
    if (prototype === null || prototype === Object.prototype)
      if (!(Symbol.toStringTag in value) && toString.call(value) === "[object Object]") return this.#plain;
    const likely = this.#byPrototype.get(prototype);
    if (likely?.test(value)) return likely;
    return this.all.find((kind) => kind.test(value));
  }
}
