/** Syntax tree to machines and rewritten text: the whole file, or the functions that are durable by themselves. */
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";
import { code, type Edit, patch, type Rope } from "../ir/rope.ts";
import { classMember } from "./classes.ts";
import { closure, moduleFunction } from "./closures.ts";
import { ModuleContext } from "./context.ts";
import { lowerMachine } from "./machine.ts";
import { inPlace } from "./surroundings.ts";
import { Text } from "./text.ts";

export type LoweringInput = ConstructorParameters<typeof ModuleContext>[0];

/** What `5-emit` prints. */
export interface LoweredModule {
  readonly module: ModuleContext;
  /** The file's text with everything durable rewritten. */
  readonly body: Rope;
}

export function lowerModule(input: LoweringInput, roots: readonly ts.Node[]): LoweredModule {
  const module = new ModuleContext(input, (context) => ({
    text: (around) => new Text(context, around),
    machine: (info) => lowerMachine(context, info),
  }));
  const { sourceFile } = input.tree;
  const text = new Text(module, inPlace(""));
  const edits = [...module.calls.specifiers].map(([literal, specifier]) => ({
    start: literal.getStart(),
    end: literal.end,
    with: JSON.stringify(specifier),
  }));
  if (roots[0] === sourceFile)
    return { module, body: text.between(0, sourceFile.end, [...sourceFile.statements], edits) };
  const hosts = ordinaryHosts(module);
  const lowered = roots.map((root) => ({ start: root.getStart(), end: root.end, with: lowerRoot(text, root) }));
  return { module, body: patch(sourceFile.text, 0, sourceFile.end, [...hosts, ...lowered]) };
}

/** Ordinary classes whose durable methods use private names or `super`: those codes stand in a static block, as in durable classes. */
function ordinaryHosts(module: ModuleContext): Edit[] {
  const found = new Map<ts.ClassLikeDeclaration, ts.Node>();
  for (const { host, node } of module.functions.all)
    if (host && !module.functions.of(host) && !found.has(host)) found.set(host, node);
  return [...found].map(([host, user]) => {
    // A class that is made more than once would need a code for each.
    if (isInFunction(host)) module.report("PD1107", user, { variable: "the class" });
    const hosted: Rope[] = [];
    module.hosted.set(host, hosted);
    const open = module.sourceFile.text.lastIndexOf("{", host.members.pos) + 1;
    return { start: open, end: open, with: code` static {${hosted} }` };
  });
}

const isInFunction = (node: ts.Node): boolean => {
  for (let at = node.parent; at; at = at.parent)
    if (TS.isFunctionLike(at) || TS.isIterationStatement(at, false)) return true;
  return false;
};

/** One durable function in an ordinary file. */
function lowerRoot(text: Text, root: ts.Node): Rope {
  const { module } = text;
  const info = module.functions.of(root)!;
  const fromAround =
    info.captures.length > 0 ||
    (TS.isArrowFunction(root) && (info.lexical.self || info.lexical.args || info.lexical.target));
  if (info.lexical.home) module.report("PD1101", root, {});
  if (fromAround) module.report("PD1107", root, { variable: info.captures[0]?.name ?? "this" });
  if (TS.isFunctionDeclaration(root)) return moduleFunction(text, root) ?? code``;
  if (TS.isClassElement(root)) return classMember(module, root, info.path, new Map(), false);
  if (TS.isMethodDeclaration(root)) return code`${root.name.getText()}: ${closure(text, root)}`;
  return closure(text, root as ts.FunctionExpression);
}
