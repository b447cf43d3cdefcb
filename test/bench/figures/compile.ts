/** What the transform costs beyond what every preprocessor pays that rewrites the same modules and maps each word of them. */
import { GenMapping, maybeAddMapping, setSourceContent, toEncodedMap } from "@jridgewell/gen-mapping";
import { transform } from "@perdure/transformer";
import { ts } from "@ts-morph/common";
import { cpu, type Figure, sideBySide } from "../figure.ts";
import { durableModules, type Module } from "../sources.ts";

const MODULES = 1000;

/** The places where a debugger may stop: words, and every other character that is no space. */
const TOKEN = /[\w$#]+|[^\w$#\s]/g;

/** The least: parse, visit every node, write something before each async function, and map every token. */
function rewrite({ fileName, text }: Module): { readonly code: string; readonly map: unknown } {
  const sourceFile = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const marks: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && ts.canHaveModifiers(node) && ts.getModifiers(node)?.length)
      marks.push(node.getStart(sourceFile));
    ts.forEachChild(node, visit);
  };
  visit(sourceFile);

  const map = new GenMapping({ file: fileName });
  setSourceContent(map, fileName, text);
  const lineStarts = sourceFile.getLineStarts();
  let code = 'import * as $ from "perdure/emitted";\n';
  let written = 0;
  let next = 0;
  let line = 0;
  let added = 0;
  for (const { index } of text.matchAll(TOKEN)) {
    while (line + 1 < lineStarts.length && lineStarts[line + 1]! <= index) {
      line++;
      added = 0;
    }
    if (index === marks[next]) {
      code += `${text.slice(written, index)}/* async */ `;
      added += 12;
      written = index;
      next++;
    }
    const column = index - lineStarts[line]!;
    const generated = { line: line + 2, column: column + added };
    maybeAddMapping(map, { generated, source: fileName, original: { line: line + 1, column } });
  }
  return { code: code + text.slice(written), map: toEncodedMap(map) };
}

export const compile: Figure = {
  name: "compile",
  reach: { at: "most", ratio: 3 },
  async measure() {
    const modules = durableModules(MODULES);
    const options = { root: "/project" };
    const { transformed, rewritten } = await sideBySide(3, {
      transformed: () =>
        cpu(() => {
          for (const { fileName, text } of modules) {
            const { code } = transform(text, { ...options, fileName });
            if (code === null) throw new Error(`${fileName} was not compiled`);
          }
        }),
      rewritten: () => cpu(() => modules.map(rewrite)),
    });
    return {
      ratio: transformed / rewritten,
      value: transformed,
      unit: `ms of processor time for ${MODULES} durable modules without types`,
      against: "parse + trivial rewrite + map of every token of the same modules",
      beside: { "rewrite ms": rewritten, lines: modules.reduce((sum, { text }) => sum + text.split("\n").length, 0) },
    };
  },
};
