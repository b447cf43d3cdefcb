/** Which identifiers and property accesses of durable code name a platform function with a durable form. */
import type { ts } from "@ts-morph/common";
import { NodeTable, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import { isProcess, type Names } from "./names.ts";
import { GLOBAL_OBJECTS } from "./platform.ts";
import { callOf, outer } from "./syntax.ts";

/** Called by durable code, it is the expression of a step, and knows that step. */
export const FETCH = "fetch";

type Member = ts.PropertyAccessExpression | ts.ElementAccessExpression;

/** Node to the name under which `perdure/emitted` exports the durable form. Volatile functions keep the platform's. */
export function analyzePlatformNames(
  tree: Tree,
  names: Names,
  regions: readonly ts.Node[],
  volatile: ReadonlySet<ts.Node>,
): NodeTable<string> {
  const found = new NodeTable<string>(tree);
  const durable = new Set(regions);
  const isDurable = (node: ts.Node): boolean => {
    for (let at = node; at !== undefined; at = at.parent) {
      if (volatile.has(at)) return false;
      if (durable.has(at)) return true;
    }
    return false;
  };

  const isProcessImport = (node: ts.Expression): boolean => isProcess(names.imported(node)?.module ?? "");

  /** Looks at a name and what is asked of it; answers whether that has a durable form. */
  const look = (node: ts.Expression): boolean => {
    const path = names.global(node);
    // As a callee alone: elsewhere the function is the platform's, which has a name.
    const isFetch = path?.length === 1 && path[0] === FETCH && callOf(node) !== undefined;
    // `globalThis.setTimeout`, `process.nextTick`: the whole access; `Promise.all`: its root.
    const isWhole = path ? path.length === 1 || (path.length === 2 && path[0] === "process") : isProcessImport(node);
    const name = isFetch ? FETCH : isWhole ? names.platform(node) : undefined;
    if (name !== undefined) found.set(node, name);
    return name !== undefined;
  };

  /** The global object, `process` and what is imported from it are the only ones whose members are renamed: the longest access first. */
  const lookAtMembers = (root: ts.Identifier): boolean => {
    const members: Member[] = [];
    for (let member = memberOf(root); member; member = memberOf(member)) {
      members.push(member);
      if (!TS.isPropertyAccessExpression(member)) break;
    }
    return members.reverse().some(look);
  };

  const { root, globals } = names.scopes;
  for (const { node } of globals) {
    if (!isDurable(node)) continue;
    if ((GLOBAL_OBJECTS.has(node.text) || node.text === "process") && lookAtMembers(node)) continue;
    look(node);
  }
  for (const { kind, references } of root.bindings.values()) {
    const isRequired = kind === "import" || kind === "const";
    if (!isRequired || references.length === 0 || !isProcessImport(references[0]!.node)) continue;
    for (const { node } of references) if (isDurable(node) && !lookAtMembers(node)) look(node);
  }
  return found;
}

/** The access to a member of this expression that it stands in. */
function memberOf(node: ts.Expression): Member | undefined {
  const whole = outer(node);
  const { parent } = whole;
  const isMember = TS.isPropertyAccessExpression(parent) || TS.isElementAccessExpression(parent);
  return isMember && parent.expression === whole ? parent : undefined;
}
