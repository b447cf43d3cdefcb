/** Scopes that dispose of what they declare with `using` (ECMA-262 2026, 14.3.1). */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";

/** That a scope disposes of something. */
export interface Disposal {
  /** Something is awaited when the scope is left: it has an `await using`. */
  readonly waits: boolean;
  /** The declaration that says so. */
  readonly list: ts.VariableDeclarationList;
}

/** Is this `using` (`sync`) or `await using` (`async`)? */
export function usingKind(list: ts.Node | undefined): "sync" | "async" | undefined {
  if (!list || !TS.isVariableDeclarationList(list)) return undefined;
  const kind = list.flags & TS.NodeFlags.BlockScoped;
  return kind === TS.NodeFlags.AwaitUsing ? "async" : kind === TS.NodeFlags.Using ? "sync" : undefined;
}

/** What the head of a loop declares. */
export function disposalOf(list: ts.Node | undefined): Disposal | undefined {
  const kind = usingKind(list);
  return kind && { waits: kind === "async", list: list as ts.VariableDeclarationList };
}

/** What the statements of one scope declare directly. */
export function disposalIn(statements: readonly ts.Node[]): Disposal | undefined {
  let first: ts.VariableDeclarationList | undefined;
  for (const statement of statements) {
    if (!TS.isVariableStatement(statement)) continue;
    const kind = usingKind(statement.declarationList);
    if (kind === "async") return disposalOf(statement.declarationList);
    if (kind) first ??= statement.declarationList;
  }
  return disposalOf(first);
}

/** The block, body or loop that disposes of what the list declares; undefined for the module. */
export function disposingScope(list: ts.VariableDeclarationList): ts.Node | undefined {
  const at = TS.isVariableStatement(list.parent) ? list.parent.parent : list.parent;
  return TS.isSourceFile(at) || TS.isModuleBlock(at) ? undefined : at;
}
