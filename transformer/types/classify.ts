/** What a type is to an `await`, a call and a save. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { CONNECTING, EAGER_PROMISES, ENDING, LIVE_TYPES } from "../2-analyze/calls/platform.ts";
import type { AwaitType } from "./questions.ts";

/** A checker, and which declarations are those of the language's library. */
export interface TypeFacts {
  readonly checker: ts.TypeChecker;
  isLibrary(symbol: ts.Symbol): boolean;
  /** `Token` or `ChildRun` of `perdure`. */
  isOperation(symbol: ts.Symbol): boolean;
  /** Declared in a durable module. */
  isDurable(symbol: ts.Symbol): boolean;
}

const has = (type: ts.Type, flags: ts.TypeFlags): boolean => (type.flags & flags) !== 0;

/** `any`, `unknown`, `object`, `{}` and what is not resolved: nothing is known of a value. */
const isOpen = (type: ts.Type, checker: ts.TypeChecker): boolean => {
  const F = TS.TypeFlags;
  if (
    has(type, F.Any | F.Unknown | F.NonPrimitive | F.TypeParameter | F.Conditional | F.IndexedAccess | F.Substitution)
  )
    return true;
  return (
    has(type, F.Object) &&
    checker.getPropertiesOfType(type).length === 0 &&
    type.getCallSignatures().length === 0 &&
    type.getConstructSignatures().length === 0 &&
    checker.getIndexInfosOfType(type).length === 0 &&
    !type.isClass()
  );
};

/** A type parameter stands for its constraint. */
const resolved = (type: ts.Type, checker: ts.TypeChecker): ts.Type =>
  has(type, TS.TypeFlags.Instantiable) ? (checker.getBaseConstraintOfType(type) ?? type) : type;

/** The method of this name. */
const methodOf = (type: ts.Type, name: string, checker: ts.TypeChecker): ts.Symbol | undefined => {
  const property = checker.getPropertyOfType(type, name);
  return property && checker.getTypeOfSymbol(property).getCallSignatures().length > 0 ? property : undefined;
};

export function awaitTypeOf(given: ts.Type, facts: TypeFacts): AwaitType {
  const { checker } = facts;
  const F = TS.TypeFlags;
  const type = resolved(given, checker);
  const names = [type.aliasSymbol?.name, type.getSymbol()?.name];
  if (names.some((name) => name !== undefined && EAGER_PROMISES.has(name))) return "promise";
  if (type.isUnion()) {
    const some = type.types.filter((part) => !has(part, F.Undefined | F.Null));
    const parts = new Set(some.map((part) => awaitTypeOf(part, facts)));
    if (parts.size === 1 && parts.has("promise") && some.length === type.types.length) return "promise";
    if (parts.has("promise") || parts.has("maybe-promise")) return "maybe-promise";
    for (const kind of ["thenable", "unknown", "void"] as const) if (parts.has(kind)) return kind;
    return "plain";
  }
  if (type.isIntersection() && type.types.some((part) => awaitTypeOf(part, facts) === "promise")) return "promise";
  if (has(type, F.Void)) return "void";
  if (has(type, F.Object | F.Intersection)) {
    const symbol = type.getSymbol();
    if (symbol?.name === "Promise" && facts.isLibrary(symbol)) return "promise";
    // What `perdure` itself gives is a promise of the run.
    if (symbol && facts.isOperation(symbol)) return "promise";
    const then = methodOf(type, "then", checker);
    // The thenable of a durable class is awaited in the turn: who makes it decides, by its mark.
    if (then) return facts.isDurable(then) ? "unknown" : "thenable";
  }
  return isOpen(type, checker) ? "unknown" : "plain";
}

export function isCallable(given: ts.Type, checker: ts.TypeChecker): "yes" | "no" | "unknown" {
  const type = resolved(given, checker);
  if (type.isUnion()) {
    const parts = type.types.map((part) => isCallable(part, checker));
    return parts.includes("yes") ? "yes" : parts.includes("unknown") ? "unknown" : "no";
  }
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return "yes";
  if (type.getSymbol()?.name === "Function") return "yes";
  return isOpen(type, checker) ? "unknown" : "no";
}

export function isPrimitive(given: ts.Type, checker: ts.TypeChecker): boolean {
  const type = resolved(given, checker);
  if (type.isUnion()) return type.types.every((part) => isPrimitive(part, checker));
  const F = TS.TypeFlags;
  return has(type, F.StringLike | F.NumberLike | F.BigIntLike | F.BooleanLike | F.Undefined | F.Null);
}

/** Library interfaces to the built-in they describe. */
const BUILT_INS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ReadonlyArray: "Array",
    ReadonlyMap: "Map",
    ReadonlySet: "Set",
    IterableIterator: "Iterator",
    ArrayIterator: "Iterator",
    MapIterator: "Iterator",
    SetIterator: "Iterator",
    StringIterator: "Iterator",
    RegExpStringIterator: "Iterator",
    RegExpMatchArray: "Array",
    RegExpExecArray: "Array",
  }),
);
const SELF_NAMED =
  /^(Array|Map|Set|WeakMap|WeakSet|WeakRef|String|Number|Boolean|BigInt|Symbol|Date|RegExp|Promise|Error|\w+Error|ArrayBuffer|DataView|\w+\d+(Clamped)?Array|URL|URLSearchParams|TextEncoder|TextDecoder)$/;

export function builtInOf(given: ts.Type, facts: TypeFacts): string | undefined {
  const { checker } = facts;
  const type = checker.getNonNullableType(resolved(given, checker));
  if (type.isUnion()) {
    const [first, ...rest] = new Set(type.types.map((part) => builtInOf(part, facts)));
    return rest.length === 0 ? first : undefined;
  }
  const F = TS.TypeFlags;
  if (has(type, F.StringLike)) return "String";
  if (has(type, F.NumberLike)) return "Number";
  if (has(type, F.BigIntLike)) return "BigInt";
  if (has(type, F.BooleanLike)) return "Boolean";
  if (checker.isArrayType(type) || checker.isTupleType(type)) return "Array";
  const symbol = type.getSymbol();
  if (!symbol || !has(type, F.Object) || !facts.isLibrary(symbol)) return undefined;
  return BUILT_INS.get(symbol.name) ?? (SELF_NAMED.test(symbol.name) ? symbol.name : undefined);
}

/** The library's types of what any async generator gives, durable or not. */
const ASYNC_ITERATION = /^(AsyncIterable|AsyncIterator|AsyncIterableIterator|AsyncIteratorObject|AsyncGenerator)$/;

/**
 * Whose code the method is that `for await` asks for; undefined: there is none. An interface says nothing of who implements it, and those of the
 * library nothing at all, but for streams and the like.
 */
export function asyncIterationOf(type: ts.Type, facts: TypeFacts): "ordinary" | "durable" | "unknown" | undefined {
  const apparent = facts.checker.getApparentType(type);
  const method = facts.checker
    .getPropertiesOfType(apparent)
    .find((property) => property.name.startsWith("__@asyncIterator"));
  if (method === undefined) return undefined;
  if (facts.isDurable(method)) return "durable";
  if (facts.isLibrary(method)) return ASYNC_ITERATION.test(ownerOf(method)) ? "unknown" : "ordinary";
  const declarations = method.declarations ?? [];
  return declarations.some((one) => !TS.isTypeElement(one) || one.getSourceFile().isDeclarationFile)
    ? "ordinary"
    : "unknown";
}

/** A stream of Node or of the Web, whatever else it may be on other platforms; what has such a body and methods that read it; a connection or an open file. */
export function isLive(given: ts.Type, facts: TypeFacts): boolean {
  const { checker } = facts;
  const type = checker.getNonNullableType(given);
  if (type.isUnion()) return type.types.some((part) => isLive(part, facts));
  const symbol = type.getSymbol();
  if (symbol?.name === "Response" && (facts.isLibrary(symbol) || isGlobal(symbol))) return false;
  if (symbol && LIVE_TYPES.has(symbol.name) && isOfPackage(symbol)) return true;
  const responds = (name: string): boolean => methodOf(type, name, checker) !== undefined;
  if (responds("getReader") || (responds("pipe") && responds("on"))) return true;
  const body = checker.getPropertyOfType(type, "body");
  if (!body || !checker.getPropertyOfType(type, "bodyUsed")) return false;
  return isLive(checker.getTypeOfSymbol(body), facts);
}

/** What a package makes and goes on with: an async iterable, or what has promises, streams and the like in its properties. */
export function isComing(given: ts.Type, facts: TypeFacts): boolean {
  const { checker } = facts;
  const type = checker.getNonNullableType(given);
  if (!isMadeByPackage(type) || awaitTypeOf(type, facts) !== "plain") return false;
  if (asyncIterationOf(type, facts) === "ordinary") return true;
  return checker.getPropertiesOfType(type).some((property) => {
    const of = checker.getTypeOfSymbol(property);
    return methodOf(of, "then", checker) !== undefined || asyncIterationOf(of, facts) !== undefined;
  });
}

/** An object of ordinary code with methods of its own, or with parts that have: `s3.send(…)`, `stripe.charges.create(…)`. */
export function isService(given: ts.Type, facts: TypeFacts): boolean {
  const type = facts.checker.getNonNullableType(given);
  if (type.isIntersection()) return type.types.some((one) => isService(one, facts));
  return hasMethods(type, facts, (part) => hasMethods(part, facts, () => false));
}

function hasMethods(type: ts.Type, facts: TypeFacts, isPart: (type: ts.Type) => boolean): boolean {
  const symbol = type.getSymbol();
  if (!symbol || !(type.flags & TS.TypeFlags.Object) || facts.isLibrary(symbol) || facts.isDurable(symbol))
    return false;
  return facts.checker.getPropertiesOfType(type).some((property) => {
    const of = facts.checker.getTypeOfSymbol(property);
    return of.getCallSignatures().length > 0 || isPart(of);
  });
}

/** What a package makes, and a call of its own ends. */
export function hasEnding(given: ts.Type, { checker }: TypeFacts): boolean {
  const type = checker.getNonNullableType(given);
  return isMadeByPackage(type) && ENDING.some((name) => methodOf(type, name, checker) !== undefined);
}

/** A client of a package that is connected and ended by calls of its own: of a database, a queue, a mail server. */
export const isConnection = (given: ts.Type, facts: TypeFacts): boolean =>
  hasEnding(given, facts) && methodOf(facts.checker.getNonNullableType(given), CONNECTING, facts.checker) !== undefined;

/** Its type, or all that is joined in it (node-redis adds commands to a client), is declared by packages. */
const isMadeByPackage = (type: ts.Type): boolean => {
  if (type.isIntersection()) return type.types.some(isMadeByPackage);
  const symbol = type.getSymbol();
  return symbol !== undefined && isOfPackage(symbol);
};

/** Declared by a package, and not by the project. */
const isOfPackage = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.every((one) => one.getSourceFile().isDeclarationFile) ?? false;

/** The interface that declares a method. */
const ownerOf = (method: ts.Symbol): string => {
  const parent = method.declarations?.[0]?.parent;
  return parent && TS.isInterfaceDeclaration(parent) ? parent.name.text : "";
};

/** The global interface, wherever it is declared: in the DOM's library or in Node's types. */
export function isAbortSignal(given: ts.Type, checker: ts.TypeChecker): boolean {
  const type = checker.getNonNullableType(given);
  const symbol = type.getSymbol();
  if (symbol?.name !== "AbortSignal") return false;
  return isGlobal(symbol);
}

/** Declared for every module. */
const isGlobal = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some((one) => {
    const { parent } = TS.isVariableDeclaration(one) ? one.parent.parent : one;
    const isAugmented = TS.isModuleBlock(parent) && (parent.parent.flags & TS.NodeFlags.GlobalAugmentation) !== 0;
    return isAugmented || (TS.isSourceFile(parent) && parent.isDeclarationFile && !TS.isExternalModule(parent));
  });
