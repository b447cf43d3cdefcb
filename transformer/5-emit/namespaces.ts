/**
 * Namespaces of the project's own modules that the file imports from: instances and errors of classes that these export are saved by the name of their class,
 * also where the file names none of them. Packages are left to what is imported of them: a namespace keeps all that a module exports in a bundle.
 */
import { posix } from "node:path";
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import type { ModuleContext } from "../3-lower/context.ts";

export interface OwnNamespace {
  /** As paths of modules are written in names: `src/services.ts`. */
  readonly module: string;
  readonly local: string;
  /** The import to be added; undefined where the file has one. */
  readonly import: string | undefined;
}

/** Relative, or by an alias that cannot be a package: `@/services`, `~/services`, `#services`. */
const OWN = /^(?:\.{1,2}(?:\/|$)|[~@]\/|#)/;
/** Data has no classes. */
const DATA = /\.json$/;

/** `referred`: the names of the file that its text refers to at run time. A host removes all other imports. */
export function ownNamespaces(
  { sourceFile, unique }: { readonly sourceFile: ts.SourceFile; readonly unique: ModuleContext["unique"] },
  name: string,
  referred: readonly string[],
): readonly OwnNamespace[] {
  const found = new Map<string, OwnNamespace>();
  for (const statement of sourceFile.statements) {
    if (!TS.isImportDeclaration(statement) || !TS.isStringLiteral(statement.moduleSpecifier)) continue;
    const { text } = statement.moduleSpecifier;
    if (!OWN.test(text) || DATA.test(text) || statement.attributes !== undefined) continue;
    const { names, namespace } = localsOf(statement);
    if (!names.some((one) => referred.includes(one)) || (found.has(text) && namespace === undefined)) continue;
    const module = text.startsWith(".") ? posix.join(posix.dirname(name), text) : text;
    const local = namespace ?? unique(`${identifierOf(module)}$`);
    found.set(text, {
      module,
      local,
      import:
        namespace === undefined
          ? `import * as ${local} from ${statement.moduleSpecifier.getText(sourceFile)};`
          : undefined,
    });
  }
  return [...found.values()];
}

/** What an import binds. */
function localsOf({ importClause }: ts.ImportDeclaration): { names: readonly string[]; namespace: string | undefined } {
  const { name, namedBindings } = importClause ?? {};
  const namespace = namedBindings && TS.isNamespaceImport(namedBindings) ? namedBindings.name.text : undefined;
  const named =
    namedBindings && TS.isNamedImports(namedBindings) ? namedBindings.elements.map((one) => one.name.text) : [];
  const names = [...named, ...(name ? [name.text] : []), ...(namespace === undefined ? [] : [namespace])];
  return { names, namespace };
}

/** `src/card-service.ts` is called `card_service`, and `src/orders/index.ts` `orders`. */
function identifierOf(module: string): string {
  const path = module.replace(/(?:\/index)?(?:\.[cm]?[jt]sx?)?$/, "");
  const word = posix
    .basename(path)
    .replace(/^#/, "")
    .replace(/[^\p{ID_Continue}$]+/gu, "_");
  return word.replace(/^(?=\d)/, "_") || "own";
}
