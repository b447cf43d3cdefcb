/**
 * Where the product does not do yet what the language does, each with the exact way in which it differs. The suite fails
 * when one of these no longer differs, or differs in another way: what is mended leaves this file.
 */
import type { ModeName } from "./modes.ts";

export interface Known {
  /** The first mode that differs from the native one. */
  readonly mode: ModeName;
  /** How the program ends in that mode: a coded refusal, or what a wrong answer is. */
  readonly outcome: RegExp;
}

/** Modules that the compiler refuses, by path, with the code. */
export const refusedModules: ReadonlyMap<string, RegExp> = new Map();

const known: ReadonlyMap<string, Known> = new Map<string, Known>([
  // Wrong answers.
  // A function or class that a computed key names loses that name when it is lifted.
  ["classes/instances.ts classExpressionNames", { mode: "machine", outcome: /"C", ""\]$/ }],
  ["closures/captured.ts namesAndLengths", { mode: "machine", outcome: /"later\/0", "\/0", / }],
  ["operands/order.ts namesInLiteral", { mode: "machine", outcome: /\["f", "g", "", ""\]$/ }],
  // The body's `var` shares the variable of the parameter of that name (ECMA-262 10.2.11 step 28).
  [
    "functions/this-and-parameters.ts parameterScopeIsSeparate",
    { mode: "machine", outcome: /\["parameter", "body", "body"\]$/ },
  ],
  // A constructor of unknown type runs inside a step, so its log is an attempt's.
  ["classes/instances.ts staticThis", { mode: "never", outcome: /^returned \[Square/ }],
  // A lazy query in a `const` whose initializer awaits is not kept as its expression.
  ["steps/expressions.ts queryInAConstant", { mode: "never", outcome: /^breach: .* was called inside the turn$/ }],
  // An executor that uses a foreign object beside its timer is a step, whose timers are the platform's.
  ["timers/clock.ts abortableSleep", { mode: "never", outcome: /the platform's setTimeout was called in a run/ }],

  // Coded refusals.
  ["steps/expressions.ts commandInAConstant", { mode: "never", outcome: /^refused PD2301: / }],
  ["values/kinds.ts importedAsValues", { mode: "never", outcome: /^refused PD2101: / }],
  // A machine that ended without suspending is the origin of a promise that is not settled before the next job.
  ["promises/ticks.ts ticksOfReturn", { mode: "job", outcome: /^refused PD4001: .* stands at an unnamed block/ }],
]);

export const knownOf = (id: string): Known | undefined => known.get(id);

/** Entries of modules and programs that are not among these. */
export const stale = (seen: ReadonlySet<string>): string[] =>
  [...refusedModules.keys(), ...known.keys()].filter((id) => !seen.has(id));

/** Refusals that random programs run into, by their text. */
export const refusals: readonly RegExp[] = [
  /stands at an unnamed block/,
  /PD4001: run \(value\)/,
  /PD4001.*iterator of the platform/,
  // A receiver or operand that holds an await is not kept as its expression.
  /PD2301.*an instance of the ordinary class/,
];
