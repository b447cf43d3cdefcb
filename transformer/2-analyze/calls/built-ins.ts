/** Which calls are certainly ECMAScript built-ins or pure platform functions, from names, literals and types. */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Names } from "./names.ts";
import {
  DURABLE_MODULES,
  ELEMENT_PRESERVING,
  MAPPING,
  PURE_GLOBALS,
  PURE_IMPORTS,
  PURE_MEMBERS,
  PURE_MODULES,
  YIELDING_MEMBERS,
} from "./platform.ts";
import { callOf, inner, isInlineFunction, methodCall } from "./syntax.ts";

/** Global classes whose instances the analysis recognizes without types. */
const INSTANCES = new Set([
  "Array",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Date",
  "RegExp",
  "URL",
  "URLSearchParams",
  "TextEncoder",
  "TextDecoder",
]);

/** A property name that is no index. */
const isName = (node: ts.Expression): boolean => TS.isStringLiteralLike(node) && !/^\d+$/.test(node.text);

const lastName = (node: ts.Expression): string => (TS.isPropertyAccessExpression(node) ? node.name.text : "");

/** Built-in functions that give an array. */
const ARRAY_MAKERS = new Set(["Array.from", "Array.of", "Object.keys", "Object.values", "Object.entries"]);

export interface BuiltIns {
  /** The built-in class of a value, when types or its very expression tell: `[a, b]`, `new Map()`, a `const` of these. */
  instance(node: ts.Expression): string | undefined;
  /** A global or imported function that runs inside the turn: `JSON.stringify`, `randomUUID`. */
  pure(callee: ts.Expression): boolean;
  /** Either of them as a callee: `items.map`, `Math.max`. */
  callee(callee: ts.Expression): boolean;
  /** `filters.reduce((query, one) => query.where(one), db("users"))`: what it gives is what ordinary code made, and made again with it. */
  fold(callee: ts.Expression): boolean;
}

export function analyzeBuiltIns(names: Names, types: FileTypes | undefined): BuiltIns {
  const pure = (callee: ts.Expression): boolean => {
    const at = inner(callee);
    const path = names.global(at);
    if (path) {
      if (YIELDING_MEMBERS.has(path.join("."))) return false;
      const [root, member] = path as [string, string | undefined];
      return PURE_GLOBALS.has(root) || (member !== undefined && (PURE_MEMBERS.get(root)?.has(member) ?? false));
    }
    const from = names.imported(at) ?? deepImport(at);
    if (!from || DURABLE_MODULES.has(from.module) || YIELDING_MEMBERS.has(lastName(at))) return false;
    return PURE_MODULES.has(from.module) || (PURE_IMPORTS.get(from.module)?.has(from.name) ?? false);
  };

  /** `Buffer.from` of `import { Buffer } from "node:buffer"`, `assert.strict.equal`: a member of something imported. */
  const deepImport = (node: ts.Expression): { module: string; name: string } | undefined => {
    if (!TS.isPropertyAccessExpression(node)) return undefined;
    const object = inner(node.expression);
    return names.imported(object) ?? deepImport(object);
  };

  const seen = new Set<ts.Node>();
  const instance = (node: ts.Expression): string | undefined => {
    const at = inner(node);
    const typed = types?.builtIn(at);
    if (typed) return typed;
    if (TS.isArrayLiteralExpression(at)) return "Array";
    if (TS.isStringLiteralLike(at) || TS.isTemplateExpression(at)) return "String";
    if (at.kind === TS.SyntaxKind.RegularExpressionLiteral) return "RegExp";
    if (TS.isNewExpression(at)) {
      const path = names.global(at.expression);
      return path?.length === 1 && INSTANCES.has(path[0]!) ? path[0] : undefined;
    }
    if (TS.isCallExpression(at)) {
      const path = names.global(at.expression);
      if (path && ARRAY_MAKERS.has(path.join("."))) return "Array";
      const method = methodCall(at);
      return method &&
        (MAPPING.has(method.name) || ELEMENT_PRESERVING.has(method.name)) &&
        instance(method.receiver) === "Array"
        ? "Array"
        : undefined;
    }
    if (!TS.isIdentifier(at)) return undefined;
    const binding = names.scopes.resolve(at);
    if (!binding) return undefined;
    const declaration = binding.declarations[0]!.parent;
    if (TS.isParameter(declaration) && declaration.dotDotDotToken && TS.isIdentifier(declaration.name))
      return binding.references.every((reference) => reference.access === "read") ? "Array" : undefined;
    const value = names.constant(binding);
    if (!value || seen.has(value)) return undefined;
    seen.add(value);
    const found = instance(value);
    seen.delete(value);
    return found;
  };

  const fold = (node: ts.Expression): boolean => {
    const call = /^reduce(?:Right)?$/.test(lastName(node)) ? callOf(node) : undefined;
    const [combine, first] = call?.arguments ?? [];
    return first !== undefined && isInlineFunction(inner(combine!)) && types?.awaitType(call!) === "thenable";
  };

  const callee = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (pure(at)) return true;
    if (fold(at)) return false;
    // `list[0](x)` calls an element, whatever that is.
    const isNamed =
      TS.isPropertyAccessExpression(at) ||
      (TS.isElementAccessExpression(at) &&
        (isName(at.argumentExpression) || names.global(at.argumentExpression)?.[0] === "Symbol"));
    if (isNamed) {
      const of = instance(at.expression);
      return of !== undefined && of !== "Promise";
    }
    return false;
  };

  return { instance, pure, callee, fold };
}
