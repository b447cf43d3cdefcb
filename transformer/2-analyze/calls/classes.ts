/**
 * What a call means: the classes, as the analysis gives them to the lowering and emission. The rules are the rows of
 * `table.ts`, printed in `docs/calls.md`; the emitted forms are in `docs/abi.md`, section 4.
 */
import type { ts } from "@ts-morph/common";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { CallKind } from "../../options.ts";
import type { Names } from "./names.ts";
import type { OperandLists } from "./operand-lists.ts";

/**
 * How an operand of a step is kept. Operands are disjoint subexpressions, in the order of evaluation. The code of a `made`, `deferred`
 * or `step` node is the node's own text with each operand's text replaced by a parameter; what is left of it refers to
 * module bindings and globals only.
 */
export type Operand =
  /**
   * A value of the turn. `node` may be a `SpreadElement` when it stands in an argument list of its own (`call.args`), or a method of an object literal: the function
   * that stands under its name. With `copied`, it is what a spread in the text spreads: iterated, or its properties read, at its turn. With `listed`, an array with
   * records of thenables among its elements (`operand-lists.ts`). With `told`, the call of a function that gives the record of its thenable (`returned.ts`).
   */
  | {
      readonly kind: "leaf";
      readonly node: ts.Expression;
      readonly copied?: "array" | "object";
      readonly listed?: true;
      readonly told?: true;
    }
  /** An ordinary `new`, call or property access: evaluated in the turn, kept as expression when it cannot be saved. */
  | { readonly kind: "made"; readonly node: ts.Expression; readonly operands: readonly Operand[] }
  /** Known to yield a promise or thenable: evaluated in the attempts only. */
  | { readonly kind: "deferred"; readonly node: ts.Expression; readonly operands: readonly Operand[] };

/** How the operands of the file's steps are kept: `operands.ts`. */
export interface Operands {
  /** How one operand of a step is kept. */
  of(node: ts.Expression): Operand;
  /** The operands of an expression that is lifted as a whole; undefined when it cannot be. */
  lifted(node: ts.Expression): readonly Operand[] | undefined;
  /** The operands of a constant that is kept as its expression; undefined: it is a value of the turn. */
  constant(value: ts.Expression): readonly Operand[] | undefined;
  /** The receiver of a classified method call. `unknown`: nothing is known of the types. */
  receiver(node: ts.Expression, unknown?: boolean): Operand;
  /** A call, by type, whose promise or thenable is part of the expression it stands in. */
  yieldsPromise(node: ts.Expression): boolean;
  /** Whether the literals and ordinary calls of this expression have such a call in them. */
  holdsPromise(node: ts.Expression): boolean;
  /** A call of a durable function that is told what its thenable is for (`returned.ts`). */
  isTold(node: ts.Expression): boolean;
  /** A call of a function of the file that does no more than go on with a thenable which it is given. */
  isExtension(node: ts.Expression): boolean;
  /** A function of the file that is told, by its name. */
  isToldFunction(node: ts.Expression): boolean;
  /** What such a function returns: a thenable. */
  isReturned(node: ts.Expression): boolean;
  /** The same of an object with methods: a client, a builder. */
  isReturnedService(node: ts.Expression): boolean;
  /** A function that the `forEach` of a built-in calls, and nobody else: it has returned when that has. */
  isLoopBody(fn: ts.Node): boolean;
  /** Calls in kept texts of which only the mark of the callee tells whether it is durable. */
  readonly asked: ReadonlySet<ts.Node>;
  /** Lists of lazy thenables among the operands of the file's steps. */
  lists(): OperandLists;
}

/**
 * Class of one node: a `CallExpression`, `NewExpression` or `TaggedTemplateExpression`; for `step` also any other
 * expression consumed as a promise, for `made` any initializer. Nodes without an entry keep their text: durable, pure
 * or known not to yield a promise. Nodes inside a `step`, `made` or `deferred` text (outside its operands) have none.
 *
 * A callee without a receiver that can be passed (`super.m(x)`, `this.#f(x)`) is emitted as a method call of the
 * function's own `call`: `$m.method(site, super.m, "call", [this, x])`; the runtime looks through `call`.
 */
export type CallClass =
  /**
   * `$m.call` / `$m.method`: in promise position or of type `Promise`. `receiver` is null for a plain function, and a leaf as a rule. With `tail`, in that position
   * where the caller of the function says so; with `"operand"`, one that gives the record of its thenable.
   */
  | {
      readonly type: "call";
      readonly receiver: Operand | null;
      readonly args: readonly Operand[];
      readonly why: string;
      readonly tail?: true | "operand";
    }
  /** `$m.now(site, <text>)`: an ordinary call whose result nobody knows. */
  | { readonly type: "now"; readonly why: string }
  /** `$m.callNow` / `$m.methodNow`: the same, and an argument may be a function. `promised`: the callbacks' results are in promise position. */
  | { readonly type: "callNow"; readonly promised: boolean; readonly why: string }
  /** `$m.constructNow(site, constructor, args)`: an ordinary `new` with an argument that may be a function. */
  | { readonly type: "constructNow"; readonly why: string }
  /** `$m.construct(site, constructor, args)`: a `new` of unknown type in promise position; the constructor's mark decides. */
  | {
      readonly type: "construct";
      readonly constructed: Operand;
      readonly args: readonly Operand[];
      readonly why: string;
    }
  /**
   * `$m.step(site, code, operands)`: the whole expression, lifted over its operands. With `marked`, a call that is given promises and whose callee may be
   * durable: then it is a call as any other, which the turn makes, and the calls in its arguments have classes of their own for that.
   * With `asked`, `$m.awaited(record)`: a variable of unknown type that holds a record, and is a step when that turns out to be of a lazy thenable.
   * With `tail`, `$m.told(tail, site, code, operands)` where the caller of the function wants a step or an operand; else the value is made at once, `now`, or
   * `guarded`, where it is given functions. With `callees`, `$m.promise(site, () => callees, code, operands)`: a `new Promise(executor)` whose resolvers
   * these get, and which the turn makes where each of them turns out durable.
   */
  | {
      readonly type: "step";
      readonly operands: readonly Operand[];
      readonly why: string;
      readonly marked?: true;
      readonly asked?: true;
      readonly tail?: "now" | "guarded";
      readonly callees?: readonly ts.Expression[];
    }
  /**
   * `$m.made(code, operands)`: the initializer of a `const` that is used only as an operand of steps; the variable holds the record.
   * With `grows`, `$m.grown(variable, code, operands)`: a statement that changes what the record of this variable holds. `uses`: of `several`, none may see what
   * another one has changed; those of a `shared` one go on with it, so that it must not be a builder, which would be another one in each.
   * With `tail`, the record where the caller of the function wants an operand; else the value is made at once, `now`, or `guarded`.
   */
  | {
      readonly type: "made";
      readonly operands: readonly Operand[];
      readonly why: string;
      readonly grows?: ts.Identifier;
      readonly uses?: "several" | "shared";
      readonly tail?: "now" | "guarded";
    }
  /** `$m.deferred(code, operands)`: a lazy thenable, element of a list that is an operand. */
  | { readonly type: "deferred"; readonly operands: readonly Operand[]; readonly why: string }
  /** `$m.telling(site, fn, wanted)`: the callback of a built-in whose results are elements of such a list, or in promise position. */
  | { readonly type: "telling"; readonly wanted: true | "operand"; readonly why: string }
  /** `$m.import(site, code, operands)`: `import()`, a step whose result is saved by its expression. */
  | { readonly type: "import"; readonly operands: readonly Operand[]; readonly why: string };

/** One call in words. */
export interface ExplainedCall {
  readonly node: ts.Node;
  readonly kind: CallKind;
  /** The row of the call table. */
  readonly row: string;
  readonly why: string;
  /** What to do about a call that could not be classified. */
  readonly advice?: string;
}

export interface CallTable {
  /** What the names of the durable code mean. */
  readonly names: Names;
  classOf(node: ts.Node): CallClass | undefined;
  /** Global or imported platform name to rewrite at this identifier or property access: `Promise` becomes `$.Promise`. */
  platformOf(node: ts.Node): string | undefined;
  /**
   * Functions whose body runs inside a step (the callback of `step` and `resource`): they are lifted as closures with
   * their own text, async ones too, never as machines; nothing in them is classified and nothing is refused there.
   */
  readonly volatile: ReadonlySet<ts.Node>;
  /** Calls in kept texts of which only the mark of the callee tells whether it is durable: the runtime looks before it makes the step. */
  readonly asked: ReadonlySet<ts.Node>;
  /** Functions with a call whose position their caller knows: the first thing that they do is to ask for it. */
  readonly tailed: ReadonlySet<ts.Node>;
  /** Module specifiers to replace: `node:timers/promises` by `perdure/timers-promises`. */
  readonly specifiers: ReadonlyMap<ts.StringLiteral, string>;
  /** Every node that was classified, in source order, with its class and row. */
  explained(): readonly { readonly node: ts.Node; readonly class: string; readonly why: string }[];
  /** Every call of the durable code in words. */
  explain(): readonly ExplainedCall[];
  readonly diagnostics: readonly Diagnostic[];
}
