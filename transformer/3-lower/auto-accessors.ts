/**
 * `accessor x = 1` (the decorators proposal): a private field with a getter and a setter. No platform has it, and a host that lowers it would
 * make a private field of which saves know nothing.
 */
import type { ts } from "@ts-morph/common";
import { isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import { code, type Rope, slice } from "../ir/rope.ts";

export const isAutoAccessor = (member: ts.ClassElement): boolean =>
  TS.isAutoAccessorPropertyDeclaration(member) &&
  !TS.getModifiers(member)!.some(({ kind }) => kind === TS.SyntaxKind.AbstractKeyword);

/** The private field behind it, under a name that the file does not have. */
export function storageOf(member: ts.PropertyDeclaration): string {
  const accessors = (member.parent as ts.ClassLikeDeclaration).members.filter(isAutoAccessor);
  let name = `#accessor${accessors.indexOf(member) + 1}`;
  while (member.getSourceFile().text.includes(name)) name += "$";
  return name;
}

/** `#accessor1 = 1; get x() { … } set x(value) { … }`. A computed key is `key` where it is evaluated, and `known` after that. */
export function autoAccessor(member: ts.PropertyDeclaration, value: Rope, key?: Rope, known?: Rope): Rope {
  const first = key ? code`[${key}]` : slice(member.name.getStart(), member.name.end);
  const again = known ? code`[${known}]` : member.name.getText();
  const storage = storageOf(member);
  const modifier = isStatic(member) ? "static " : "";
  return code`${modifier}${storage} = ${value}; ${modifier}get ${first}() { return this.${storage}; } ${modifier}set ${again}(value) { this.${storage} = value; }`;
}
