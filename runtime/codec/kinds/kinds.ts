/** All kinds of one heap: which one an object is of, and which one a tag names. */
import type { Kind } from "../contract.ts";
import { whyNot } from "../refusals.ts";
import { LanguageKinds } from "./language.ts";

export interface KindOptions {
  /** Kinds beside those of the language; asked first, in order. */
  readonly kinds?: readonly Kind[];
  /** Only the host can tell a Proxy; without this, a proxy is saved as what it shows. */
  readonly isProxy?: (value: object) => boolean;
}

export class Kinds {
  readonly #own: readonly Kind[];
  readonly #language: LanguageKinds;
  readonly #isProxy: (value: object) => boolean;
  readonly #byTag = new Map<string, Kind>();
  readonly #with = new WeakMap<readonly Kind[], Kinds>();

  private constructor(own: readonly Kind[], language: LanguageKinds, isProxy: (value: object) => boolean) {
    this.#own = own;
    this.#language = language;
    this.#isProxy = isProxy;
    for (const kind of [...own, ...language.all]) if (!this.#byTag.has(kind.tag)) this.#byTag.set(kind.tag, kind);
  }

  static of({ kinds = [], isProxy = () => false }: KindOptions): Kinds {
    return new Kinds(kinds, new LanguageKinds((fn) => kinds.some((kind) => kind.test(fn))), isProxy);
  }

  /** The same, with others that are asked before them; made once for each list. */
  with(first: readonly Kind[]): Kinds {
    if (first.length === 0) return this;
    let kinds = this.#with.get(first);
    if (kinds === undefined)
      this.#with.set(first, (kinds = new Kinds([...first, ...this.#own], this.#language, this.#isProxy)));
    return kinds;
  }

  /** The kind of an object or symbol; undefined when it cannot be saved. */
  find(value: object | symbol): Kind | undefined {
    if (typeof value !== "symbol") {
      if (this.#isProxy(value)) return undefined;
      for (const kind of this.#own) if (kind.test(value)) return kind;
    }
    return this.#language.find(value);
  }

  /** Does a kind beside those of the language take that function? */
  isDurable(fn: object): boolean {
    return this.#own.some((kind) => kind.test(fn));
  }

  /** Why {@link find} gives nothing, and what the user can do. */
  whyNot(value: object): readonly [why: string, mend: string] {
    return whyNot(value, this.#isProxy(value));
  }

  byTag(tag: string): Kind | undefined {
    return this.#byTag.get(tag);
  }
}
