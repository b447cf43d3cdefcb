/**
 * Writes `step` around the loops that are one step:
 *
 *     const stream = await client.create(…);           { await step(async () => {
 *     for await (const part of stream) text += part;   → const stream = await client.create(…);
 *                                                        for await (const part of stream) text += part; }); }
 *
 * What returns from the function returns a list from the step, and then its item from the function. The text is compiled as if its author had written it, and
 * every place in it is told as the one that it comes from.
 */
import type { ts } from "@ts-morph/common";
import { type Part, parseAssembled } from "../1-parse/assembled.ts";
import type { ParsedFile } from "../1-parse/parse.ts";
import { startOf } from "../1-parse/tree.ts";
import type { LoopStep } from "./loop-steps.ts";

/** @param loops in source order, one at least */
export function withLoopSteps(sourceFile: ts.SourceFile, loops: readonly LoopStep[]): ParsedFile {
  const { text } = sourceFile;
  const unused = (name: string): string =>
    new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(text) ? unused(`${name}$`) : name;
  const step = unused("loop");
  const left = unused("left");
  const parts: Part[] = [];
  let at = 0;
  const keep = (to: number): void => {
    if (to > at) parts.push({ start: at, end: to });
    at = to;
  };
  for (const { statement, made, returns } of loops) {
    const from = startOf(statement, sourceFile);
    const write = (words: string, place = from): void => void parts.push({ text: words, at: place });
    for (const one of made) {
      keep(startOf(one, sourceFile));
      at = one.end;
    }
    keep(from);
    const leaves = returns.length > 0;
    write(`${made.length > 0 ? ";" : ""}{ ${leaves ? `const ${left} = ` : ""}await ${step}(async () => { `);
    for (const one of made) {
      parts.push({ start: startOf(one, sourceFile), end: one.end });
      write(text[one.end - 1] === ";" ? " " : "; ");
    }
    for (const { expression, end } of returns) {
      const start = expression ? startOf(expression, sourceFile) : undefined;
      keep(start ?? (text[end - 1] === ";" ? end - 1 : end));
      write(start === undefined ? " [undefined]" : "[(");
      if (!expression) continue;
      keep(expression.end);
      write(")]");
    }
    keep(statement.end);
    write(leaves ? ` }); if (${left}) return ${left}[0]; }` : " }); }", statement.end - 1);
  }
  keep(text.length);
  parts.push({ text: `\nimport { step as ${step} } from "perdure";\n`, at: text.length });
  return parseAssembled(sourceFile, parts);
}
