/** Object literals that keep their text: methods and accessors are lifted like functions. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
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
  for (const property of node.properties) {
    if (TS.isMethodDeclaration(property)) {
      const name = property.name;
      const key = TS.isComputedPropertyName(name) ? computed(text, name, extra) : slice(name.getStart(), name.end);
      drop(edits, name);
      edits.push({
        start: property.getStart(),
        end: property.end,
        with: code`${key}: ${text.closure(property, home)}`,
      });
    } else if (TS.isAccessor(property)) {
      const { name } = property;
      let shown: Rope = slice(name.getStart(), name.end);
      let key: Rope = TS.isIdentifier(name) ? JSON.stringify(name.text) : shown;
      if (TS.isComputedPropertyName(name)) {
        const local = module.unique("key");
        locals.push(local);
        shown = code`[${local} = ${runtime}.key(${computedValue(text, name, extra)})]`;
        key = local;
        drop(edits, name);
      }
      const made = text.closure(property, home);
      const isGet = TS.isGetAccessor(property);
      accessors.push(isGet ? code`, ${key}, ${made}, undefined)` : code`, ${key}, undefined, ${made})`);
      edits.push({
        start: property.getStart(),
        end: property.end,
        with: isGet ? code`get ${shown}() {}` : code`set ${shown}(_) {}`,
      });
    }
  }
  if (edits.length === 0) return undefined;
  let rope = text.kept(node, edits);
  for (const rest of accessors) rope = code`${runtime}.accessor(${rope}${rest}`;
  if (home !== undefined) return code`${runtime}.home((${join([home, ...locals], ", ")}) => (${rope}))`;
  return locals.length === 0 ? rope : code`((${locals.join(", ")}) => (${rope}))()`;
}

/** The key's text; a lowered one was given as an edit of what stands in its brackets. */
const computed = (text: TextWriter, name: ts.ComputedPropertyName, given: readonly Edit[]): Rope =>
  code`[${computedValue(text, name, given)}]`;

const computedValue = (text: TextWriter, name: ts.ComputedPropertyName, given: readonly Edit[]): Rope =>
  given.find((edit) => edit.start >= name.getStart() && edit.end <= name.end)?.with ?? text.argument(name.expression);

/** The property is replaced whole: an edit of its key alone would overlap. */
function drop(edits: Edit[], name: ts.PropertyName): void {
  const at = edits.findIndex((edit) => edit.start >= name.getStart() && edit.end <= name.end);
  if (at >= 0) edits.splice(at, 1);
}
