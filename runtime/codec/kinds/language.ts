/** The kinds of the language, and which of them an object is of. */
import type { Kind } from "../contract.ts";
import { arrayKind } from "./array.ts";
import { bufferKinds } from "./buffers.ts";
import { mapKind, setKind } from "./collections.ts";
import { errorKind, errorLikeKind } from "./error.ts";
import { plainKind } from "./plain.ts";
import { platformKinds } from "./platform.ts";
import { argumentsKind, weakRefKind } from "./references.ts";
import { dateKind, regExpKind, wrapperKinds } from "./scalars.ts";
import { symbolKind } from "./symbol.ts";

const { toString } = Object.prototype;

const buffers = bufferKinds();
const SLOTS = [mapKind, setKind, ...buffers];

/** All but that of plain objects, the same for every heap: they hold no state of one. Most runs are short, and a start makes several heaps. */
const shared = [
  arrayKind,
  ...platformKinds(),
  errorKind,
  mapKind,
  setKind,
  dateKind,
  regExpKind,
  ...wrapperKinds,
  argumentsKind,
  weakRefKind,
  ...buffers,
  symbolKind,
] as unknown as readonly Kind[];

/** Asked when not even that of plain objects takes it. */
const LAST = errorLikeKind as unknown as Kind;

const sharedByTag: ReadonlyMap<string, Kind> = new Map([...shared, LAST].map((kind) => [kind.tag, kind]));

const sharedByPrototype: ReadonlyMap<unknown, Kind> = new Map(
  shared.flatMap((kind) =>
    kind.prototype === undefined || kind.prototype === Object.prototype ? [] : [[kind.prototype, kind]],
  ),
);

export class LanguageKinds {
  readonly #plain: Kind;

  /** `isDurable`: does another kind of this heap take that function? */
  constructor(isDurable: (fn: object) => boolean) {
    this.#plain = plainKind(isDurable) as unknown as Kind;
  }

  byTag(tag: string): Kind | undefined {
    return tag === this.#plain.tag ? this.#plain : sharedByTag.get(tag);
  }

  has(kind: Kind): boolean {
    return kind === this.#plain || sharedByTag.get(kind.tag) === kind;
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
    if (prototype === null || prototype === Object.prototype)
      if (!(Symbol.toStringTag in value) && toString.call(value) === "[object Object]") return this.#plain;
    const likely = sharedByPrototype.get(prototype);
    if (likely?.test(value)) return likely;
    return (
      shared.find((kind) => kind.test(value)) ??
      (this.#plain.test(value) ? this.#plain : LAST.test(value) ? LAST : undefined)
    );
  }

  /** The kind of an object with internal slots, whatever its prototype says. */
  ofSlots(value: object): Kind | undefined {
    return shared.find((kind) => kind.test(value));
  }

  isPlain(kind: Kind): boolean {
    return kind === this.#plain;
  }

  /** For hosts that cannot tell: the built-ins that keep their contents in slots and say what they are by their prototype alone. */
  readonly hasSlots = (value: object): boolean =>
    ArrayBuffer.isView(value) || SLOTS.some((kind) => kind.test(value as never));
}
