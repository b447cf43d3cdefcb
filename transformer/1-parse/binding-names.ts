/** What patterns declare. */
import type { ts } from "@ts-morph/common";
import { TS } from "./typescript.ts";

/** Every name that a pattern declares, in order. */
export function namesOf(name: ts.BindingName): ts.Identifier[] {
  if (TS.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (TS.isBindingElement(element) ? namesOf(element.name) : []));
}
