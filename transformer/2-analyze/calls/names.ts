/**
 * What a callee is, from names alone: an import, a global, a function of this file. Every answer is certain; what is
 * not certain is `unknown` and left to the types, the position and, in the end, the mark that the runtime sees.
 */
import type { ts } from "@ts-morph/common";
import { NodeTable, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Binding, Scopes } from "../bindings.ts";
import { DURABLE_GLOBALS, DURABLE_MODULES, GLOBAL_OBJECTS, PROMISE_FUNCTIONS } from "./platform.ts";
import { inner, isInlineFunction, isWithin, methodCall } from "./syntax.ts";

export interface Imported {
  readonly module: string;
  /** The exported name; `default`, or `*` for the namespace. */
  readonly name: string;
}

/** A name that means the same in the whole process: `path` is `["crypto", "randomUUID"]`. */
export interface Global {
  readonly path: readonly string[];
}

export interface Names {
  readonly tree: Tree;
  readonly scopes: Scopes;
  /** The outermost durable functions and fields. */
  readonly regions: readonly ts.Node[];
  /** What an identifier or `namespace.member` of an import is. */
  imported(node: ts.Expression): Imported | undefined;
  /** Path from the global object, `globalThis.` removed; undefined when the root is no global. */
  global(node: ts.Expression): readonly string[] | undefined;
  /** The durable form's name of a platform function, class or namespace: `setTimeout`, `Promise.all` → `Promise`. */
  platform(node: ts.Expression): string | undefined;
  /** The function of `Promise` that a callee certainly is: `all` of `Promise.all`, or of a subclass that durable code made and that has no such function of its own. */
  promiseFunction(callee: ts.Expression): string | undefined;
  /** The one value a binding ever has: of a `const`, or of a `let` and `var` that nothing writes after its declaration. */
  constant(binding: Binding): ts.Expression | undefined;
  /** The function that a callee certainly is: written in this file, and never assigned to. */
  localFunction(node: ts.Expression): ts.Node | undefined;
  /** Certainly a function that durable code made. */
  durableFunction(node: ts.Expression): boolean;
  /** A value that is saved by name: an import, a module binding or a global. */
  isReference(node: ts.Expression): boolean;
  /** A variable of the module that something in it assigns: what it holds later is another value. */
  isRewritten(node: ts.Expression): boolean;
  /** The executor and index, when this identifier is the resolver of an inline `new Promise(executor)`. */
  resolver(node: ts.Identifier): { executor: ts.Node; index: number } | undefined;
  /** Where this node belongs to durable code. */
  inDurableCode(node: ts.Node): boolean;
}

const K = () => TS.SyntaxKind;

export const isProcess = (module: string): boolean => module === "process" || module === "node:process";

/** The specifier of `require("m")`, of the platform's own `require`. */
export function requiredModule(node: ts.Node, scopes: Scopes): ts.StringLiteral | undefined {
  if (!TS.isCallExpression(node) || node.arguments.length !== 1 || !TS.isIdentifier(node.expression)) return undefined;
  const [specifier] = node.arguments;
  const isRequire = node.expression.text === "require" && scopes.resolve(node.expression) === undefined;
  return isRequire && TS.isStringLiteral(specifier!) ? specifier : undefined;
}

export function analyzeNames(tree: Tree, scopes: Scopes, durableRegions: readonly ts.Node[]): Names {
  const regions = new Set(durableRegions);
  // The rows of the call table ask the same of a callee again and again; null is the answer that there is nothing.
  const importeds = new NodeTable<Imported | null>(tree);
  const globals = new NodeTable<readonly string[] | null>(tree);

  const imports = new Map<Binding, Imported | undefined>();
  const importOf = (binding: Binding): Imported | undefined => {
    if (binding.kind !== "import" && binding.kind !== "const") return undefined;
    let from = imports.get(binding);
    if (from === undefined && !imports.has(binding)) {
      from = binding.kind === "import" ? importedBy(binding) : requiredBy(binding);
      imports.set(binding, from);
    }
    return from;
  };

  /** `const x = require("m")`, `const { a: x } = require("m")`, `const x = require("m").a`, at the level of the module. */
  const requiredBy = (binding: Binding): Imported | undefined => {
    const name = binding.declarations[0]!;
    if (binding.scope.parent !== null || binding.declarations.length > 1) return undefined;
    const { parent } = name;
    if (TS.isVariableDeclaration(parent)) {
      const value = parent.initializer && inner(parent.initializer);
      const member = value && TS.isPropertyAccessExpression(value) ? value : undefined;
      const module = value && requiredModule(inner(member?.expression ?? value), scopes);
      return module && { module: module.text, name: member?.name.text ?? "*" };
    }
    if (!TS.isBindingElement(parent) || parent.initializer || parent.dotDotDotToken) return undefined;
    const declaration = parent.parent.parent;
    const key = parent.propertyName ?? name;
    if (!TS.isVariableDeclaration(declaration) || !declaration.initializer || !TS.isIdentifier(key)) return undefined;
    const module = requiredModule(inner(declaration.initializer), scopes);
    return module && { module: module.text, name: key.text };
  };

  const importedBy = (binding: Binding): Imported | undefined => {
    const declaration = binding.declarations[0]!;
    let at: ts.Node = declaration.parent;
    const name = TS.isImportSpecifier(at)
      ? (at.propertyName ?? at.name).text
      : TS.isNamespaceImport(at) || TS.isImportEqualsDeclaration(at)
        ? "*"
        : "default";
    while (!TS.isImportDeclaration(at) && !TS.isImportEqualsDeclaration(at)) at = at.parent;
    const specifier = TS.isImportDeclaration(at)
      ? at.moduleSpecifier
      : TS.isExternalModuleReference(at.moduleReference)
        ? at.moduleReference.expression
        : undefined;
    return specifier && TS.isStringLiteral(specifier) ? { module: specifier.text, name } : undefined;
  };

  const imported = (node: ts.Expression): Imported | undefined => {
    const at = inner(node);
    if (TS.isIdentifier(at)) {
      const binding = scopes.resolve(at);
      return binding && importOf(binding);
    }
    if (!TS.isPropertyAccessExpression(at)) return undefined;
    let answer = importeds.get(at);
    if (answer === undefined) importeds.set(at, (answer = memberImported(at) ?? null));
    return answer ?? undefined;
  };

  const memberImported = (at: ts.PropertyAccessExpression): Imported | undefined => {
    const from = imported(at.expression);
    // A default import of a CommonJS or built-in module is its namespace too: `import process from "node:process"`.
    return from && (from.name === "*" || from.name === "default")
      ? { module: from.module, name: at.name.text }
      : undefined;
  };

  const global = (node: ts.Expression): readonly string[] | undefined => {
    const at = inner(node);
    let answer = globals.get(at);
    if (answer === undefined) globals.set(at, (answer = globalPath(at) ?? null));
    return answer ?? undefined;
  };

  const globalPath = (at: ts.Expression): readonly string[] | undefined => {
    if (TS.isIdentifier(at)) return scopes.resolve(at) || at.text === "undefined" ? undefined : [at.text];
    const member =
      TS.isPropertyAccessExpression(at) && TS.isIdentifier(at.name)
        ? at.name.text
        : TS.isElementAccessExpression(at) && TS.isStringLiteralLike(at.argumentExpression)
          ? at.argumentExpression.text
          : undefined;
    if (member === undefined) return undefined;
    const path = global((at as ts.PropertyAccessExpression).expression);
    return path && (path.length === 1 && GLOBAL_OBJECTS.has(path[0]!) ? [member] : [...path, member]);
  };

  const platform = (node: ts.Expression): string | undefined => {
    const path = global(node);
    if (path) {
      if (DURABLE_GLOBALS.has(path[0]!)) return path[0];
      return path[0] === "process" && path[1] === "nextTick" ? "nextTick" : undefined;
    }
    const from = imported(node);
    if (!from) return undefined;
    if (DURABLE_MODULES.has(from.module)) return from.name;
    return isProcess(from.module) && from.name === "nextTick" ? "nextTick" : undefined;
  };

  const inDurableCode = (node: ts.Node): boolean => isWithin(node, regions);

  const constants = new Map<Binding, ts.Expression | null>();
  const constant = (binding: Binding): ts.Expression | undefined => {
    let value = constants.get(binding);
    if (value === undefined) {
      value = null;
      const name = binding.declarations[0];
      const declaration = name?.parent;
      if (
        binding.declarations.length === 1 &&
        declaration &&
        TS.isVariableDeclaration(declaration) &&
        declaration.name === name &&
        binding.references.every((reference) => reference.access === "read")
      )
        value = declaration.initializer ?? null;
      constants.set(binding, value);
    }
    return value ?? undefined;
  };

  const bindingFunction = (binding: Binding): ts.Node | undefined => {
    if (binding.references.some((reference) => reference.access !== "read")) return undefined;
    if (binding.kind === "function") {
      const bodies = binding.declarations.filter((name) => (name.parent as ts.FunctionDeclaration).body);
      return bodies.length === 1 ? bodies[0]!.parent : undefined;
    }
    if (binding.kind === "class" || binding.kind === "self-name") return binding.declarations[0]!.parent;
    const value = constant(binding);
    return value && localFunction(value);
  };

  const localFunction = (node: ts.Expression): ts.Node | undefined => {
    const at = inner(node);
    if (isInlineFunction(at) || TS.isClassExpression(at)) return at;
    if (!TS.isIdentifier(at)) return undefined;
    const binding = scopes.resolve(at);
    return binding && bindingFunction(binding);
  };

  const isDurableClass = (node: ts.ClassLikeDeclaration): boolean =>
    inDurableCode(node) || node.members.some((member) => regions.has(member));

  const resolver = (node: ts.Identifier): { executor: ts.Node; index: number } | undefined => {
    const binding = scopes.resolve(node);
    if (binding?.kind !== "parameter") return undefined;
    const parameter = binding.declarations[0]!.parent;
    if (!TS.isParameter(parameter) || parameter.dotDotDotToken || parameter.initializer) return undefined;
    const executor = parameter.parent;
    const promise = isInlineFunction(executor) ? executor.parent : undefined;
    if (!promise || !TS.isNewExpression(promise) || promise.arguments?.[0] !== executor) return undefined;
    return platform(promise.expression) === "Promise"
      ? { executor, index: (executor as ts.ArrowFunction).parameters.indexOf(parameter) }
      : undefined;
  };

  const durableFunction = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (TS.isPropertyAccessExpression(at) && TS.isPrivateIdentifier(at.name)) return isPrivateMethod(at.name);
    if (TS.isIdentifier(at) && resolver(at)) return true;
    const from = imported(at);
    if (from)
      return from.module === "perdure" || from.module.startsWith("perdure/") || DURABLE_MODULES.has(from.module);
    const bound = methodCall(at);
    if (bound?.name === "bind") return durableFunction(bound.receiver);
    const made = localFunction(at);
    return made !== undefined && (TS.isClassLike(made) ? isDurableClass(made) : inDurableCode(made));
  };

  /** `#f` declared as a method of the class that is open here. */
  const isPrivateMethod = (name: ts.PrivateIdentifier): boolean => {
    for (let at: ts.Node | undefined = name; at; at = at.parent)
      if (TS.isClassLike(at)) {
        const member = at.members.find((m) => m.name && TS.isPrivateIdentifier(m.name) && m.name.text === name.text);
        if (member) return TS.isMethodDeclaration(member) && isDurableClass(at);
      }
    return false;
  };

  const isReference = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (at.kind === K().ImportKeyword || TS.isMetaProperty(at)) return true;
    if (!TS.isIdentifier(at)) return false;
    const binding = scopes.resolve(at);
    return binding === undefined || binding.scope.parent === null;
  };

  /** The class around whose static members `this` is the class itself, or one that extends it. */
  const classOfThis = (node: ts.Node): ts.ClassLikeDeclaration | undefined => {
    let at = node.parent;
    while (at && (TS.isArrowFunction(at) || !(TS.isFunctionLike(at) || TS.isClassElement(at)))) at = at.parent;
    const isStatic =
      TS.isClassElement(at) &&
      (TS.isClassStaticBlockDeclaration(at) || (TS.getCombinedModifierFlags(at) & TS.ModifierFlags.Static) !== 0);
    return isStatic && TS.isClassLike(at.parent) ? at.parent : undefined;
  };

  const asking = new Set<ts.Node>();
  /** Is it `Promise`, or a class made from it that has no static member of this name? */
  const inheritsFromPromise = (node: ts.Expression, name: string): boolean => {
    const at = inner(node);
    if (platform(at) === "Promise") return true;
    const isSuper = at.kind === K().SuperKeyword;
    const made = isSuper || at.kind === K().ThisKeyword ? classOfThis(at) : localFunction(at);
    if (!made || !TS.isClassLike(made) || asking.has(made)) return false;
    const base = made.heritageClauses?.find(({ token }) => token === K().ExtendsKeyword)?.types[0]?.expression;
    const isOwn = made.members.some(
      (member) => member.name && (TS.isComputedPropertyName(member.name) || member.name.getText() === name),
    );
    if (!base || (isOwn && !isSuper)) return false;
    asking.add(made);
    const inherits = inheritsFromPromise(base, name);
    asking.delete(made);
    return inherits;
  };

  const promiseFunction = (callee: ts.Expression): string | undefined => {
    const at = inner(callee);
    const path = global(at);
    if (path) return path[0] === "Promise" && path.length === 2 ? path[1] : undefined;
    if (!TS.isPropertyAccessExpression(at) || !TS.isIdentifier(at.name)) return undefined;
    const { text } = at.name;
    return PROMISE_FUNCTIONS.has(text) && inheritsFromPromise(at.expression, text) ? text : undefined;
  };

  const isRewritten = (node: ts.Expression): boolean => {
    const at = inner(node);
    const binding = TS.isIdentifier(at) ? scopes.resolve(at) : undefined;
    return binding?.references.some(({ access }) => access !== "read") ?? false;
  };

  return {
    tree,
    scopes,
    regions: durableRegions,
    imported,
    global,
    platform,
    promiseFunction,
    constant,
    localFunction,
    durableFunction,
    isReference,
    isRewritten,
    resolver,
    inDurableCode,
  };
}
