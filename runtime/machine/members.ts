/** `o.m(await x)`: the member reference that waits for its arguments, and `super` in lowered code. */
import { cell } from "./cells.ts";
import { currentRun } from "./current-run.ts";
import { bound, isBind } from "./operations/bound.ts";
import { valueOf } from "./operations/operand.ts";

/** Receiver, key and function of a member call whose arguments suspend or have effects, read in order (ECMA-262 13.3.6.1). */
export class Member {
  /** The object, or the record of how it was made. */
  receiver: unknown;
  key: PropertyKey;
  #fn: unknown;
  /** The function could not be saved: it is read again, once. */
  #forgotten = false;

  constructor(receiver: unknown, key: PropertyKey, fn: unknown) {
    this.receiver = receiver;
    this.key = key;
    this.#fn = fn;
  }

  get fn(): unknown {
    if (this.#forgotten) this.fn = (valueOf(this.receiver) as Record<PropertyKey, unknown>)[this.key];
    return this.#fn;
  }

  set fn(value: unknown) {
    this.#fn = value;
    this.#forgotten = false;
  }

  forget(): void {
    this.#forgotten = true;
  }
}

/** Reads `receiver[key]`; throws as the language does for `undefined` and `null`. */
export function member(receiver: unknown, key: PropertyKey): Member {
  const name = typeof key === "symbol" ? key : (String(key) as PropertyKey);
  return new Member(receiver, name, (valueOf(receiver) as Record<PropertyKey, unknown>)[name]);
}

/**
 * Has its receiver another function under this key by now? Getters are not asked again, and of a proxy its properties say nothing: what it gives may have none, or one
 * without a value, or be made anew each time.
 */
export function isExchanged({ receiver, key, fn }: Member, isProxy: (value: object) => boolean = () => false): boolean {
  for (let at: object | null = Object(valueOf(receiver)) as object; at !== null; at = Reflect.getPrototypeOf(at)) {
    if (isProxy(at)) return false;
    const property = Reflect.getOwnPropertyDescriptor(at, key);
    if (property !== undefined) return "value" in property && property.value !== fn;
  }
  return true;
}

export function invoke(reference: Member, args: readonly unknown[]): unknown {
  const { fn, key } = reference;
  const receiver = valueOf(reference.receiver);
  if (typeof fn !== "function") throw new TypeError(`${printKey(receiver, key)} is not a function`);
  const run = currentRun();
  return run !== undefined && isBind(fn, receiver) ? bound(run, receiver, args) : Reflect.apply(fn, receiver, args);
}

const printKey = (receiver: unknown, key: PropertyKey): string =>
  `${typeof receiver === "object" || typeof receiver === "function" ? "(intermediate value)" : String(receiver)}.${String(key)}`;

/** `super[key]`, where `home` is the object that holds the method (`C.prototype`, or `C` for a static one). */
export const superGet = (home: object, key: PropertyKey, self: unknown): unknown => {
  const base = Object.getPrototypeOf(home) as object | null;
  if (base === null) throw new TypeError(`Cannot read properties of null (reading '${String(key)}')`);
  return Reflect.get(base, key, self);
};

export const superSet = (home: object, key: PropertyKey, value: unknown, self: unknown): unknown => {
  const base = Object.getPrototypeOf(home) as object | null;
  if (base === null) throw new TypeError(`Cannot set properties of null (setting '${String(key)}')`);
  if (!Reflect.set(base, key, value, self))
    throw new TypeError(`Cannot assign to read only property '${String(key)}' of object`);
  return value;
};

/** `super[key]` as a place: what updates, defaults and patterns read and assign. */
export const superRef = (home: object, key: PropertyKey, self: unknown) => ({
  get v(): unknown {
    return superGet(home, key, self);
  },
  set v(value: unknown) {
    superSet(home, key, value, self);
  },
});

/** `delete super.x` (ECMA-262 13.5.1.2). */
export const superDelete = (): never => {
  throw new ReferenceError("Unsupported reference to 'super'");
};

/** An object literal whose lifted methods say `super`: they take the cell in which they find it. */
export function home<T extends object>(make: (home: { v: unknown }) => T): T {
  const place = cell(undefined);
  const object = make(place);
  place.v = object;
  return object;
}
