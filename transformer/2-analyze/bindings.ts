/** Names: what the scope table gives to the later passes. */
import type { ts } from "@ts-morph/common";

export type BindingKind =
  | "var"
  | "let"
  | "const"
  | "function"
  | "class"
  | "parameter"
  | "catch"
  | "import"
  | "using"
  | "enum"
  | "namespace"
  | "self-name";

/** One variable. Identity is the object's. */
export interface Binding {
  readonly name: string;
  readonly kind: BindingKind;
  /** The scope it belongs to (for `var`: the function). */
  readonly scope: Scope;
  /** Its declaring identifiers, in source order. */
  readonly declarations: readonly ts.Identifier[];
  /** Every identifier that reads or writes it, declarations excluded, in source order (types are no references). */
  readonly references: readonly Reference[];
  /** Read or written by a function other than the one it belongs to. Never true for module-level bindings. */
  readonly captured: boolean;
  /** The parameter whose value a `var` of the body starts with: one of its name that closures of the parameter list see (ECMA-262 10.2.11 step 28). */
  readonly startsAs: Binding | undefined;
}

export interface Reference {
  readonly node: ts.Identifier;
  readonly access: "read" | "write" | "readwrite";
  readonly scope: Scope;
  /** Undefined: a global. */
  readonly binding: Binding | undefined;
}

export interface Scope {
  /** The function, block, loop, class, catch clause, switch or source file that opens it. */
  readonly node: ts.Node;
  readonly parent: Scope | null;
  /** The innermost enclosing function (or the source file): where `var`s live. */
  readonly functionNode: ts.Node;
  readonly bindings: ReadonlyMap<string, Binding>;
}

export interface Scopes {
  readonly root: Scope;
  /** The names that nothing in the file declares. */
  readonly globals: readonly Reference[];
  /** The binding an identifier in value position refers to; undefined: a global, a property name, a type. */
  resolve(identifier: ts.Identifier): Binding | undefined;
  /** How an identifier uses its binding, or a global; undefined for declarations, and for names of properties, labels and types. */
  reference(identifier: ts.Identifier): Reference | undefined;
  /** The scope that a node opens, or stands in. */
  scopeOf(node: ts.Node): Scope;
}
