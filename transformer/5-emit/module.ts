/** The whole file: its own text with what is durable rewritten, and before it the module's codes. */
import type { ts } from "@ts-morph/common";
import { ABI_VERSION } from "perdure/abi";
import { TS } from "../1-parse/typescript.ts";
import type { Definition, ModuleContext } from "../3-lower/context.ts";
import type { LoweredModule } from "../3-lower/index.ts";
import type { LiveSlots } from "../4-flow/index.ts";
import type { Machine } from "../ir/ir.ts";
import { code, join, type Piece, type Rope, slice } from "../ir/rope.ts";
import { keyText, quoted } from "../ir/words.ts";
import { machineText } from "./machine.ts";
import { ownNamespaces } from "./namespaces.ts";
import { siteTable } from "./sites.ts";

export interface ModuleFacts {
  /** Path relative to the root. */
  readonly name: string;
  readonly package: string | undefined;
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Of classes, by path. */
  readonly layouts: ReadonlyMap<string, string>;
  readonly flows: ReadonlyMap<Machine, LiveSlots>;
  /** The whole file is durable, not only functions with the directive. */
  readonly isWhole: boolean;
  /** The module may be evaluated again with other text: a watcher runs the build. */
  readonly watch: boolean;
  /** `import` may stand in a CommonJS file. */
  readonly mixesModules: boolean;
}

/** The file as it is given to the host. */
export function moduleText({ module, body }: LoweredModule, facts: ModuleFacts): Rope {
  const { sourceFile, names } = module;
  const definitions = module.definitions.map((one) => ({ definition: one, value: valueOf(one, module, facts) }));
  for (const { definition, value } of definitions) {
    if (definition.host) module.hosted.get(definition.host)?.push(code` ${definition.name} = ${value};`);
  }
  const { prologue, imports } = insertionPoints(sourceFile);
  const first = runtimeText(module, facts);
  const bindings = referenceNames(module, facts.isWhole);
  const namespaces = ownNamespaces(
    { sourceFile, unique: (...wanted) => module.unique(...wanted) },
    facts.name,
    bindings,
  );
  const { fingerprints, layouts } = facts;
  const preamble: Rope[] = [
    ...namespaces.flatMap((one) => one.import ?? []),
    code`const ${names.module} = ${names.runtime}.module(${JSON.stringify(facts.name)}, { abi: ${String(ABI_VERSION)}, file: ${JSON.stringify(facts.name)},${facts.package === undefined ? "" : ` package: ${JSON.stringify(facts.package)},`} fingerprints: ${fingerprintTable(fingerprints)},${layouts.size === 0 ? "" : ` layouts: ${fingerprintTable(layouts)},`}${facts.watch ? " watch: true," : ""} sites: ${siteTable(module)} });`,
  ];
  if (bindings.length > 0)
    preamble.push(`${names.module}.refs({ ${bindings.map((name) => `${keyText(name)}: () => ${name}`).join(", ")} });`);
  if (namespaces.length > 0)
    preamble.push(
      `${names.module}.exports({ ${namespaces.map((one) => `${JSON.stringify(one.module)}: () => ${one.local}`).join(", ")} });`,
    );
  for (const { definition, value } of definitions) {
    if (!definition.host) preamble.push(code`const ${definition.name} = ${value};`);
    else {
      const declaration = `let ${definition.name};`;
      const locals = module.locals.get(definition.host);
      if (locals) locals.push(`${declaration} `);
      else preamble.push(declaration);
    }
  }
  for (const { local, path, isAnonymous } of module.stamped) {
    preamble.push(`${names.module}.define(${local}, ${quoted(path)});`);
    if (isAnonymous) preamble.push(`Object.defineProperty(${local}, "name", { value: "default" });`);
  }
  return insert(body, [
    { at: prologue, rope: prologue === 0 ? [first, "\n"] : ["\n", first] },
    { at: imports, rope: imports === 0 ? [join(preamble, "\n"), "\n"] : ["\n", join(preamble, "\n")] },
  ]);
}

/** How the file gets at the runtime: as a module, or as a CommonJS file, which is sloppy unless it says otherwise. */
function runtimeText({ sourceFile, names, platform }: ModuleContext, { mixesModules }: ModuleFacts): Rope {
  const parts: [local: string, module: string][] = [[names.runtime, "perdure/emitted"]];
  if (platform !== undefined) parts.push([platform, "perdure/platform"]);
  return isCommonJs(sourceFile) && !mixesModules
    ? `"use strict"; ${parts.map(([local, from]) => `const ${local} = require("${from}");`).join(" ")}`
    : parts.map(([local, from]) => `import * as ${local} from "${from}";`).join(" ");
}

/** Neither `import` nor `export`, and what only CommonJS has. */
function isCommonJs(sourceFile: ts.SourceFile): boolean {
  const { externalModuleIndicator } = sourceFile as { externalModuleIndicator?: unknown };
  const isModule = externalModuleIndicator !== undefined && externalModuleIndicator !== true;
  return !isModule && (/\.c[jt]s$/.test(sourceFile.fileName) || COMMON_JS.test(sourceFile.text));
}

const COMMON_JS = /\bmodule\.exports\b|\bexports\.\w|\bexports\[|\brequire\(/;

const valueOf = ({ value }: Definition, module: ModuleContext, facts: ModuleFacts): Rope =>
  typeof value === "object" && "type" in value && value.type === "machine"
    ? machineText(value, facts.flows.get(value.machine)!, module.sourceFile, module.names)
    : (value as Rope);

function fingerprintTable(fingerprints: ReadonlyMap<string, string>): string {
  let out = "";
  for (const [path, fingerprint] of fingerprints) out += `${out === "" ? "" : ", "}${keyText(path)}: "${fingerprint}"`;
  return `{ ${out} }`;
}

/** After the directives, and after the imports that follow them. */
function insertionPoints(sourceFile: ts.SourceFile): { prologue: number; imports: number } {
  let prologue = 0;
  let imports = 0;
  // A comment at the end of the line belongs to the statement before it.
  const endOf = (statement: ts.Statement): number =>
    TS.getTrailingCommentRanges(sourceFile.text, statement.end)?.at(-1)?.end ?? statement.end;
  for (const statement of sourceFile.statements) {
    const isDirective = TS.isExpressionStatement(statement) && TS.isStringLiteral(statement.expression);
    if (isDirective && prologue === imports) prologue = imports = endOf(statement);
    else if (TS.isImportDeclaration(statement)) imports = endOf(statement);
    else break;
  }
  // A `#!` line stays first.
  const shebang = TS.getShebang(sourceFile.text);
  if (prologue === 0 && shebang) prologue = shebang.length;
  return { prologue, imports: Math.max(prologue, imports) };
}

/**
 * Imports and module-level variables that durable code may hold: they are saved by name. A name that is used as a type
 * only, or only exported again, is left out: naming it would keep an import that the host removes.
 */
function referenceNames(module: ModuleContext, isWhole: boolean): string[] {
  const stamped = new Set(module.stamped.map((one) => one.local));
  const kinds = ["import", "var", "let", "const", "enum"];
  if (!isWhole) kinds.push("function", "class");
  return [...module.scopes.root.bindings.values()]
    .filter((binding) => kinds.includes(binding.kind))
    .filter(
      (binding) =>
        binding.kind !== "import" || binding.references.some(({ node }) => !TS.isExportSpecifier(node.parent)),
    )
    .filter((binding) => !stamped.has(binding.name))
    .map((binding) => binding.name);
}

/** Puts generated text at offsets of the source, inside the slices that hold them. What stands behind the last of them is left as it is. */
function insert(body: Rope, insertions: readonly { at: number; rope: Rope }[]): Rope {
  const todo = [...insertions].sort((a, b) => a.at - b.at);
  const before: Rope[] = [];
  // What the file begins with may have been replaced, and then no slice holds its beginning.
  while (todo[0]?.at === 0) before.push(todo.shift()!.rope);
  const into = (rope: Rope): Rope => {
    if (todo.length === 0 || typeof rope === "string") return rope;
    if (Array.isArray(rope)) return rope.map((part: Rope) => into(part));
    const piece = rope as Exclude<Piece, string>;
    if (piece.type !== "slice") return piece;
    const out: Rope[] = [];
    let at = piece.start;
    while (todo[0] && todo[0].at >= at && todo[0].at <= piece.end) {
      const { at: offset, rope: inserted } = todo.shift()!;
      if (offset > at) out.push(slice(at, offset));
      out.push(inserted);
      at = offset;
    }
    if (at === piece.start && out.length === 0) return piece;
    if (at < piece.end) out.push(slice(at, piece.end));
    return out;
  };
  const after = into(body);
  return [before, after, todo.map((one) => one.rope)];
}
