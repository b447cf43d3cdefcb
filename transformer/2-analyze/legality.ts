/**
 * Checks what durable code contains against the table of {@link LANGUAGE}: what is refused for good (PD10xx), what is
 * left to a later version (PD11xx), what works until two runs meet (PD12xx, warnings). Everything else is supported.
 */
import type { ts } from "@ts-morph/common";
import { numberOf, type Tree } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnostic } from "../diagnostics/make.ts";
import type { DiagnosticCode } from "../diagnostics/messages.ts";
import type { FileTypes } from "../types/questions.ts";
import type { Scopes } from "./bindings.ts";
import { analyzeNames } from "./calls/names.ts";
import { functionName } from "./function-names.ts";
import { type Finding, LANGUAGE, type LanguageFacts } from "./language.ts";
import { durableClasses, durableCode } from "./regions.ts";
import { moduleStateWarnings } from "./shared-state.ts";

const CODE_ROWS = LANGUAGE.filter((row) => row.inspect === "code");
const CLASS_ROWS = LANGUAGE.filter((row) => row.inspect === "class");

/**
 * @param roots what is durable: the source file, or its functions with the directive
 * @param volatile functions whose body runs inside a step, where everything is allowed
 */
export function checkLegality(
  tree: Tree,
  scopes: Scopes,
  roots: readonly ts.Node[],
  volatile: ReadonlySet<ts.Node>,
  types?: FileTypes,
): Diagnostic[] {
  const { sourceFile } = tree;
  const regions = durableCode(roots);
  const facts: LanguageFacts = { names: analyzeNames(scopes, regions), types };
  const found: Diagnostic[] = [];
  const add = (code: DiagnosticCode, node: ts.Node, { place, details }: Finding): void => {
    found.push(diagnostic(code, sourceFile, place ?? node, { function: functionName(node), ...details }));
  };

  const { LastToken } = TS.SyntaxKind;
  for (const region of regions) {
    const end = tree.ends[numberOf(region)]!;
    for (let at = numberOf(region); at < end; at++) {
      // Half of the nodes: names, literals and keywords, of which no row says anything.
      if (tree.kinds[at]! <= LastToken) continue;
      const node = tree.nodes[at]!;
      if (
        (volatile.size > 0 && volatile.has(node)) ||
        (TS.isTypeNode(node) && !TS.isExpressionWithTypeArguments(node))
      ) {
        at = tree.ends[at]! - 1;
        continue;
      }
      for (const row of CODE_ROWS) {
        const finding = row.check(node, facts);
        if (!finding) continue;
        add(row.code, node, finding);
        break;
      }
    }
  }
  // Classes of the module's level are durable, though the code that makes them is ordinary.
  for (const node of durableClasses(tree, roots))
    for (const row of CLASS_ROWS) for (const finding of row.check(node, facts)) add(row.code, node, finding);
  found.push(...moduleStateWarnings(sourceFile, scopes, regions, volatile));
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}
