/** Access to a class's private names from outside its text: accessors that the class itself registered. */

export interface Privates {
  /** The values of the private fields, in the order of the class. */
  readonly get: (instance: object) => readonly unknown[];
  readonly set: (instance: object, values: readonly unknown[]) => void;
  /** Does the object have this class's private names? */
  readonly has: (instance: object) => boolean;
}

const byClass = new WeakMap<Function, Privates>();

export const registerPrivates = (constructor: Function, privates: Privates): void => {
  byClass.set(constructor, privates);
};

export const privatesOf = (constructor: Function): Privates | undefined => byClass.get(constructor);
