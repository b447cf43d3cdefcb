/** All kinds of one heap: which one an object is of, and which one a tag names. */
import type { IsWhole } from "../classes/ordinary-class.ts";
import type { Given, Kind } from "../contract.ts";
import type { PathOf, Refused } from "../instance-refusals.ts";
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
  /** Has a codec said that own properties are the whole state of its instances? For messages. */
  readonly isWhole?: IsWhole;
  /** The step that gave this object, where that could not be copied. */
  readonly givenBy?: (value: object) => Given | undefined;
}

const no = () => false;
const none = () => undefined;
const NONE: readonly Kind[] = [];

/** What the kinds of a heap have in common with those of its snapshots. */
class Shared {
  readonly own: readonly Kind[];
  readonly language: LanguageKinds;
  readonly isProxy: (value: object) => boolean;
  readonly hasSlots: (value: object) => boolean;
  readonly strangeTo: (value: object, seen: boolean) => string | undefined;
  readonly isOpenClass: (of: Function) => boolean;
  readonly isWhole: IsWhole;
  readonly givenBy: (value: object) => Given | undefined;
  readonly byPrototype = new Map<object | null, Kind>();
  /** Made when something is first decoded: most runs end where they began, and hold it for nothing. */
  #byTag: Map<string, Kind> | undefined = undefined;

  constructor({ kinds = [], isProxy = no, hasSlots, strangeTo = none, ...options }: KindOptions) {
    const { isOpenClass = no, isWhole = no, givenBy = none } = options;
    this.own = kinds;
    this.language = new LanguageKinds((fn) => this.isDurable(fn));
    this.isProxy = isProxy;
    this.hasSlots = hasSlots ?? this.language.hasSlots;
    this.strangeTo = strangeTo;
    this.isOpenClass = isOpenClass;
    this.isWhole = isWhole;
    this.givenBy = givenBy;
    for (const kind of kinds) if (kind.prototype !== undefined) this.byPrototype.set(kind.prototype, kind);
  }

  isDurable(fn: object): boolean {
    return this.own.some((kind) => kind.test(fn)) || this.isOpenClass(fn as Function);
  }

  byTag(tag: string): Kind | undefined {
    if (this.#byTag === undefined) {
      this.#byTag = new Map();
      for (const kind of this.own) if (!this.#byTag.has(kind.tag)) this.#byTag.set(kind.tag, kind);
    }
    return this.#byTag.get(tag) ?? this.language.byTag(tag);
  }
}

export class Kinds {
  readonly #shared: Shared;
  /** Asked before those that are shared. */
  readonly #first: readonly Kind[];
  /** What {@link with} made last: of one heap it is always the same. */
  #with: { readonly first: readonly Kind[]; readonly kinds: Kinds } | undefined = undefined;

  private constructor(shared: Shared, first: readonly Kind[]) {
    this.#shared = shared;
    this.#first = first;
  }

  static of(options: KindOptions): Kinds {
    return new Kinds(new Shared(options), NONE);
  }

  /** The same, with others that are asked before them. */
  with(first: readonly Kind[]): Kinds {
    if (first.length === 0 || first === this.#first) return this;
    if (this.#with?.first !== first) {
      const all = this.#first.length === 0 ? first : [...first, ...this.#first];
      this.#with = { first, kinds: new Kinds(this.#shared, all) };
    }
    return this.#with.kinds;
  }

  /** The kind of an object or symbol; undefined when it cannot be saved. */
  find(value: object | symbol): Kind | undefined {
    const { language, isProxy, strangeTo, hasSlots } = this.#shared;
    if (typeof value === "symbol") return language.find(value);
    // A guard is a proxy too, and saved as the closure that it stands for.
    if (isProxy(value)) {
      const own = typeof value === "function" ? this.#looksLike(value) : undefined;
      return own?.tag === "closure" ? own : undefined;
    }
    const kind = this.#looksLike(value);
    if (kind === undefined || strangeTo(value, false) !== undefined) return undefined;
    if (!kind.propertiesOnly?.(value) || !(hasSlots(value) || isBareUrl(value))) return kind;
    return language.isPlain(kind) ? language.ofSlots(value) : undefined;
  }

  #looksLike(value: object): Kind | undefined {
    const { byPrototype, own, language } = this.#shared;
    // What is asked first knows objects of the others too, and says otherwise.
    for (const kind of this.#first) if (kind.test(value)) return kind;
    const likely = byPrototype.get(Reflect.getPrototypeOf(value));
    if (likely?.test(value)) return likely;
    for (const kind of own) if (kind.test(value)) return kind;
    return language.find(value);
  }

  /** Why an object that was numbered by an earlier save cannot be saved any more. */
  whyNoMore(value: object): readonly [why: string, mend: string] | undefined {
    const strange = this.#shared.strangeTo(value, true);
    return strange === undefined ? undefined : whyStrange(strange);
  }

  /** Are instances of that class saved for what they show: does a kind beside those of the language take it, or is it open? */
  isDurable(fn: object): boolean {
    return this.#first.some((kind) => kind.test(fn)) || this.#shared.isDurable(fn);
  }

  /** Is it one of the language's: data, that belongs to what holds it? */
  isOfLanguage(kind: Kind): boolean {
    return this.#shared.language.has(kind);
  }

  /** The step that gave this object, where that could not be copied. */
  givenBy(value: object): Given | undefined {
    return this.#shared.givenBy(value);
  }

  /** Why {@link find} gives nothing, and what the user can do. */
  whyNot(value: object, pathOf: PathOf): Refused {
    const isProxy = this.#shared.isProxy(value);
    const strange = isProxy ? undefined : this.#shared.strangeTo(value, false);
    if (strange !== undefined) return whyStrange(strange);
    return whyNot(value, isProxy, !isProxy && this.#looksLike(value) !== undefined, pathOf, this.#shared.isWhole);
  }

  byTag(tag: string): Kind | undefined {
    return this.#first.find((kind) => kind.tag === tag) ?? this.#shared.byTag(tag);
  }
}
