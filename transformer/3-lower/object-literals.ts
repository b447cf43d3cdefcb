/** Object literals that keep their text: methods and accessors are lifted like functions. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { anonymousDefinition } from "../2-analyze/naming.ts";
import type { Edit, Rope } from "../ir/rope.ts";
import { code, join, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";

/**
 * The literal with its methods as `key: closure`. Accessors stand in it as empty ones, so that keys are evaluated and
 * overwritten in their turn, and get their lifted functions afterwards. Methods that say `super` take the literal's home cell.
 */
export function objectLiteral(
  text: TextWriter,
  node: ts.ObjectLiteralExpression,
  extra: readonly Edit[] = [],
): Rope | undefined {
  if (text.around.volatile) return undefined;
  const { module } = text;
  const { runtime } = module.names;
  const edits: Edit[] = [...extra];
  const accessors: Rope[] = [];
  const locals: string[] = [];
  const isHome = node.properties.some((one) => module.functions.of(one)?.superHome?.node === node);
  const home = isHome ? module.unique("home$") : undefined;
  /** The brackets of a computed key, and the key to name something by. */
  const computed = (name: ts.ComputedPropertyName): { shown: Rope; key: Rope } => {
    const lowered = given(extra, name)?.with;
    // A key that was kept is converted already: converting may be observed.
    if (lowered !== undefined && isSlot(lowered)) return { shown: code`[${lowered}]`, key: lowered };
    const value = lowered ?? text.argument(name.expression);
    const key = module.unique("key");
    locals.push(key);
    return { shown: code`[${key} = ${runtime}.key(${value})]`, key };
  };
  for (const property of node.properties) {
    const replace = (rope: Rope): void => {
      // The property is replaced whole: an edit of a part of it would overlap.
      for (const edit of extra) if (isWithin(edit, property)) edits.splice(edits.indexOf(edit), 1);
      edits.push({ start: property.getStart(), end: property.end, with: rope });
    };
    if (TS.isMethodDeclaration(property)) {
      const made = text.closure(property, home);
      if (TS.isComputedPropertyName(property.name)) {
        const { shown, key } = computed(property.name);
        replace(code`${shown}: ${runtime}.named(${made}, ${key})`);
      } else if (isNamedProto(property.name)) {
        // A method of that name is a property; written as one with a colon it would set the prototype (ECMA-262 13.2.5.5).
        replace(code`["__proto__"]: ${made}`);
      } else replace(code`${slice(property.name.getStart(), property.name.end)}: ${made}`);
    } else if (TS.isPropertyAssignment(property) && TS.isComputedPropertyName(property.name)) {
      const definition = anonymousDefinition(property.initializer);
      if (!definition || !module.functions.of(definition)) continue;
      const { shown, key } = computed(property.name);
      const value = given(extra, property.initializer)?.with ?? text.argument(property.initializer);
      replace(code`${shown}: ${runtime}.named(${value}, ${key})`);
    } else if (TS.isAccessor(property)) {
      const { name } = property;
      let shown: Rope = slice(name.getStart(), name.end);
      let key: Rope = TS.isIdentifier(name) ? JSON.stringify(name.text) : shown;
      if (TS.isComputedPropertyName(name)) ({ shown, key } = computed(name));
      const made = text.closure(property, home);
      const isGet = TS.isGetAccessor(property);
      accessors.push(isGet ? code`, ${key}, ${made}, undefined)` : code`, ${key}, undefined, ${made})`);
      replace(isGet ? code`get ${shown}() {}` : code`set ${shown}(_) {}`);
    }
  }
  if (edits.length === 0) return undefined;
  let rope = text.kept(node, edits);
  for (const rest of accessors) rope = code`${runtime}.accessor(${rope}${rest}`;
  if (home !== undefined) return code`${runtime}.home((${join([home, ...locals], ", ")}) => (${rope}))`;
  return locals.length === 0 ? rope : code`((${locals.join(", ")}) => (${rope}))()`;
}

const isNamedProto = (name: ts.PropertyName): boolean =>
  (TS.isIdentifier(name) || TS.isStringLiteral(name)) && name.text === "__proto__";

const isWithin = (edit: Edit, node: ts.Node): boolean => edit.start >= node.getStart() && edit.end <= node.end;

/** What a lowering has already put in the place of a part. */
const given = (extra: readonly Edit[], node: ts.Node): Edit | undefined => extra.find((edit) => isWithin(edit, node));

/** A temporary, and no variable of the user's. */
const isSlot = (rope: Rope): boolean =>
  typeof rope === "object" && "type" in rope && rope.type === "slot" && rope.slot.variable === null;
