/**
 * The scope table: which binding an identifier means (ECMA-262 9.1, strict mode). Made of the syntax tree alone, in
 * one walk that declares names and collects references, and a second pass over the references that resolves them; a
 * checker would cost three to eight times as much.
 *
 * A function opens one scope for its parameters and its body; a second one for the body when the parameter list has
 * expressions, because those must not see the body's names (ECMA-262 10.2.11). A named function expression and every
 * class open a scope of their own for the inner name. A field initializer and a static block count as functions.
 */
import type { ts } from "@ts-morph/common";
import { decoratorsOf, hasModifier } from "../1-parse/modifiers.ts";
import { eachChild, isTypeKind, NodeTable, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding, BindingKind, Reference, Scope, Scopes } from "./bindings.ts";

interface OpenScope extends Scope {
  readonly parent: OpenScope | null;
  readonly bindings: Map<string, OpenBinding>;
}
interface OpenBinding extends Binding {
  readonly declarations: ts.Identifier[];
  readonly references: Reference[];
  captured: boolean;
}
interface OpenReference extends Reference {
  readonly scope: OpenScope;
  binding: OpenBinding | undefined;
}

/** A binding, as its first declaration makes it. */
const bound = (name: ts.Identifier, kind: BindingKind, scope: OpenScope, startsAs?: OpenBinding): OpenBinding => ({
  name: name.text,
  kind,
  scope,
  declarations: [name],
  references: [],
  captured: false,
  startsAs,
});

/** Has the parameter list expressions of its own (defaults, computed keys)? */
export const hasParameterExpressions = (node: ts.SignatureDeclaration): boolean => {
  const inPattern = (name: ts.BindingName): boolean =>
    !TS.isIdentifier(name) &&
    name.elements.some(
      (element) =>
        TS.isBindingElement(element) &&
        (element.initializer !== undefined ||
          (element.propertyName !== undefined && TS.isComputedPropertyName(element.propertyName)) ||
          inPattern(element.name)),
    );
  return node.parameters.some((parameter) => parameter.initializer !== undefined || inPattern(parameter.name));
};

/** Types, and declarations that leave nothing at run time. */
function isErased(node: ts.Node, kind: ts.SyntaxKind): boolean {
  const K = TS.SyntaxKind;
  if (isTypeKind(kind) || kind === K.InterfaceDeclaration || kind === K.TypeAliasDeclaration) return true;
  if (kind === K.TypeParameter) return true;
  if (TS.isFunctionLike(node) && !(node as ts.FunctionLikeDeclaration).body) return true;
  return hasModifier(node, K.DeclareKeyword);
}

/** Module bindings, and the inner name of a class declaration of the module, which means the same object. */
export const isModuleLevel = (binding: Binding): boolean =>
  binding.scope.parent === null ||
  (binding.scope.parent.parent === null && binding.kind === "self-name" && TS.isClassDeclaration(binding.scope.node));

export function analyzeScopes(tree: Tree): Scopes {
  const { sourceFile } = tree;
  const K = TS.SyntaxKind;
  const scopes = new NodeTable<OpenScope>(tree);
  const declared = new NodeTable<OpenBinding>(tree);
  const referenceOf = new NodeTable<OpenReference>(tree);
  const pending: OpenReference[] = [];

  const open = (node: ts.Node, parent: OpenScope | null, functionNode: ts.Node, register = true): OpenScope => {
    const scope: OpenScope = { node, parent, functionNode, bindings: new Map() };
    if (register) scopes.set(node, scope);
    return scope;
  };
  /** Names that closures of a parameter list mention, by the function. */
  const seenByParameters = new Map<ts.Node, ReadonlySet<string>>();
  const declare = (scope: OpenScope, identifier: ts.Identifier, kind: BindingKind): void => {
    if (identifier.text === "this" || identifier.text === "") return; // TypeScript's `this` parameter; a missing name
    let binding = scope.bindings.get(identifier.text);
    if (!binding) {
      const parameter = kind === "var" && isBodyScope(scope) ? scope.parent!.bindings.get(identifier.text) : undefined;
      const startsAs = parameter?.kind === "parameter" ? parameter : undefined;
      binding = bound(identifier, kind, scope, startsAs);
      scope.bindings.set(identifier.text, binding);
    } else binding.declarations.push(identifier);
    declared.set(identifier, binding);
  };
  const root = open(sourceFile, null, sourceFile);

  /** Where `var`s of this scope live; a `var` named like a parameter is that parameter, unless one could tell them apart. */
  const varScope = (scope: OpenScope, name: string): OpenScope => {
    let at = scope;
    while (at.parent && !(at.node === at.functionNode || isBodyScope(at))) at = at.parent;
    const isParameter = isBodyScope(at) && at.parent!.bindings.has(name);
    return isParameter && !seenByParameters.get(at.functionNode)?.has(name) ? at.parent! : at;
  };
  const isBodyScope = (scope: OpenScope): boolean =>
    scope.node.parent === scope.functionNode && TS.isFunctionLike(scope.functionNode) && TS.isBlock(scope.node);

  /** A `var` in a handler that names its parameter declares a variable of the function, but assigns the parameter (B.3.4). */
  const catchParameter = (name: string, from: OpenScope): OpenBinding | undefined => {
    for (let at: OpenScope | null = from; at && at.functionNode === from.functionNode; at = at.parent) {
      const binding = at.bindings.get(name);
      if (binding?.kind === "catch") return binding;
    }
    return undefined;
  };

  /** Declares the names of a pattern and visits its expressions. */
  const pattern = (
    name: ts.BindingName,
    target: (name: string) => OpenScope,
    kind: BindingKind,
    scope: OpenScope,
  ): void => {
    if (TS.isIdentifier(name)) {
      declare(target(name.text), name, kind);
      const shadow = kind === "var" ? catchParameter(name.text, scope) : undefined;
      if (shadow) {
        shadow.declarations.push(name);
        declared.set(name, shadow);
      }
      return;
    }
    for (const element of name.elements) {
      if (!TS.isBindingElement(element)) continue;
      if (element.propertyName && TS.isComputedPropertyName(element.propertyName))
        visit(element.propertyName.expression, scope);
      pattern(element.name, target, kind, scope);
      if (element.initializer) visit(element.initializer, scope);
    }
  };

  const reference = (node: ts.Identifier, access: Reference["access"], scope: OpenScope): void => {
    const entry: OpenReference = { node, access, scope, binding: undefined };
    pending.push(entry);
    referenceOf.set(node, entry);
  };

  /** An assignment target: identifiers in it are written, everything else is visited. */
  const target = (node: ts.Node, scope: OpenScope, access: "write" | "readwrite"): void => {
    if (TS.isIdentifier(node)) reference(node, access, scope);
    else if (
      TS.isParenthesizedExpression(node) ||
      TS.isAsExpression(node) ||
      TS.isNonNullExpression(node) ||
      TS.isSatisfiesExpression(node) ||
      TS.isTypeAssertionExpression(node) ||
      TS.isSpreadElement(node) ||
      TS.isSpreadAssignment(node)
    )
      target(node.expression, scope, access);
    else if (TS.isArrayLiteralExpression(node)) for (const element of node.elements) targetElement(element, scope);
    else if (TS.isObjectLiteralExpression(node)) {
      for (const property of node.properties) {
        if (property.name && TS.isComputedPropertyName(property.name)) visit(property.name.expression, scope);
        if (TS.isShorthandPropertyAssignment(property)) {
          reference(property.name, "write", scope);
          if (property.objectAssignmentInitializer) visit(property.objectAssignmentInitializer, scope);
        } else if (TS.isPropertyAssignment(property)) targetElement(property.initializer, scope);
        else target(property, scope, "write");
      }
    } else visit(node, scope);
  };
  const targetElement = (node: ts.Node, scope: OpenScope): void => {
    if (TS.isBinaryExpression(node) && node.operatorToken.kind === K.EqualsToken) {
      target(node.left, scope, "write");
      visit(node.right, scope);
    } else target(node, scope, "write");
  };

  const functionLike = (node: ts.SignatureDeclaration, outer: OpenScope): void => {
    for (const decorator of decoratorsOf(node)) visit(decorator, outer);
    if (node.name && TS.isComputedPropertyName(node.name)) visit(node.name.expression, outer);
    let parent = outer;
    if (TS.isFunctionExpression(node) && node.name) {
      parent = open(node, outer, node, false);
      declare(parent, node.name, "self-name");
    }
    const scope = open(node, parent, node);
    const before = pending.length;
    for (const parameter of node.parameters) {
      for (const decorator of decoratorsOf(parameter)) visit(decorator, outer);
      pattern(parameter.name, () => scope, "parameter", scope);
      if (parameter.initializer) visit(parameter.initializer, scope);
    }
    const body = "body" in node ? (node.body as ts.ConciseBody) : undefined;
    if (!body) return;
    if (pending.length > before) {
      const inClosures = pending.slice(before).filter((one) => one.scope.functionNode !== node);
      seenByParameters.set(node, new Set(inClosures.map((one) => one.node.text)));
    }
    if (!TS.isBlock(body)) visit(body, scope);
    else {
      const inner = hasParameterExpressions(node) ? open(body, scope, node) : scope;
      for (const statement of body.statements) visit(statement, inner);
    }
  };

  const classLike = (node: ts.ClassLikeDeclaration, outer: OpenScope): void => {
    if (TS.isClassDeclaration(node) && node.name) declare(outer, node.name, "class");
    for (const decorator of decoratorsOf(node)) visit(decorator, outer);
    const scope = open(node, outer, outer.functionNode);
    if (node.name) {
      const inner = bound(node.name, "self-name", scope);
      scope.bindings.set(node.name.text, inner);
      if (TS.isClassExpression(node)) declared.set(node.name, inner);
    }
    for (const clause of node.heritageClauses ?? []) {
      if (clause.token === K.ExtendsKeyword) for (const type of clause.types) visit(type.expression, scope);
    }
    for (const member of node.members) visit(member, scope);
  };

  /** The scope of the children that are being visited: one visitor for all nodes, not one for each. */
  let around = root;
  const visitChild = (child: ts.Node): void => visit(child, around);
  const visitChildren = (node: ts.Node, scope: OpenScope): void => {
    const outer = around;
    around = scope;
    eachChild(tree, node, visitChild);
    around = outer;
  };

  const visit = (node: ts.Node, scope: OpenScope): void => {
    const { kind } = node;
    if (kind <= K.LastToken) {
      if (kind === K.Identifier) reference(node as ts.Identifier, "read", scope);
      return;
    }
    if (TS.isExpressionWithTypeArguments(node)) return visit(node.expression, scope);
    if (isErased(node, kind)) return;
    if (TS.isFunctionLike(node)) {
      if (TS.isFunctionDeclaration(node) && node.name) declare(scope, node.name, "function");
      return functionLike(node, scope);
    }
    if (TS.isClassLike(node)) return classLike(node, scope);
    switch (node.kind) {
      case K.Block:
      case K.CaseBlock:
      case K.ForStatement:
      case K.ForInStatement:
      case K.ForOfStatement: {
        const inner = open(node, scope, scope.functionNode);
        const head = node as ts.ForInOrOfStatement;
        if (
          (node.kind === K.ForInStatement || node.kind === K.ForOfStatement) &&
          !TS.isVariableDeclarationList(head.initializer)
        ) {
          target(head.initializer, inner, "write");
          visit(head.expression, inner);
          visit(head.statement, inner);
        } else visitChildren(node, inner);
        return;
      }
      case K.CatchClause: {
        const clause = node as ts.CatchClause;
        const inner = open(node, scope, scope.functionNode);
        if (clause.variableDeclaration) pattern(clause.variableDeclaration.name, () => inner, "catch", inner);
        visit(clause.block, inner);
        return;
      }
      case K.ClassStaticBlockDeclaration: {
        const inner = open(node, scope, node);
        for (const statement of (node as ts.ClassStaticBlockDeclaration).body.statements) visit(statement, inner);
        return;
      }
      case K.PropertyDeclaration: {
        const property = node as ts.PropertyDeclaration;
        for (const decorator of decoratorsOf(property)) visit(decorator, scope);
        if (TS.isComputedPropertyName(property.name)) visit(property.name.expression, scope);
        const inner = open(node, scope, node);
        if (property.initializer) visit(property.initializer, inner);
        return;
      }
      case K.VariableDeclarationList: {
        const list = node as ts.VariableDeclarationList;
        const flags = list.flags & TS.NodeFlags.BlockScoped;
        const kind: BindingKind =
          flags === 0 ? "var" : flags === TS.NodeFlags.Const ? "const" : flags === TS.NodeFlags.Let ? "let" : "using";
        for (const declaration of list.declarations) {
          pattern(declaration.name, (name) => (kind === "var" ? varScope(scope, name) : scope), kind, scope);
          if (declaration.initializer) visit(declaration.initializer, scope);
        }
        return;
      }
      case K.ImportDeclaration: {
        const clause = (node as ts.ImportDeclaration).importClause;
        if (!clause || clause.isTypeOnly) return;
        if (clause.name) declare(scope, clause.name, "import");
        const named = clause.namedBindings;
        if (named && TS.isNamespaceImport(named)) declare(scope, named.name, "import");
        if (named && TS.isNamedImports(named))
          for (const e of named.elements) if (!e.isTypeOnly) declare(scope, e.name, "import");
        return;
      }
      case K.ImportEqualsDeclaration: {
        const declaration = node as ts.ImportEqualsDeclaration;
        if (declaration.isTypeOnly) return;
        declare(scope, declaration.name, "import");
        let entity: ts.Node = declaration.moduleReference;
        while (TS.isQualifiedName(entity)) entity = entity.left;
        if (TS.isIdentifier(entity)) reference(entity, "read", scope);
        return;
      }
      case K.ExportDeclaration: {
        const declaration = node as ts.ExportDeclaration;
        if (declaration.moduleSpecifier || declaration.isTypeOnly || !declaration.exportClause) return;
        if (!TS.isNamedExports(declaration.exportClause)) return;
        for (const specifier of declaration.exportClause.elements) {
          const local = specifier.propertyName ?? specifier.name;
          if (!specifier.isTypeOnly && TS.isIdentifier(local)) reference(local, "read", scope);
        }
        return;
      }
      case K.EnumDeclaration: {
        const declaration = node as ts.EnumDeclaration;
        declare(scope, declaration.name, "enum");
        const inner = open(node, scope, scope.functionNode);
        for (const member of declaration.members) {
          if (TS.isIdentifier(member.name)) declare(inner, member.name, "enum");
          if (member.initializer) visit(member.initializer, inner);
        }
        return;
      }
      case K.ModuleDeclaration: {
        const declaration = node as ts.ModuleDeclaration;
        if (!TS.isIdentifier(declaration.name) || !declaration.body) return;
        declare(scope, declaration.name, "namespace");
        const inner = open(node, scope, node);
        if (TS.isModuleBlock(declaration.body))
          for (const statement of declaration.body.statements) visit(statement, inner);
        else visit(declaration.body, inner);
        return;
      }
      case K.BinaryExpression: {
        const { left, operatorToken, right } = node as ts.BinaryExpression;
        if (operatorToken.kind === K.EqualsToken) target(left, scope, "write");
        else if (operatorToken.kind >= K.FirstAssignment && operatorToken.kind <= K.LastAssignment)
          target(left, scope, "readwrite");
        else visit(left, scope);
        return visit(right, scope);
      }
      case K.PrefixUnaryExpression:
      case K.PostfixUnaryExpression: {
        const { operator, operand } = node as ts.PrefixUnaryExpression;
        if (operator === K.PlusPlusToken || operator === K.MinusMinusToken) return target(operand, scope, "readwrite");
        return visit(operand, scope);
      }
      case K.PropertyAccessExpression:
        return visit((node as ts.PropertyAccessExpression).expression, scope);
      case K.PropertyAssignment: {
        const property = node as ts.PropertyAssignment;
        if (TS.isComputedPropertyName(property.name)) visit(property.name.expression, scope);
        return visit(property.initializer, scope);
      }
      case K.ShorthandPropertyAssignment:
        return reference((node as ts.ShorthandPropertyAssignment).name, "read", scope);
      case K.LabeledStatement:
        return visit((node as ts.LabeledStatement).statement, scope);
      case K.BreakStatement:
      case K.ContinueStatement:
      case K.MetaProperty:
      case K.NamespaceExportDeclaration:
        return;
      case K.JsxAttribute: {
        const { initializer } = node as ts.JsxAttribute;
        if (initializer) visit(initializer, scope);
        return;
      }
      case K.JsxOpeningElement:
      case K.JsxSelfClosingElement:
      case K.JsxClosingElement: {
        const element = node as ts.JsxOpeningLikeElement;
        const tag: ts.Node = element.tagName;
        // A lower-case tag is a string for the JSX runtime, never a variable.
        if (!(TS.isIdentifier(tag) && /^[a-z]/.test(tag.text)) && !TS.isJsxNamespacedName(tag)) visit(tag, scope);
        if (element.attributes) visit(element.attributes, scope);
        return;
      }
      default:
        return visitChildren(node, scope);
    }
  };

  for (const statement of sourceFile.statements) visit(statement, root);
  const globals: Reference[] = [];
  for (const entry of pending) {
    const { text } = entry.node;
    let binding: OpenBinding | undefined;
    for (let scope: OpenScope | null = entry.scope; scope && !binding; scope = scope.parent)
      binding = scope.bindings.get(text);
    if (!binding) {
      globals.push(entry);
      continue;
    }
    entry.binding = binding;
    binding.references.push(entry);
    if (!isModuleLevel(binding) && entry.scope.functionNode !== binding.scope.functionNode) binding.captured = true;
  }

  return {
    root,
    globals,
    resolve: (identifier) => referenceOf.get(identifier)?.binding ?? declared.get(identifier),
    reference: (identifier) => referenceOf.get(identifier),
    scopeOf: (node) => {
      for (let at: ts.Node | undefined = node; at; at = at.parent) {
        const scope = scopes.get(at);
        if (scope) return scope;
      }
      return root;
    },
  };
}
