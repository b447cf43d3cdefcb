/**
 * Operands of calls: values of the turn, and expressions that are kept as such when their value cannot be saved. The records {@link Made} and
 * {@link Deferred} stand in argument lists of call forms, and in variables that are used only there: durable code never looks at them.
 */
import { error as codecError } from "../../codec/messages.ts";
import { currentRun } from "../current-run.ts";
import type { Making, Run } from "../run.ts";
import { guard } from "./guard.ts";
import type { ExpressionCode } from "./step-call.ts";
import type { Watching } from "./watched.ts";

/** An ordinary `new`, call or property access: evaluated in the turn, kept as expression when its value cannot be saved. */
export class Made {
  code: ExpressionCode;
  operands: readonly unknown[];
  /** Several steps use it, and each makes it anew: what one of them changes is looked at. */
  isWatched = false;
  /** The step that has changed what it made, and what of it: any other would be given one without that. */
  changed: Change | undefined = undefined;
  /** Undefined after a load that found no value: then it is made again when it is asked for. */
  #made: { readonly value: unknown } | undefined;

  constructor(code: ExpressionCode, operands: readonly unknown[], made?: { readonly value: unknown }) {
    this.code = code;
    this.operands = operands;
    this.#made = made;
  }

  /** The value in this turn. */
  get value(): unknown {
    this.#made ??= { value: evaluateNow(this.code, this.operands) };
    return this.#made.value;
  }

  /** Another value, made in this turn as an attempt will make it. */
  again(): unknown {
    return evaluateNow(this.code, this.operands);
  }

  /**
   * A call changes the value: made again, it is changed again. `after` gives the value when the change has been made. `call` makes the change now;
   * it gives the result, and the operands that it had. What is no builder has done something by that call which must not be done again: it is
   * only its value from then on.
   */
  grow(
    after: ExpressionCode,
    change: ExpressionCode,
    call: () => readonly [result: unknown, operands: readonly unknown[]],
    asItIs: ExpressionCode,
  ): unknown {
    const { value } = this;
    const before = new Made(this.code, this.operands, { value });
    const { 0: result, 1: operands } = call();
    const at = operands.indexOf(this);
    const others = operands.filter((_, i) => i !== at);
    const isKept = isBuilding(value, result);
    this.code = isKept ? after : asItIs;
    this.operands = isKept ? [before, change, at, ...others] : [value];
    return result;
  }

  /** What has been made, for the save. */
  get made(): { readonly value: unknown } | undefined {
    return this.#made;
  }

  /** For the load: once the operands are there. */
  restore(code: ExpressionCode, operands: readonly unknown[], made: { readonly value: unknown } | undefined): void {
    this.code = code;
    this.operands = operands;
    this.#made = made;
  }
}

/** A lazy thenable, or an object whose method gives itself, or another of its class: `builder.where(…)`. */
const isBuilding = (value: unknown, result: unknown): boolean =>
  value === result || typeof (value as { then?: unknown } | null)?.then === "function" || areOfOneClass(value, result);

function areOfOneClass(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return false;
  const prototype = Reflect.getPrototypeOf(a);
  return prototype !== null && prototype !== Object.prototype && prototype === Reflect.getPrototypeOf(b);
}

/** In the turn, and again in each attempt: what is async may be handed on, and not be called yet. */
function evaluateNow(code: ExpressionCode, operands: readonly unknown[]): unknown {
  const run = currentRun();
  const values = operands.map(given);
  return run === undefined
    ? Reflect.apply(code, undefined, values)
    : whileMaking(run, { isFirst: false, did: undefined }, () => Reflect.apply(code, undefined, values));
}

/** The first time: also what it did that no attempt may do again. */
export function makeNow(
  run: Run,
  code: ExpressionCode,
  operands: readonly unknown[],
): { value: unknown; did?: string } {
  const making: Making = { isFirst: true, did: undefined };
  const values = operands.map(given);
  const value = whileMaking(run, making, () => Reflect.apply(code, undefined, values));
  return making.did === undefined ? { value } : { value, did: making.did };
}

function whileMaking<T>(run: Run, making: Making, body: () => T): T {
  const before = run.making;
  run.making = making;
  try {
    return body();
  } finally {
    run.making = before;
    if (making.did !== undefined && before !== undefined) run.noteWhileMade(making.did);
  }
}

/** The same, known to yield a promise or thenable: evaluated in the attempts only. */
export class Deferred {
  code: ExpressionCode;
  operands: readonly unknown[];
  constructor(code: ExpressionCode, operands: readonly unknown[]) {
    this.code = code;
    this.operands = operands;
  }
}

/** What operands are where no run is: a function of durable code that captured a record may be called there, in a step that was given the function. */
export const plain = (operands: readonly unknown[]): readonly unknown[] =>
  operands.some((one) => one instanceof Made) ? operands.map(valueOf) : operands;

/** What an operand is in the turn. A deferred one is made there too, which starts nothing. */
export const valueOf = (operand: unknown): unknown =>
  operand instanceof Made
    ? operand.value
    : operand instanceof Deferred
      ? evaluateNow(operand.code, operand.operands)
      : operand;

/** What ordinary code is given in the turn. It may keep a function: see {@link guard}. */
export const given = (operand: unknown): unknown => {
  const value = valueOf(operand);
  const run = typeof value === "function" ? currentRun() : undefined;
  return run === undefined ? value : guard(value, run.place());
};

/** A step, and the property that it changed of what it was given. */
export interface Change {
  readonly step: string;
  readonly property: string;
}

/**
 * Where an operand comes from in an attempt: root number of the snapshot, that of a record, or an expression over operands. A record is one value in the whole attempt, also
 * for functions among the operands that captured it: `session.withTransaction(() => users.insertOne(user, { session }))`. `watched`: its number among those. Plain JSON.
 */
export type OperandPlan =
  | number
  | { readonly made: number; readonly watched?: number }
  | { readonly code: number; readonly operands: readonly OperandPlan[]; readonly watched?: number };

/** Operands laid out as one list of values to be encoded together, so that what they share stays shared. */
export class OperandLayout {
  readonly roots: unknown[] = [];
  /** Records of which the attempts look whether what they made is changed. */
  readonly watched: Made[] = [];
  readonly #savable: (value: unknown) => boolean;

  /** `savable` is asked about the values of made operands alone. */
  constructor(savable: (value: unknown) => boolean) {
    this.#savable = savable;
  }

  root(value: unknown): number {
    return this.roots.push(value) - 1;
  }

  plan(operand: unknown): OperandPlan {
    if (operand instanceof Made) {
      if (this.#savable(operand.value)) return this.root(operand.value);
      const watched = operand.isWatched && { watched: this.watched.push(operand) - 1 };
      return { made: this.root(operand), ...watched };
    }
    if (!(operand instanceof Deferred)) {
      // The compiler hands such a list over as a record.
      if (Array.isArray(operand) && operand.some((one) => one instanceof Deferred)) throw strayRecord();
      return this.root(operand);
    }
    return { code: this.root(operand.code), operands: this.plans(operand.operands) };
  }

  plans(operands: readonly unknown[]): readonly OperandPlan[] {
    return operands.map((operand) => this.plan(operand));
  }
}

const strayRecord = () =>
  codecError("PD4001", {
    path: "",
    why: "it is a list of lazy thenables of which not all uses are known",
    mend: "make the list in the call that it is given to; or make and use it in one step: await step(async () => …)",
  });

/** The operand's value in one attempt. `roots` are decoded copies. */
export function evaluate(plan: OperandPlan, roots: readonly unknown[], watching: Watching): unknown {
  if (typeof plan === "number") return roots[plan];
  const value =
    "made" in plan
      ? (roots[plan.made] as Made).value
      : (roots[plan.code] as ExpressionCode)(...plan.operands.map((one) => evaluate(one, roots, watching)));
  if (plan.watched !== undefined) watching.made(plan.watched, value);
  return value;
}
