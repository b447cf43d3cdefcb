/** What a turn asks for when it makes a step. The run makes it (`step.ts`): code that is outside any run never needs to know how. */
import type { PerdureError } from "../../errors.ts";
import type { RetryPolicy, SourcePlace, StepOperation } from "../contract.ts";

/** A call as it is written: where, and its text, shortened by the compiler. */
export interface Written {
  readonly place: SourcePlace;
  readonly text: string;
  /** It is a part of a longer expression: the receiver of another call. */
  readonly part?: true;
  /** That longer expression, which may be cut off by an ellipsis. */
  readonly whole?: string;
}

export interface Callee {
  readonly fn: Function;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** The property that the function was read from, when the receiver has it still: a step is saved as receiver and key. */
  readonly key?: PropertyKey;
}

/** The lifted text of an expression: a function of its operands, known by code id. */
export type ExpressionCode = (...operands: any[]) => unknown;

/** Operands may be expressions that are kept as such (`operand.ts`). */
export type StepCall =
  | { readonly type: "call"; readonly callee: Callee }
  | { readonly type: "expression"; readonly code: ExpressionCode; readonly operands: readonly unknown[] };

export interface StepLimits {
  readonly retry?: RetryPolicy;
  readonly timeout?: number;
  readonly transaction?: NonNullable<StepOperation["transaction"]>;
}

/** What the run is blocked with when an operand cannot be saved. */
export type Refusal = (
  where: { readonly function: string; readonly place: string; readonly why: string },
  cause: unknown,
) => PerdureError;

/** Makes a step and gives its promise. Blocks the run with PD2301, or what `refusal` makes of it, when an operand cannot be saved. */
export type MakeStep = (at: Written, call: StepCall, limits?: StepLimits, refusal?: Refusal) => Promise<unknown>;
