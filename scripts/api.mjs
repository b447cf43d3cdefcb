/**
 * `docs/api.md`: what the packages export, as its declarations and their comments say it. Read from the built declarations, so bodies and private members are
 * left out; so is what its comment calls internal.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ts } from "@ts-morph/common";

/** In the order in which a newcomer meets them. */
const PACKAGES = [
  ["perdure", "runtime", [".", "./memory", "./sqlite", "./postgres", "./dynamodb", "./encryption"]],
  ["perdure", "runtime", ["./patterns", "./triggers", "./sqs", "./lambda", "./testing"]],
  ["@perdure/plugins", "plugins", ["./esbuild"]],
  ["@perdure/transformer", "transformer", ["."]],
];

/** The contract of stores has a page of its own. What else names of it is printed here too. */
const ELSEWHERE = "dist/store/store.d.ts";
const isElsewhere = ({ declarations: [first] }) => first.getSourceFile().fileName.endsWith(ELSEWHERE);

/** Without the stars, and with its tags in words. */
function prose(comment) {
  const text = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(/^[ \t]*\* ?/gm, "")
    .trim();
  const [meaning, ...tags] = text.split(/^@(?=\w)/m);
  const told = tags.map((tag) => {
    const [, name, rest] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim());
    if (name === "param") return rest.replace(/^(\S+)\s*/, "- `$1`: ");
    if (name === "throws") return `Throws ${rest}`;
    if (name === "returns") return `Gives ${rest}`;
    if (name === "example") return rest.startsWith("```") ? rest : `\`\`\`ts\n${rest}\n\`\`\``;
    return rest;
  });
  const linked = (part) => part.replace(/\{@link ([^}]+)\}/g, "`$1`").trim();
  return [meaning, ...told]
    .map(linked)
    .filter(Boolean)
    .join("\n\n")
    .replace(/(^- .*)\n\n(?=- )/gm, "$1\n");
}

/** A declaration as it stands, its own comment taken off; `#private` and constructors that only the package calls are nobody's business. */
function printed(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const source = node.getSourceFile();
  const comment = ts.getJSDocCommentsAndTags(node).findLast(ts.isJSDoc);
  const code = source.text
    .slice(node.getStart(source), node.end)
    .replace(/^export (declare )?/, "")
    .replace(/^ {4}#private;\n/m, "")
    .replace(/^(?: {4}\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)? {4}constructor\([\s\S]*?\);\n/m, "")
    .replace(/^(?: {4})+/gm, (indent) => "  ".repeat(indent.length / 4));
  return { comment: comment ? prose(comment.getText()) : "", code };
}

/** What is called, what is made, and the types of both. */
const rank = (declaration) =>
  ts.isFunctionDeclaration(declaration) || ts.isVariableDeclaration(declaration)
    ? 0
    : ts.isClassDeclaration(declaration)
      ? 1
      : 2;

/** For the project's own tests. */
const isInternal = (declaration) => ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === "internal");

/** The exports of one entry: functions first, then classes, then types; each in the order of the file. */
function section(checker, program, name, file) {
  const source = program.getSourceFile(file);
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => {
    const origin = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return { name: symbol.name, declarations: origin.declarations ?? [] };
  });
  const told = symbols.filter(({ declarations: [first] }) => first && !isInternal(first));
  const code = told.flatMap((one) => (isElsewhere(one) ? [] : one.declarations.map((each) => printed(each).code)));
  const isNamed = ({ name: exported }) =>
    exported !== "Store" && code.some((text) => new RegExp(`\\b${exported}\\b`).test(text));
  const own = told
    .filter((one) => !isElsewhere(one) || isNamed(one))
    .sort((a, b) => rank(a.declarations[0]) - rank(b.declarations[0]));
  const intro = /^\/\*\*[\s\S]*?\*\//.exec(source.text)?.[0].replace(`\`${name}\`: `, "");
  const parts = own.map(({ name: exported, declarations }) => {
    const all = declarations.map(printed);
    const [first] = all;
    const code = all.map((one) => one.code.replace(/^(function|const) \w+/, `$1 ${exported}`)).join("\n");
    return `### \`${exported}\`\n\n${first.comment && `${first.comment}\n\n`}\`\`\`ts\n${code}\n\`\`\``;
  });
  return [`## \`${name}\``, ...(intro ? [prose(intro)] : []), ...parts].join("\n\n");
}

/** @param root the repository's */
export function printApi(root) {
  const entries = PACKAGES.flatMap(([name, folder, paths]) => {
    const { exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return paths.map((path) => [name + path.slice(1), join(root, folder, exports[path].types)]);
  });
  const files = entries.map(([, file]) => file);
  const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, types: [], noLib: true });
  const checker = program.getTypeChecker();
  const list = entries.map(([name]) => `[\`${name}\`](#${name.replace(/[^\w-]/g, "").toLowerCase()})`).join(" · ");
  const sections = entries.map(([name, file]) => section(checker, program, name, file));
  return `# What the packages export

Printed from the declarations by \`npm run generate\`. What a store has to do is in [writing-a-store.md](writing-a-store.md), each error has [its page](errors/README.md).

${list}

${sections.join("\n\n")}
`;
}
