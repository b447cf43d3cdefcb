/**
 * Values kept on objects that exist already, in a private field ("return override": a base constructor that returns another object). User code cannot see
 * them, reading is fast, they die with the object, and frozen objects take them too.
 */

/** Puts the fields of the classes that extend it on the object it is given. */
export class Itself {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is the trick
    return object;
  }
}

export interface PrivateField<T> {
  /** Once for each object. */
  put(object: object, value: T): void;
  /** Undefined: the value has no such field. */
  of(value: unknown): T | undefined;
}

export function privateField<T>(): PrivateField<T> {
  return class Field extends Itself {
    #value: T;

    private constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static put(object: object, value: T): void {
      new Field(object, value);
    }

    static of(value: unknown): T | undefined {
      const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
      return isHolder && #value in value ? (value as Field).#value : undefined;
    }
  };
}
