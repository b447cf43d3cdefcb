/** All kinds of one heap: which one an object is of, and which one a tag names. */
import type { Kind } from "../contract.ts";
import { whyNot, whyStrange } from "../refusals.ts";
import { LanguageKinds } from "./language.ts";
import { isBareUrl } from "./url.ts";

export interface KindOptions {
  /** Kinds beside those of the language; asked first, in order. */
  readonly kinds?: readonly Kind[];
  /** Only the host can tell a Proxy; without this, a proxy is saved as what it shows. */
  readonly isProxy?: (value: object) => boolean;
  /** Has it internal slots, as a Map has? Hosts tell that fast; without this, those of collections and buffers are tried. */
  readonly hasSlots?: (value: object) => boolean;
  /** The name of a class whose private names an object has that is none of its instances. `seen`: it was no such object at an earlier save. */
  readonly strangeTo?: (value: object, seen: boolean) => string | undefined;
  /** Is this an ordinary class whose instances are saved by its name and their own properties? */
  readonly isOpenClass?: (of: Function) => boolean;
}

const no = () => false;

export class Kinds {
  readonly #own: readonly Kind[];
  readonly #language: LanguageKinds;
  readonly #isProxy: (value: object) => boolean;
  readonly #hasSlots: (value: object) => boolean;
  readonly #strangeTo: (value: object, seen: boolean) => string | undefined;
  readonly #isOpenClass: (of: Function) => boolean;
  readonly #byTag = new Map<string, Kind>();
  /** Empty in those of {@link with}: what they ask first knows such objects too, and says otherwise. */
  readonly #byPrototype = new Map<object | null, Kind>();
  readonly #with = new WeakMap<readonly Kind[], Kinds>();

  private constructor(own: readonly Kind[], language: LanguageKinds, options: Required<Omit<KindOptions, "kinds">>) {
    this.#own = own;
    this.#language = language;
    this.#isProxy = options.isProxy;
    this.#hasSlots = options.hasSlots;
    this.#strangeTo = options.strangeTo;
    this.#isOpenClass = options.isOpenClass;
    for (const kind of own) if (!this.#byTag.has(kind.tag)) this.#byTag.set(kind.tag, kind);
  }

  static of({ kinds = [], isProxy = no, hasSlots, strangeTo = () => undefined, isOpenClass = no }: KindOptions): Kinds {
    const isKnown = (fn: object) => kinds.some((kind) => kind.test(fn)) || isOpenClass(fn as Function);
    const language = new LanguageKinds(isKnown);
    const options = { isProxy, hasSlots: hasSlots ?? language.hasSlots, strangeTo, isOpenClass };
    const made = new Kinds(kinds, language, options);
    for (const kind of kinds) if (kind.prototype !== undefined) made.#byPrototype.set(kind.prototype, kind);
    return made;
  }

  /** The same, with others that are asked before them; made once for each list. */
  with(first: readonly Kind[]): Kinds {
    if (first.length === 0) return this;
    let kinds = this.#with.get(first);
    if (kinds === undefined)
      this.#with.set(
        first,
        (kinds = new Kinds([...first, ...this.#own], this.#language, {
          isProxy: this.#isProxy,
          hasSlots: this.#hasSlots,
          strangeTo: this.#strangeTo,
          isOpenClass: this.#isOpenClass,
        })),
      );
    return kinds;
  }

  /** The kind of an object or symbol; undefined when it cannot be saved. */
  find(value: object | symbol): Kind | undefined {
    if (typeof value === "symbol") return this.#language.find(value);
    if (this.#isProxy(value)) return undefined;
    const kind = this.#looksLike(value);
    if (kind === undefined || this.#strangeTo(value, false) !== undefined) return undefined;
    if (!kind.propertiesOnly?.(value) || !(this.#hasSlots(value) || isBareUrl(value))) return kind;
    return this.#language.isPlain(kind) ? this.#language.ofSlots(value) : undefined;
  }

  #looksLike(value: object): Kind | undefined {
    const likely = this.#byPrototype.get(Reflect.getPrototypeOf(value));
    if (likely?.test(value)) return likely;
    for (const kind of this.#own) if (kind.test(value)) return kind;
    return this.#language.find(value);
  }

  /** Why an object that was numbered by an earlier save cannot be saved any more. */
  whyNoMore(value: object): readonly [why: string, mend: string] | undefined {
    const strange = this.#strangeTo(value, true);
    return strange === undefined ? undefined : whyStrange(strange);
  }

  /** Are instances of that class saved for what they show: does a kind beside those of the language take it, or is it open? */
  isDurable(fn: object): boolean {
    return this.#own.some((kind) => kind.test(fn)) || this.#isOpenClass(fn as Function);
  }

  /** Is it one of the language's: data, that belongs to what holds it? */
  isOfLanguage(kind: Kind): boolean {
    return this.#language.has(kind);
  }

  /** Why {@link find} gives nothing, and what the user can do. */
  whyNot(value: object, pathOf: (of: object) => string | undefined): readonly [why: string, mend: string] {
    const isProxy = this.#isProxy(value);
    const strange = isProxy ? undefined : this.#strangeTo(value, false);
    if (strange !== undefined) return whyStrange(strange);
    return whyNot(value, isProxy, !isProxy && this.#looksLike(value) !== undefined, pathOf);
  }

  byTag(tag: string): Kind | undefined {
    return this.#byTag.get(tag) ?? this.#language.byTag(tag);
  }
}
