/** Classifies a source text for the tests, and prints the classes of its calls. */
import { parse } from "@perdure/transformer/internal/1-parse/parse";
import { loadTypeScript } from "@perdure/transformer/internal/1-parse/typescript";
import type { CallTable, Operand } from "@perdure/transformer/internal/2-analyze/calls/classes";
import { classifyCalls } from "@perdure/transformer/internal/2-analyze/calls/classify";
import { analyzeScopes } from "@perdure/transformer/internal/2-analyze/scopes";
import type { FileTypes } from "@perdure/transformer/internal/types/questions";
import type { ts } from "@ts-morph/common";

loadTypeScript();

export interface Classified {
  readonly sourceFile: ts.SourceFile;
  readonly table: CallTable;
  /** Every call in source order. */
  readonly calls: readonly {
    text: string;
    line: number;
    class: string;
    row: string;
    operands: string;
    node: ts.Node;
  }[];
}

/** `made(new Put({ Key: order.id }) ← order.id)`: an operand with its own. */
export const printOperand = (operand: Operand | null): string =>
  operand === null
    ? ""
    : operand.kind === "leaf"
      ? operand.node.getText()
      : `${operand.kind}(${operand.node.getText()} ← ${operand.operands.map(printOperand).join(", ")})`;

export function classify(text: string, types?: FileTypes, fileName = "/app/orders.ts"): Classified {
  const { sourceFile, tree, problems } = parse(fileName, text);
  if (problems.length > 0) throw new Error(problems[0]!.message);
  const table = classifyCalls(tree, analyzeScopes(tree), [sourceFile], types);
  const calls = table.explained().map(({ node, class: words }) => {
    const found = table.classOf(node);
    const name = found ? found.type + (found.type === "callNow" && found.promised ? "+" : "") : "text";
    const operands =
      found?.type === "call"
        ? [found.receiver, ...found.args]
            .filter((operand) => operand !== null)
            .map(printOperand)
            .join("; ")
        : found?.type === "construct"
          ? [found.constructed, ...found.args].map(printOperand).join("; ")
          : found && "operands" in found
            ? found.operands.map(printOperand).join("; ")
            : "";
    const row = /\((.*)\)$/.exec(words)?.[1] ?? words;
    const line = sourceFile.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    return { text: node.getText(), line, class: name, row, operands, node };
  });
  return { sourceFile, table, calls };
}

/** Classes of the calls of one function body, as `text: class`. */
export const classesOf = (body: string, types?: FileTypes): string[] =>
  classify(`"use durable";\n${body}`, types).calls.map((call) => `${call.text.replace(/\s+/g, " ")}: ${call.class}`);
