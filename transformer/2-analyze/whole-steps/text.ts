/**
 * Writes `step` around statements that are one step:
 *
 *     const stream = await client.create(…);              { await loop(async () => {
 *     for await (const part of stream) text += part;   →    const stream = await client.create(…);
 *                                                           for await (const part of stream) text += part; }); }
 *
 * Constants that others use come with the result: `const answer = await use(…); const { user } = answer;`. What returns from the function returns
 * `{ return: [value] }` from the step, which no constant can be called. The text is compiled as if its author had written it, and every place in it is told as the
 * one that it comes from.
 */
import type { ts } from "@ts-morph/common";
import { type Part, parseAssembled } from "../../1-parse/assembled.ts";
import type { ParsedFile } from "../../1-parse/parse.ts";
import { startOf, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { WholeStep } from "./statements.ts";

/** @param steps in source order, one at least */
export function withWholeSteps({ sourceFile, nodes }: Tree, steps: readonly WholeStep[]): ParsedFile {
  const { text } = sourceFile;
  const taken = new Set(nodes.flatMap((node) => (TS.isIdentifier(node) ? node.text : [])));
  const unused = (name: string): string => {
    const free = taken.has(name) ? unused(`${name}$`) : name;
    taken.add(free);
    return free;
  };
  const aliases = new Map([...new Set(steps.map(({ name }) => name))].map((name) => [name, unused(name)]));

  const parts: Part[] = [];
  let at = 0;
  const keep = (to: number): void => {
    if (to > at) parts.push({ start: at, end: to });
    at = to;
  };
  const write = (words: string, place = at): void => void parts.push({ text: words, at: place });

  /** The statement's own text, with what its returns yield in a record. */
  const keepStatement = (statement: ts.Statement, returns: readonly ts.ReturnStatement[]): void => {
    at = startOf(statement, sourceFile);
    for (const { expression, pos, end } of returns) {
      if (pos < statement.pos || end > statement.end) continue;
      keep(expression ? startOf(expression, sourceFile) : text[end - 1] === ";" ? end - 1 : end);
      write(expression ? "{ return: [(" : " { return: [undefined] }");
      if (!expression) continue;
      keep(expression.end);
      write(")] }");
    }
    keep(statement.end);
  };

  for (const { name, statements, returns, given } of steps) {
    const last = statements.at(-1)!;
    // What others stand between goes to the last one.
    for (const one of statements.slice(0, -1)) {
      keep(startOf(one, sourceFile));
      at = one.end;
    }
    keep(startOf(last, sourceFile));
    /** What the step is told to be: the loop; of an answer that is read, what asks for it and all that follows. */
    const place = name === "loop" ? at : startOf(statements[0]!, sourceFile);
    if (statements.length > 1) write(";");
    const gives = given.length > 0;
    const answer = gives || returns.length > 0 ? unused("answer") : undefined;
    write(`${gives ? "" : "{ "}${answer ? `const ${answer} = ` : ""}await ${aliases.get(name)}(async () => { `, place);
    for (const one of statements) {
      keepStatement(one, returns);
      write(one === last || text[at - 1] === ";" ? " " : "; ", at - 1);
    }
    const list = given.join(", ");
    const leave = `if (${gives ? `"return" in ${answer}` : answer}) return ${answer}.return[0]; `;
    write(
      `${gives ? `return { ${list} }; ` : ""}}); ${returns.length > 0 ? leave : ""}${gives ? `const { ${list} } = ${answer};` : "}"}`,
      at - 1,
    );
  }
  keep(text.length);
  const imported = [...aliases].map(([, alias]) => `step as ${alias}`).join(", ");
  write(`\nimport { ${imported} } from "perdure";\n`);
  return parseAssembled(sourceFile, parts);
}
