/**
 * What a lowering rule may ask for. One file holds the rule of one construct; they call each other through this
 * interface only, so no two of them import each other.
 */
import type { ts } from "@ts-morph/common";
import type { Binding } from "../2-analyze/bindings.ts";
import type { FunctionInfo } from "../2-analyze/functions.ts";
import type { Slot } from "../ir/ir.ts";
import type { Rope } from "../ir/rope.ts";
import type { Builder } from "./builder.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import type { Targets } from "./targets.ts";

/** The lowering of one machine. */
export interface Lowering {
  readonly module: ModuleContext;
  readonly builder: Builder;
  readonly targets: Targets;
  /** Writes text that does not suspend. */
  readonly writer: TextWriter;
  /** Statements of which only the head suspends: the rest keeps its text, jumps included. */
  readonly keptHeads: Set<ts.Node>;

  suspends(node: ts.Node | undefined): boolean;
  statement(node: ts.Statement): void;
  /** The statements of one lowered scope: hoists its functions and cells first. */
  statements(list: readonly ts.Statement[], scopeNode: ts.Node): void;
  /** Evaluates now; the rope is the value, to be used once, before anything else is built. */
  expression(node: ts.Expression): Rope;
  /** Makes the functions that a scope declares, where it begins. */
  hoistFunctions(list: readonly ts.Statement[]): void;
  /** The value of a class definition. */
  classValue(node: ts.ClassLikeDeclaration): Rope;
  /** Evaluates for effect. */
  effect(node: ts.Expression): void;
  /** Keeps a value in a new slot, unless `node` cannot change until it is used. */
  keep(value: Rope, node?: ts.Expression): Rope;
  temporary(): Slot;
  /** Suspends; the rope is what is sent back. */
  suspend(node: ts.Expression, value: Rope): Rope;
  /** The same where no expression of the source is awaited: the resume point has this name. */
  suspendAs(name: string, node: ts.Node, value: Rope): Rope;
  /** What resume points at this expression are called: the function that it calls, or the variable that it is. */
  calledName(node: ts.Expression): string | undefined;
  /** The same at a `yield` or `yield*`, where `return()` may leave the regions around. */
  yields(node: ts.YieldExpression, value: Rope): Rope;
  /** What kind of generator is lowered. */
  readonly generator: FunctionInfo["generator"];
  /** Evaluates in order and keeps what must survive a later suspension. */
  operands(nodes: readonly ts.Expression[]): Rope[];
  /** Makes the cells of a scope that must exist before its declarations run. */
  openScope(node: ts.Node): void;
  makeUninitialized(binding: Binding): void;
  /** The slot of a lowered variable (of its cell, if it has one). */
  slotOf(binding: Binding): Slot;
  /** Gives a declared variable its first value. */
  initialize(name: ts.Identifier, value: Rope): void;
  /** Binds a pattern: declares when `declares`, else assigns. */
  bind(target: ts.Node, value: Rope, declares: boolean): void;
  /** A `return`, through the regions around. */
  returns(value: Rope | null): void;
}
