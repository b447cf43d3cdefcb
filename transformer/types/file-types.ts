/** Answers the analysis' questions about one file from a typed program. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { awaitTypeOf, builtInOf, isAsyncIterable, isCallable, isPrimitive, type TypeFacts } from "./classify.ts";
import type { FileTypes } from "./questions.ts";

/** @param sourceFile the program's own tree of the file; the questions are about nodes of another tree of the same text */
export function fileTypes(program: ts.Program, sourceFile: ts.SourceFile): FileTypes {
  const checker = program.getTypeChecker();
  const facts: TypeFacts = {
    checker,
    isLibrary: (symbol) =>
      (symbol.declarations ?? []).some((declaration) =>
        program.isSourceFileDefaultLibrary(declaration.getSourceFile()),
      ),
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

  return {
    awaitType: (node) => {
      const type = typeOf(node);
      return type ? awaitTypeOf(type, facts) : "unknown";
    },
    callable: (node) => {
      const type = typeOf(node);
      return type ? isCallable(type, checker) : "unknown";
    },
    primitive: (node) => {
      const type = typeOf(node);
      return type !== undefined && isPrimitive(type, checker);
    },
    builtIn: (node) => {
      const type = typeOf(node);
      return type && builtInOf(type, facts);
    },
    asyncIterable: (node) => {
      const type = typeOf(node);
      return type !== undefined && isAsyncIterable(type, checker);
    },
    print: (node) => {
      const type = typeOf(node);
      return type ? checker.typeToString(type) : "unknown";
    },
  };
}
