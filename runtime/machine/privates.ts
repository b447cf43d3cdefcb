/** Access to a class's private names from outside its text: accessors that the class itself registered. */

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

/** The same of a class of the module, which is no part of a run: what they hold is saved by name. Throws before the class is complete. */
export interface ModulePrivates {
  readonly named: () => readonly (readonly [name: string, value: unknown])[];
}

const byClass = new WeakMap<Function, Privates>();
const staticByClass = new WeakMap<Function, StaticPrivates>();

export const registerPrivates = (
  constructor: Function,
  privates?: Privates | null,
  statics?: StaticPrivates | null,
): void => {
  if (privates) byClass.set(constructor, privates);
  if (statics) staticByClass.set(constructor, statics);
};

export const staticPrivatesOf = (constructor: Function): StaticPrivates | undefined => staticByClass.get(constructor);

export const privatesOf = (constructor: Function): Privates | undefined => byClass.get(constructor);

/**
 * Classes with private names of instances, as long as they live, that may have met the same objects: a run's own, or those of the modules. What they extend is
 * known once they are made, and they are added before: `strangers.ts` sorts them.
 */
export class NamingClasses {
  readonly unsorted = new Set<WeakRef<Function>>();
  readonly all = new Set<WeakRef<Function>>();
  /** Those above which a constructor may return any object, which then gets the names (ECMA-262 10.2.2, 7.3.28). */
  readonly stamping = new Set<WeakRef<Function>>();

  add(constructor: Function): void {
    this.unsorted.add(new WeakRef(constructor));
  }
}

/** Those of modules, and of durable code that is used outside of runs. */
export const ofModules = new NamingClasses();
