/**
 * Which function or class an object is the `prototype` of. That of a class is so for good (ECMA-262 15.7.14); that of a function is an ordinary property, which a
 * program may exchange (10.2.5, 20.2.4.3): only the object that came with the function belongs to it, any other is saved as what it is.
 */
import { isIndex, ownPrototypeOf } from "../codec/properties.ts";
import { closureOf } from "./stamp.ts";

/** Durable classes by their prototypes, whatever a program makes of `constructor`. */
const classes = new WeakMap<object, Function>();

export const registerPrototype = (home: object, owner: Function): void => void classes.set(home, owner);

/** The durable class whose prototype this is. */
export const classOf = (home: object): Function | undefined => classes.get(home);

/**
 * What stands in the property that the definition of a function gives it; undefined: it has none. Others (arrows, bound functions) may get one of that name,
 * which is not this.
 */
export function naturalPrototypeOf(fn: object): unknown {
  const own = Reflect.getOwnPropertyDescriptor(fn, "prototype");
  return own?.writable === true && !own.enumerable && !own.configurable ? own.value : undefined;
}

/** Is `constructor` as a definition makes it? */
export function hasUsualConstructor(prototype: object, of: Function): boolean {
  const own = Reflect.getOwnPropertyDescriptor(prototype, "constructor");
  return own?.value === of && own.writable === true && !own.enumerable && own.configurable === true;
}

/** The durable function or class that has this object as its prototype, as its definition gave it. */
export function ownerOf(prototype: object): Function | undefined {
  const found = classes.get(prototype);
  if (found !== undefined) return found;
  const owner = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
  if (typeof owner !== "function" || closureOf(owner) === undefined || ownPrototypeOf(owner) !== prototype)
    return undefined;
  // An object that was put there has what it was made with before that.
  const first = Reflect.ownKeys(prototype).find((key) => !isIndex(key));
  return first === "constructor" && hasUsualConstructor(prototype, owner) && isGiven(owner) ? owner : undefined;
}

/** Frozen functions keep theirs too. */
const isGiven = (fn: Function): boolean => Reflect.getOwnPropertyDescriptor(fn, "prototype")?.configurable === false;
