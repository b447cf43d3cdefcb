/** Access to a class's private names from outside its text: accessors that the class itself registered. */
import { mayReturn } from "../codec/classes/ordinary-class.ts";

export interface Privates {
  /** The values of the private fields, in the order of the class. */
  readonly get: (instance: object) => readonly unknown[];
  readonly set: (instance: object, values: readonly unknown[]) => void;
  /** Does the object have this class's private names? */
  readonly has: (instance: object) => boolean;
}

/** The values of the class's own private fields: static ones. Of a class made in a function they are part of the run. */
export interface StaticPrivates {
  readonly get: () => readonly unknown[];
  readonly set: (values: readonly unknown[]) => void;
}

const byClass = new WeakMap<Function, Privates>();
const staticByClass = new WeakMap<Function, StaticPrivates>();

/**
 * Classes with private names of instances, as long as they live. Each save asks of all objects whether they have names of the `stamping`: a constructor
 * above one of these may return any object, which then gets the names (ECMA-262 10.2.2, 7.3.28). Of the others an object can only lose the prototype.
 */
const living: { readonly all: Set<WeakRef<Function>>; readonly stamping: Set<WeakRef<Function>> } = {
  all: new Set(),
  stamping: new Set(),
};

function mayStamp(constructor: Function): boolean {
  for (let base = Reflect.getPrototypeOf(constructor); typeof base === "function"; base = Reflect.getPrototypeOf(base))
    if (mayReturn(base)) return true;
  return false;
}

const isInstance = (value: object, constructor: Function): boolean => {
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at))
    if (at === constructor.prototype) return true;
  return false;
};

/** The class whose private names an object has, although it is none of its instances. `seen`: it was no such object at an earlier save. */
export function strangeTo(value: object, seen: boolean): string | undefined {
  const classes = seen ? living.stamping : living.all;
  for (const reference of classes) {
    const constructor = reference.deref();
    if (constructor === undefined) {
      classes.delete(reference);
      continue;
    }
    if (byClass.get(constructor)?.has(value) && !isInstance(value, constructor))
      return constructor.name || "(anonymous)";
  }
  return undefined;
}

export const registerPrivates = (
  constructor: Function,
  privates?: Privates | null,
  statics?: StaticPrivates | null,
): void => {
  if (privates) {
    byClass.set(constructor, privates);
    const reference = new WeakRef(constructor);
    living.all.add(reference);
    if (mayStamp(constructor)) living.stamping.add(reference);
  }
  if (statics) staticByClass.set(constructor, statics);
};

export const staticPrivatesOf = (constructor: Function): StaticPrivates | undefined => staticByClass.get(constructor);

export const privatesOf = (constructor: Function): Privates | undefined => byClass.get(constructor);
