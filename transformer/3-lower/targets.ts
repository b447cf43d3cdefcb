/** Where `break`, `continue` and `return` go, and which regions they pass: the stack of enclosing constructs. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { Block, Region, Route } from "../ir/ir.ts";
import { code, join, type Rope, slice } from "../ir/rope.ts";
import type { Names } from "./context.ts";

type Entry =
  | { readonly type: "region"; readonly region: Region }
  | {
      readonly type: "target";
      readonly labels: readonly string[];
      readonly breakTo: Block | null;
      readonly continueTo: Block | null;
      /** A bare `break` means this one: loops and `switch`, not labelled blocks. */
      readonly bare: boolean;
    };

export class Targets {
  private readonly stack: Entry[] = [];

  within(entry: Entry, build: () => void): void {
    this.stack.push(entry);
    build();
    this.stack.pop();
  }

  /** The regions that a `return` passes, inner first. */
  get regions(): Region[] {
    const out: Region[] = [];
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const entry = this.stack[i]!;
      if (entry.type === "region") out.push(entry.region);
    }
    return out;
  }

  /** The route of a jump; undefined when its target is a statement that kept its text. */
  route(node: ts.BreakOrContinueStatement): { route: Route; name: string } | undefined {
    const isContinue = TS.isContinueStatement(node);
    const regions: Region[] = [];
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const entry = this.stack[i]!;
      if (entry.type === "region") {
        regions.push(entry.region);
        continue;
      }
      const target = isContinue ? entry.continueTo : entry.breakTo;
      const isMeant = node.label ? entry.labels.includes(node.label.text) : isContinue || entry.bare;
      if (target && isMeant) return { route: { type: "jump", regions, target }, name: isContinue ? "next" : "after" };
    }
    return undefined;
  }
}

/** The labels that stand directly before a statement. */
export function labelsOf(node: ts.Node): string[] {
  const labels: string[] = [];
  for (let at = node.parent; at && TS.isLabeledStatement(at); at = at.parent) labels.push(at.label.text);
  return labels;
}

/** The labels as text, for a statement that keeps its own: jumps inside it name them. */
export function labelText(node: ts.Node): Rope {
  let outermost = node;
  while (TS.isLabeledStatement(outermost.parent)) outermost = outermost.parent;
  return slice(outermost.getStart(), node.getStart());
}

/** Does this jump leave `root`, which keeps its text? */
export function leaves(jump: ts.BreakOrContinueStatement, root: ts.Node): boolean {
  for (let at: ts.Node = jump.parent; ; at = at.parent) {
    if (jump.label) {
      if (TS.isLabeledStatement(at) && at.label.text === jump.label.text) return false;
    } else if (TS.isIterationStatement(at, false) || (TS.isBreakStatement(jump) && TS.isSwitchStatement(at)))
      return false;
    if (at === root) return true;
  }
}

/** `return $.leave(f, { … })`: a completion on its way through regions. */
export function leaveText(route: Route, value: Rope | null, names: Pick<Names, "runtime" | "frame">): Rope {
  const stops: Rope[] = route.regions.map((region): Rope => ({ type: "label", block: region.entry }));
  if (route.target) stops.push({ type: "label", block: route.target });
  const given = route.type === "return" ? code` value: ${value ?? "undefined"},` : "";
  return code`return ${names.runtime}.leave(${names.frame}, { type: "${route.type}",${given} to: [${join(stops, ", ")}] });`;
}
