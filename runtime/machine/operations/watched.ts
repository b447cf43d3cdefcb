/**
 * What several steps use and each makes anew, since it cannot be saved: a client, a conversation, a document. A step that changes it changes its own alone, and the
 * next would not see that; so an attempt looks at what can be seen of it from outside, before and after. Seen are its own properties, and how many elements the
 * collections in them have, and those one level deeper; not what stands behind symbols, and not what a client does for itself: properties that it has from then on,
 * methods that it exchanges, what it counts or collects under a name with an underscore, and all that an emitter of events holds (an agent, a pool, a connection:
 * what they hold is of others). Nobody can look into private fields: there the text of the method that
 * is called counts, when it assigns to one or changes a collection in it.
 */
import { tokensOf } from "../../codec/classes/tokens.ts";
import { isObject } from "../../codec/objects.ts";

/** The value of a property, and the size of a collection. */
type Seen = readonly [value: unknown, size: number | undefined];
type IsProxy = (value: object) => boolean;

/** What one attempt is given of it. */
export class Watching {
  readonly #isProxy: IsProxy;
  readonly #looks: (readonly [record: number, changed: () => string | undefined])[] = [];
  readonly #valueOf: (record: number) => unknown;
  readonly #shared = new Set<number>();

  /** `valueOf`: what the turn has made of a record, by its number among those of the step. */
  constructor(valueOf: (record: number) => unknown, isProxy: IsProxy = () => false) {
    this.#valueOf = valueOf;
    this.#isProxy = isProxy;
  }

  made(record: number, value: unknown): void {
    // What gives the same object each time, a container or a cache, keeps what is changed in it.
    if (this.#valueOf(record) === value) {
      this.#shared.add(record);
      return;
    }
    const watched = new Watched(value, this.#isProxy);
    this.#looks.push([record, () => watched.changed()]);
  }

  called(record: number, method: Function): void {
    if (!this.#shared.has(record)) this.#looks.push([record, () => privateChangedBy(method)]);
  }

  /** What is another one now. */
  changes(): readonly (readonly [record: number, property: string])[] {
    return this.#looks.flatMap(([record, changed]) => {
      const property = changed();
      return property === undefined ? [] : [[record, property] as const];
    });
  }
}

class Watched {
  readonly #value: unknown;
  readonly #isProxy: IsProxy;
  readonly #before: ReadonlyMap<string, Seen>;

  constructor(value: unknown, isProxy: IsProxy) {
    this.#value = value;
    this.#isProxy = isProxy;
    this.#before = seenOf(value, isProxy);
  }

  /** The first property that is another one now. */
  changed(): string | undefined {
    const now = seenOf(this.#value, this.#isProxy);
    for (const [path, before] of this.#before) if (isChanged(path, before, now.get(path))) return path;
    return undefined;
  }
}

/** By path. Asks no accessor, and no trap of a proxy. */
function seenOf(value: unknown, isProxy: IsProxy): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  const isOpen = (held: unknown): held is object => isObject(held) && !isProxy(held);
  if (!isOpen(value) || isEmitter(value)) return seen;
  for (const [key, held] of propertiesOf(value)) {
    const size = isOpen(held) ? sizeOf(held) : undefined;
    seen.set(key, [held, size]);
    if (!isOpen(held) || size !== undefined) continue;
    for (const [below, deep] of propertiesOf(held)) {
      const count = isOpen(deep) ? sizeOf(deep) : undefined;
      if (count !== undefined) seen.set(`${key}.${below}`, [deep, count]);
    }
  }
  return seen;
}

/** Node's emitters and those that are made after them keep their listeners there. */
const isEmitter = (value: object): boolean => Object.hasOwn(value, "_events");

/** Own properties of data, under names. */
function* propertiesOf(value: object): Generator<readonly [string, unknown]> {
  for (const key of Reflect.ownKeys(value)) {
    const property = typeof key === "string" ? Reflect.getOwnPropertyDescriptor(value, key) : undefined;
    if (property !== undefined && "value" in property) yield [key as string, property.value];
  }
}

/** Of an array, Map or Set, or of an object that is a dictionary: it has no prototype. */
function sizeOf(value: object): number | undefined {
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  return Reflect.getPrototypeOf(value) === null ? Reflect.ownKeys(value).length : undefined;
}

function isChanged(path: string, [value, size]: Seen, now: Seen | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (/(?:^|\.)_/.test(path) && (now === undefined || size !== undefined || typeof value === "number")) return false;
  return !Object.is(value, now?.[0]) ? typeof value !== "function" : size !== now![1];
}

const ASSIGNING = /^(?:[-+*/%&|^]|\*\*|<<|>>>?)?=$|^(?:\+\+|--)$/;
const CHANGING = new Set("add clear delete fill pop push reverse set shift sort splice unshift".split(" "));

/**
 * `this.#token = …`, `this.#items.push(…)`. What is made when it is first needed is the same in each: `this.#agent ??= …`, and what is assigned where the text asks
 * whether it is there, `if (!this.#agent)`, `if (this.#agent === undefined)`.
 */
function privateChangedBy(method: Function): string | undefined {
  const text = Function.prototype.toString.call(method);
  const tokens = text.includes("#") ? (tokensOf(text) ?? []) : [];
  const isMissed = (at: number) =>
    tokens[at - 3]?.text === "!" ||
    (/^===?$/.test(tokens[at + 1]?.text ?? "") && /^(?:undefined|null)$/.test(tokens[at + 2]?.text ?? ""));
  const late = new Set(tokens.flatMap(({ type, text }, at) => (type === "private" && isMissed(at) ? [text] : [])));
  return tokens.find(({ type, text }, at) => {
    if (type !== "private") return false;
    const next = tokens[at + 1];
    const isCalled = next?.text === "." && CHANGING.has(tokens[at + 2]?.text ?? "") && tokens[at + 3]?.text === "(";
    const isUpdated = /^(?:\+\+|--)$/.test(tokens[at - 3]?.text ?? "");
    const isAssigned = next?.type === "punctuator" && ASSIGNING.test(next.text) && !late.has(text);
    return isCalled || isUpdated || isAssigned;
  })?.text;
}
