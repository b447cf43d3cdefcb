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

const byClass = new WeakMap<Function, Privates>();
const staticByClass = new WeakMap<Function, StaticPrivates>();

/** Classes with private names of instances that no save has looked at yet (`strangers.ts`). */
export const unseen = new Set<WeakRef<Function>>();

export const registerPrivates = (
  constructor: Function,
  privates?: Privates | null,
  statics?: StaticPrivates | null,
): void => {
  if (privates) {
    byClass.set(constructor, privates);
    unseen.add(new WeakRef(constructor));
  }
  if (statics) staticByClass.set(constructor, statics);
};

export const staticPrivatesOf = (constructor: Function): StaticPrivates | undefined => staticByClass.get(constructor);

export const privatesOf = (constructor: Function): Privates | undefined => byClass.get(constructor);
