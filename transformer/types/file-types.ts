/** Answers the analysis' questions about one file from a typed program. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import {
  asyncIterationOf,
  awaitTypeOf,
  builtInOf,
  hasEnding,
  isAbortSignal,
  isCallable,
  isComing,
  isConnection,
  isLive,
  isPrimitive,
  isService,
  type TypeFacts,
} from "./classify.ts";
import type { FileTypes } from "./questions.ts";

const opensWithDirective = (statements: readonly ts.Statement[]): boolean => {
  for (const statement of statements) {
    if (!TS.isExpressionStatement(statement) || !TS.isStringLiteral(statement.expression)) return false;
    if (statement.expression.text === "use durable") return true;
  }
  return false;
};

/** Does the declaration stand in a durable module, or carry the directive itself? The `.d.ts` of a package that is compiled is as good as its code. */
function directiveOf(included: (fileName: string) => boolean): (declaration: ts.Declaration) => boolean {
  const wholes = new Map<ts.SourceFile, boolean>();
  const isWhole = (file: ts.SourceFile): boolean => {
    let is = wholes.get(file);
    if (is === undefined) wholes.set(file, (is = opensWithDirective(file.statements) || included(file.fileName)));
    return is;
  };
  return (declaration) => {
    if (isWhole(declaration.getSourceFile())) return true;
    const made = TS.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
    const body = made && TS.isFunctionLike(made) ? (made as ts.FunctionLikeDeclaration).body : undefined;
    return body !== undefined && TS.isBlock(body) && opensWithDirective(body.statements);
  };
}

/** Is this the code itself, or the `.d.ts` of it, and not only a type that many functions may have? */
const isImplementation = (declaration: ts.Declaration): boolean =>
  (TS.isFunctionLike(declaration) && "body" in declaration && declaration.body !== undefined) ||
  (!TS.isTypeElement(declaration) && !TS.isTypeNode(declaration) && declaration.getSourceFile().isDeclarationFile);

/** Declared so that it never has another value. Interfaces and type aliases of the same name do not matter. */
const isConstant = (declaration: ts.Declaration): boolean =>
  TS.isVariableDeclaration(declaration)
    ? (TS.getCombinedNodeFlags(declaration) & TS.NodeFlags.Const) !== 0
    : TS.isFunctionDeclaration(declaration) ||
      TS.isClassDeclaration(declaration) ||
      TS.isEnumDeclaration(declaration) ||
      TS.isInterfaceDeclaration(declaration) ||
      TS.isTypeAliasDeclaration(declaration) ||
      TS.isExportAssignment(declaration);

/**
 * @param sourceFile the program's own tree of the file; the questions are about nodes of another tree of the same text
 * @param included files that are durable without a directive
 */
export function fileTypes(
  program: ts.Program,
  sourceFile: ts.SourceFile,
  included: (fileName: string) => boolean,
): FileTypes {
  const hasDirective = directiveOf(included);
  const checker = program.getTypeChecker();
  const facts: TypeFacts = {
    checker,
    isLibrary: (symbol) =>
      (symbol.declarations ?? []).some((declaration) =>
        program.isSourceFileDefaultLibrary(declaration.getSourceFile()),
      ),
    isOperation: (symbol) =>
      (symbol.name === "Token" || symbol.name === "ChildRun") &&
      (symbol.declarations ?? []).some((one) =>
        /\/machine\/operations\/(token|start)(\.d)?\.ts$/.test(one.getSourceFile().fileName),
      ),
    // An interface says nothing of who implements it.
    isDurable: (symbol) => (symbol.declarations ?? []).some((one) => !TS.isTypeElement(one) && hasDirective(one)),
  };

  /** The same node in the program's tree: same kind, same place. */
  const own = (node: ts.Node): ts.Node | undefined => {
    if (node.getSourceFile() === sourceFile) return node;
    let found: ts.Node | undefined;
    const visit = (at: ts.Node): void => {
      if (found || at.pos > node.pos || at.end < node.end) return;
      if (at.kind === node.kind && at.pos === node.pos && at.end === node.end) found = at;
      else TS.forEachChild(at, visit);
    };
    visit(sourceFile);
    return found;
  };

  const types = new Map<ts.Node, ts.Type | undefined>();
  const typeOf = (node: ts.Node): ts.Type | undefined => {
    if (!types.has(node)) {
      const same = own(node);
      types.set(node, same && checker.getTypeAtLocation(same));
    }
    return types.get(node);
  };

  /** Of an unknown type nothing is known. */
  const isOf =
    (is: (type: ts.Type) => boolean) =>
    (node: ts.Expression): boolean => {
      const type = typeOf(node);
      return type !== undefined && is(type);
    };

  return {
    awaitType: (node) => {
      if (givesPromise(node)) return "promise";
      const type = typeOf(node);
      return type ? awaitTypeOf(type, facts) : "unknown";
    },
    callable: (node) => {
      const type = typeOf(node);
      return type ? isCallable(type, checker) : "unknown";
    },
    primitive: isOf((type) => isPrimitive(type, checker)),
    builtIn: (node) => {
      const type = typeOf(node);
      return type && builtInOf(type, facts);
    },
    abortSignal: isOf((type) => isAbortSignal(type, checker)),
    asyncIterable: (node) => {
      const type = typeOf(node);
      const made = (type && asyncIterationOf(type, facts)) ?? "none";
      const isOrdinary =
        made === "unknown" && TS.isCallExpression(node) && implementation(node.expression) === "ordinary";
      return isOrdinary ? "ordinary" : made;
    },
    live: isOf((type) => isLive(type, facts)),
    connection: isOf((type) => isConnection(type, facts)),
    ending: isOf((type) => hasEnding(type, facts)),
    coming: isOf((type) => isComing(type, facts)),
    service: isOf((type) => awaitTypeOf(type, facts) === "plain" && isService(type, facts)),
    declaredDurable: (callee) => declarationsOf(callee).some(hasDirective),
    constant: (name) => {
      const declarations = declarationsOf(name);
      return declarations.length > 0 && declarations.every(isConstant);
    },
    implementation,
    print: (node) => {
      const type = typeOf(node);
      return type ? checker.typeToString(type) : "unknown";
    },
  };

  /** Is it a call in an optional chain that gives a promise when it is made? Its type is that of the chain, which may end before. */
  function givesPromise(node: ts.Expression): boolean {
    const same = TS.isOptionalChain(node) ? own(node) : undefined;
    const declaration = same && TS.isCallExpression(same) && checker.getResolvedSignature(same)?.declaration;
    const signature =
      declaration && !TS.isJSDocSignature(declaration) && checker.getSignatureFromDeclaration(declaration);
    return !!signature && awaitTypeOf(signature.getReturnType(), facts) === "promise";
  }

  function declarationsOf(name: ts.Expression): readonly ts.Declaration[] {
    const same = own(name);
    const symbol = same && checker.getSymbolAtLocation(TS.isPropertyAccessExpression(same) ? same.name : same);
    const target = symbol && (symbol.flags & TS.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
    return target?.declarations ?? [];
  }

  function implementation(callee: ts.Expression): "durable" | "ordinary" | "unknown" {
    const declared = typeOf(callee);
    const type = declared && checker.getNonNullableType(declared);
    const signatures = type ? [...type.getCallSignatures(), ...type.getConstructSignatures()] : [];
    const declarations = signatures.flatMap(({ declaration }) => declaration ?? []);
    if (declarations.length === 0 || !declarations.every(isImplementation)) return "unknown";
    const durable = declarations.filter(hasDirective).length;
    return durable === 0 ? "ordinary" : durable === declarations.length ? "durable" : "unknown";
  }
}
