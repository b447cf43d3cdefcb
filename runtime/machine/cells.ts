/** Captured variables: one cell each (flat closures, Shao & Appel 1994), with the dead zone that ECMA-262 prescribes. */

/** An initialized variable. `v` is a plain property: reading it costs what a field costs. */
export class Cell {
  v: unknown;
  /** The run in whose heap it was saved first: another one may not hold it. */
  owner: object | undefined = undefined;

  constructor(value: unknown) {
    this.v = value;
  }

  set init(value: unknown) {
    this.v = value;
  }
}

/** A variable before its declaration has run (ECMA-262 9.1.1.1): `v` throws until `init` is assigned, which makes `v` plain. */
export class DeadCell {
  readonly variable: string;
  owner: object | undefined = undefined;

  constructor(variable: string) {
    this.variable = variable;
  }

  get v(): unknown {
    throw deadZone(this.variable);
  }

  set v(_value: unknown) {
    throw deadZone(this.variable);
  }

  set init(value: unknown) {
    Object.defineProperty(this, "v", { value, writable: true, enumerable: true, configurable: true });
  }
}

export const isInitialized = (cell: Cell | DeadCell): boolean => Object.hasOwn(cell, "v");

export const cell = (value: unknown): Cell => new Cell(value);

/** In place of a run, of a variable that nobody assigns again. */
export const ANYONE: object = Object.freeze(Object.create(null));

/** A variable that nobody assigns again: each run may hold a copy, as long as its value has no state either. */
export function fixed(value: unknown): Cell {
  const made = new Cell(value);
  made.owner = ANYONE;
  return made;
}

/** A cell in its dead zone; `variable` is the name that messages show. */
export const tdz = (variable: string): DeadCell => new DeadCell(variable);

/** The next iteration's copy of a loop variable (CreatePerIterationEnvironment, ECMA-262 14.7.4.4). */
export const copy = (from: Cell | DeadCell): Cell => new Cell(from.v);

/** Stands in a slot whose variable is not initialized yet. Saved by name. */
export const TDZ: object = Object.freeze(Object.create(null));

/** Reads an uncaptured variable that may be in its dead zone. */
export function check<T>(value: T, variable: string): T {
  if (value === TDZ) throw deadZone(variable);
  return value;
}

/** What an assignment to a `const` does, after its right-hand side was evaluated. `held`: its cell, which may be in its dead zone still. */
export function constant(variable: string, held?: Cell | DeadCell): never {
  if (held !== undefined && !isInitialized(held)) throw deadZone(variable);
  throw new TypeError("Assignment to constant variable.");
}

/** A `const` as the target of a pattern or a loop: assigning it throws. */
export const unassignable = (variable: string, held?: Cell | DeadCell) => ({
  set v(_value: unknown) {
    constant(variable, held);
  },
});

/** `this` of a constructor that has not called `super(…)` yet has a message of its own. */
const deadZone = (variable: string): ReferenceError =>
  new ReferenceError(
    variable === "this"
      ? "Must call super constructor in derived class before accessing 'this' or returning from derived constructor"
      : `Cannot access '${variable}' before initialization`,
  );
