/** Captured variables: one cell each (flat closures, Shao & Appel 1994), with the dead zone that ECMA-262 prescribes. */
import { isOutside } from "./outside.ts";

/** In place of a run, of a variable that nobody assigns again and whose value has no state. */
const ANYONE: object = Object.freeze(Object.create(null));
/** In place of a run, of a variable that was made outside of runs: by a function that a module called, as a rule. */
const NOBODY: object = Object.freeze(Object.create(null));

const maker = (): object | undefined => (isOutside() ? NOBODY : undefined);

/** What both kinds of cells are. */
abstract class Owned {
  #owner: object | undefined;

  constructor(owner: object | undefined) {
    this.#owner = owner;
  }

  /** Asks no trap of a proxy. */
  static is(value: object): value is Cell | DeadCell {
    return #owner in value;
  }

  /** The run in whose heap it was saved first: another one may not hold it. */
  get owner(): object | undefined {
    return this.#owner;
  }

  set owner(run: object | undefined) {
    this.#owner = run;
  }
}

/** An initialized variable. `v` is a plain property: reading it costs what a field costs. */
export class Cell extends Owned {
  v: unknown;

  constructor(value: unknown, owner: object | undefined) {
    super(owner);
    this.v = value;
  }

  set init(value: unknown) {
    this.v = value;
  }
}

/** A variable before its declaration has run (ECMA-262 9.1.1.1): `v` throws until `init` is assigned, which makes `v` plain. */
export class DeadCell extends Owned {
  readonly variable: string;

  constructor(variable: string, owner: object | undefined) {
    super(owner);
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

/** May the run save it in its heap? From then on it is that run's. Undefined: of what is only copied. */
export function belongsTo(run: object | undefined, cell: Cell | DeadCell): boolean {
  if (run === undefined || cell.owner === ANYONE) return true;
  cell.owner ??= run;
  return cell.owner === run;
}

export const isCell = (value: unknown): value is Cell | DeadCell =>
  typeof value === "object" && value !== null && Owned.is(value);

/** Was it made outside of runs, and has state that more than one of them could look at? Such a variable is the module's. */
export const isOfModule = (cell: Cell | DeadCell): boolean => cell.owner === NOBODY;

export const cell = (value: unknown): Cell => new Cell(value, maker());

/** A variable that nobody assigns again: each run may hold a copy, as long as its value has no state either. */
export const fixed = (value: unknown): Cell =>
  new Cell(value, typeof value === "object" && value !== null ? maker() : ANYONE);

/** A cell in its dead zone; `variable` is the name that messages show. */
export const tdz = (variable: string): DeadCell => new DeadCell(variable, maker());

/** The next iteration's copy of a loop variable (CreatePerIterationEnvironment, ECMA-262 14.7.4.4). */
export const copy = (from: Cell | DeadCell): Cell => cell(from.v);

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
