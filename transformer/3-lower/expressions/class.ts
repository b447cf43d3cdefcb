/** A class with an await in its heritage or keys: they are evaluated in order, then the class is made. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { outsideParts } from "../../2-analyze/class-parts.ts";
import { code, type Rope } from "../../ir/rope.ts";
import { classMaker, namesItselfEarly } from "../classes.ts";
import type { Lowering } from "../lowering.ts";

export function lowerClass(lower: Lowering, node: ts.ClassLikeDeclaration): Rope {
  const parts = outsideParts(node);
  if (namesItselfEarly(lower.module, node))
    lower.module.report("PD1105", node, {
      construct: "a class whose heritage or keys await and have functions over its own name",
    });
  const last = parts.findLastIndex((part) => lower.suspends(part));
  const values = parts.map((part, i) => {
    const value = lower.expression(part);
    // A key is converted before what follows it is evaluated (ECMA-262 13.2.5.4).
    const isKey = TS.isComputedPropertyName(part.parent) && !TS.isStringLiteralLike(part);
    return i < last ? lower.keep(isKey ? code`${lower.module.names.runtime}.key(${value})` : value, part) : value;
  });
  return classMaker(lower.writer, node, values);
}
