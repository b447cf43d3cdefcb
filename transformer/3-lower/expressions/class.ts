/** A class with an await in its heritage or keys: they are evaluated in order, then the class is made. */
import type { ts } from "@ts-morph/common";
import type { Rope } from "../../ir/rope.ts";
import { classMaker, outsideParts } from "../classes.ts";
import type { Lowering } from "../lowering.ts";

export function lowerClass(lower: Lowering, node: ts.ClassLikeDeclaration): Rope {
  const parts = outsideParts(node);
  const last = parts.findLastIndex((part) => lower.suspends(part));
  const values = parts.map((part, i) => {
    const value = lower.expression(part);
    return i < last ? lower.keep(value, part) : value;
  });
  return classMaker(lower.writer, node, values);
}
