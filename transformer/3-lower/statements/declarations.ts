/** Variable declarations of a lowered scope: each name is a slot, or a cell in a slot. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { usedValue } from "../disposables.ts";
import type { Lowering } from "../lowering.ts";

export function lowerDeclarations(lower: Lowering, list: ts.VariableDeclarationList): void {
  const isVar = (list.flags & TS.NodeFlags.BlockScoped) === 0;
  for (const declaration of list.declarations) {
    // `var x;` leaves the variable alone; `let x;` sets it, also on the second turn of a loop.
    if (!declaration.initializer) {
      if (!isVar && TS.isIdentifier(declaration.name)) lower.initialize(declaration.name, "undefined");
      continue;
    }
    const value = usedValue(lower, list, lower.expression(declaration.initializer));
    if (TS.isIdentifier(declaration.name)) lower.initialize(declaration.name, value);
    else lower.bind(declaration.name, value, true);
  }
}
