/** Compiles scripts and modules of test262 for a realm that has the runtime as a global. */
import { transform } from "@perdure/transformer";
import { ts } from "@ts-morph/common";
import { bindsThis, directives, type Insertion, insert, parseScript } from "./script.ts";

/** The global that holds what generated code imports, and the driver of runs. */
export const GLOBAL = "__perdure__";

const ROOT = "/test262";

/** Durable code may not contain it: a diagnostic of the compiler. */
export class Refused extends Error {
  override name = "Refused";
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code} ${message}`);
    this.code = code;
  }
}

/** Is told the codes of the compiler's warnings. */
export type Warned = (code: string) => void;

/** A module, or a script whose top level stays ordinary. `path` is relative to the checkout. */
export function compile(source: string, path: string, warned?: Warned): string {
  const { code, diagnostics } = transform(source, { fileName: `${ROOT}/${path}`, root: ROOT, include: true });
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error?.code === "PD1007") throw new SyntaxError(error.message);
  if (error !== undefined) throw new Refused(error.code, error.message);
  if (warned !== undefined) for (const warning of diagnostics) warned(warning.code);
  return parsed(code ?? source).replace(
    /^import \* as ([\w$]+) from "perdure\/emitted";$/m,
    (_, name: string) => `const ${name} = ${GLOBAL}.emitted;`,
  );
}

const hasUsing = ((): boolean => {
  try {
    new Function("{ using _ = null; }");
    return true;
  } catch {
    return false;
  }
})();

/** `using` at the level of the module is ordinary code: hosts lower it where the platform does not parse it. */
const parsed = (code: string): string =>
  hasUsing || !/^(await )?using\b/m.test(code)
    ? code
    : ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2025, module: ts.ModuleKind.ESNext } })
        .outputText;

const BODY = "test262";

/** A script as a run: its top level is the body of the run's function. */
export const compileRun = (source: string, path: string, warned?: Warned): string => {
  const file = parseScript(source);
  const insertions: Insertion[] = [];
  const visit = (node: ts.Node): void => {
    // The `this` of a script is the global object, that of the run's function is not.
    if (node.kind === ts.SyntaxKind.ThisKeyword)
      insertions.push({ at: node.getStart(file), text: "globalThis/*" }, { at: node.end, text: "*/" });
    if (bindsThis(node)) return void (node as ts.NamedDeclaration).name?.forEachChild(visit);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const count = directives(file.statements);
  const prologue = file.statements.slice(0, count).map((it) => it.getText(file));
  const body = insert(source, insertions);
  const compiled = compile(`${prologue.join("\n")}\nfunction ${BODY}() {${body}\n}`, path, warned);
  return `${compiled}\n${GLOBAL}.drive(${BODY});`;
};

/** A script of the harness: what its top level declares becomes properties of the global object, and nothing else does. */
export function compileHarness(source: string, path: string): string {
  const names = parseScript(source).statements.flatMap(declaredNames);
  const publish = names.map((name) => `globalThis.${name} = ${name};`).join("\n");
  return `(function () {\n${compile(source, path)}\n${publish}\n}).call(this);`;
}

const declaredNames = (statement: ts.Statement): string[] => {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name !== undefined)
    return [statement.name.text];
  return [];
};
