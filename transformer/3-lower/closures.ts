/**
 * Closure conversion (Appel, Compiling with Continuations, chapter 10): a nested function is lifted to module level as
 * a maker of closures over the cells it captures, so that a closure can be saved as its code and those cells.
 *
 *     const add = (n) => { total += n; }      →  const settle$add = $m.code("settle/add", …, (total$) => (n) => { total$.v += n; });
 *                                                const add = settle$add(total$);
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../1-parse/binding-names.ts";
import { afterDecorators, decoratorName, decoratorsOf } from "../1-parse/modifiers.ts";
import { startOf } from "../1-parse/tree.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding } from "../2-analyze/bindings.ts";
import { isGenerator, outer } from "../2-analyze/calls/syntax.ts";
import { declaredName } from "../2-analyze/function-names.ts";
import type { FunctionInfo } from "../2-analyze/functions.ts";
import { hasParameterExpressions } from "../2-analyze/scopes.ts";
import type { Slot } from "../ir/ir.ts";
import { code, type Edit, join, type Rope, slice } from "../ir/rope.ts";
import { classOf, quoted, SPACE } from "../ir/words.ts";
import { guardedParameters, parameterProperties, type Revival } from "./constructors.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import { prelude, scopeEdits } from "./declarations.ts";
import type { Entry } from "./entry.ts";
import { assignmentPattern, declaredTarget } from "./patterns.ts";
import { inPlace, type Surroundings } from "./surroundings.ts";

type FunctionNode = ts.FunctionLikeDeclaration;

const usesLexical = (info: FunctionInfo): boolean => TS.isArrowFunction(info.node);

/** The parameters of the maker, or what is passed for them. */
function captures(
  info: FunctionInfo,
  cell: (binding: Binding) => Rope,
  lexical: { self: Rope; args: Rope; target: Rope; home: Rope },
): Rope[] {
  const out = info.captures.map(cell);
  if (info.lexical.home) out.push(lexical.home);
  if (!usesLexical(info)) return out;
  if (info.lexical.self) out.push(lexical.self);
  if (info.lexical.args) out.push(lexical.args);
  if (info.lexical.target) out.push(lexical.target);
  return out;
}

/** What a function calls the `this` that it took, or its cell. */
export const selfParameter = ({ names }: ModuleContext, { lateSelf }: FunctionInfo): string =>
  lateSelf ? names.self + names.cell : names.self;

/** The same as the source names them. */
export function captureNames(info: FunctionInfo): string[] {
  const { self, args, target } = info.lexical;
  const lexical = [...(self ? ["this"] : []), ...(args ? ["arguments"] : []), ...(target ? ["new.target"] : [])];
  const home = info.lexical.home ? ["super"] : [];
  return [...info.captures.map(({ name }) => name), ...home, ...(usesLexical(info) ? lexical : [])];
}

/** `super`'s home object for the text of this function, which no longer stands in its method. */
export function homeOf(module: ModuleContext, info: FunctionInfo, cell: Rope): Rope | null {
  const { superHome } = info;
  if (!superHome) return null;
  if (!TS.isClassLike(superHome.node)) return code`${cell}.v`;
  const name = module.classHome(superHome.node);
  return superHome.onClass ? name : `${name}.prototype`;
}

/** The expression that makes the closure, where the function stands. Defines its code on the way. */
export function closure(text: TextWriter, node: FunctionNode, home: Rope | null = text.around.homeCell): Rope {
  const { module } = text;
  const info = module.functions.of(node);
  if (!info) return text.kept(node);
  const name = module.constant(info.path);
  const selfName = selfParameter(module, info);
  const lexical = {
    self: info.lateSelf ? text.around.selfCell! : text.around.self,
    args: text.around.args,
    target: text.around.target,
    home: home ?? "undefined",
  };
  const passed = join(
    captures(info, (binding) => text.captured(binding, node), lexical),
    ", ",
  );
  const cells = join(
    captures(info, (binding) => module.captureName(binding, node), {
      ...module.names,
      self: selfName,
    }),
    ", ",
  );
  const { host } = info;
  if (info.machine) {
    const machine = module.rules.machine(info);
    const isFunction = TS.isFunctionDeclaration(node) || TS.isFunctionExpression(node);
    const wrapper = isFunction
      ? asMethod(module, info, machine, name)
      : asExpression(node, machineWrapper(module, info, machine, name));
    const maker = info.generator === null || machine.own ? wrapper : knowingItself(module, wrapper);
    module.define(name, { type: "machine", info, machine: machine.machine, maker: code`(${cells}) => ${maker}` }, host);
    module.compiled.push({ info, kind: "machine", machine: machine.machine });
    return asConstant(module, node, info.path, code`${name}.make(${passed})`);
  }
  const own = asExpression(node, functionText(module, info));
  const meta = module.meta(info.name, node, captureNames(info));
  module.define(name, code`${module.names.module}.code(${quoted(info.path)}, ${meta}, (${cells}) => ${own})`, host);
  module.compiled.push({ info, kind: "function", machine: null });
  return asConstant(module, node, info.path, code`${name}(${passed})`);
}

/**
 * What stands at the module level as `const f = () => …`, as the default export or as `exports.f = …`, is made once: like a declaration it has a name, and
 * may be started.
 */
function asConstant(module: ModuleContext, node: FunctionNode, path: string, made: Rope): Rope {
  if (!TS.isArrowFunction(node) && !TS.isFunctionExpression(node)) return made;
  const { parent } = outer(node);
  const isConstant =
    TS.isVariableDeclaration(parent) &&
    (parent.parent.flags & TS.NodeFlags.BlockScoped) === TS.NodeFlags.Const &&
    TS.isVariableStatement(parent.parent.parent) &&
    TS.isSourceFile(parent.parent.parent.parent);
  return isConstant || TS.isExportAssignment(parent) || isCommonJsExport(parent)
    ? code`${module.names.module}.define(${made}, ${quoted(path)})`
    : made;
}

/** `exports.f = …`, `module.exports.f = …` or `module.exports = …`, as a statement of the module. */
function isCommonJsExport(node: ts.Node): boolean {
  if (!TS.isBinaryExpression(node) || node.operatorToken.kind !== TS.SyntaxKind.EqualsToken) return false;
  if (!TS.isExpressionStatement(node.parent) || !TS.isSourceFile(node.parent.parent)) return false;
  return /^(?:module\s*\.\s*)?exports\s*\.\s*[\w$]+$|^module\s*\.\s*exports$/.test(node.left.getText());
}

/** An async function is made as a method, because it is no constructor and has no `prototype` (ECMA-262 15.8.3). */
function asMethod(module: ModuleContext, info: FunctionInfo, entry: Entry, name: string): Rope {
  const own = methodName(info.node as FunctionNode);
  const method = code`({ ${machineWrapper(module, info, entry, name)} }).${own}`;
  return entry.own === null ? method : code`{ const ${own} = ${method}; return ${own}; }`;
}

/** A generator function that is made hands itself on with each call. */
const knowingItself = ({ names: { own } }: ModuleContext, made: Rope): Rope =>
  code`{ const ${own} = ${made}; return ${own}; }`;

/** The function's own name, where it has one. */
const methodName = ({ name }: FunctionNode): Rope => (name ? slice(name.getStart(), name.end) : METHOD);

const METHOD = "method";

/** A method or accessor is made by an object literal, so that it is no constructor and may say `super`. */
function asExpression(node: FunctionNode, text: Rope): Rope {
  if (TS.isMethodDeclaration(node)) {
    if (TS.isComputedPropertyName(node.name)) return code`({ ${text} }).${METHOD}`;
    return TS.isIdentifier(node.name)
      ? code`({ ${text} }).${node.name.text}`
      : code`({ ${text} })[${node.name.getText()}]`;
  }
  if (TS.isAccessor(node)) {
    const { name } = node;
    const key = TS.isIdentifier(name)
      ? JSON.stringify(name.text)
      : TS.isComputedPropertyName(name)
        ? `"${METHOD}"`
        : name.getText();
    return code`Object.getOwnPropertyDescriptor({ ${text} }, ${key}).${TS.isGetAccessor(node) ? "get" : "set"}`;
  }
  return text;
}

/** Where a function's text begins without its modifiers, and the edits that its name needs. */
function header(node: FunctionNode, sourceFile: ts.SourceFile): { start: number; edits: Edit[] } {
  const last = TS.canHaveModifiers(node) ? TS.getModifiers(node)?.at(-1) : undefined;
  const source = sourceFile.text;
  let start = last ? last.end : TS.isClassElement(node) ? afterDecorators(node) : startOf(node, sourceFile);
  while (start < source.length && classOf(source, start) === SPACE) start++;
  const edits: Edit[] = [];
  if (
    (TS.isMethodDeclaration(node) || TS.isAccessor(node)) &&
    TS.isObjectLiteralExpression(node.parent) &&
    TS.isComputedPropertyName(node.name)
  )
    edits.push({ start: node.name.getStart(), end: node.name.end, with: METHOD });
  return { start, edits };
}

/** Does the list bind more than names, in a way that plain parameters of the new function cannot? */
function needsBinding(module: ModuleContext, node: FunctionNode): boolean {
  const scope = module.scopes.scopeOf(node);
  const from = node.parameters.pos;
  const to = node.parameters.end;
  return [...scope.bindings.values()].some(
    (binding) =>
      binding.kind === "parameter" &&
      module.inCell(binding) &&
      binding.references.some(({ node: use }) => use.pos >= from && use.end <= to),
  );
}

/** Parameters without defaults and rest: what `length` counts (ECMA-262 10.2.11, ExpectedArgumentCount). */
const lengthOf = (parameters: readonly ts.ParameterDeclaration[]): number => {
  const end = parameters.findIndex((one) => one.initializer || one.dotDotDotToken);
  return end < 0 ? parameters.length : end;
};

const isThisParameter = (parameter: ts.ParameterDeclaration): boolean =>
  TS.isIdentifier(parameter.name) && parameter.name.text === "this";

export const realParameters = (node: FunctionNode): ts.ParameterDeclaration[] =>
  node.parameters.filter((one) => !isThisParameter(one));

/** Plain parameters that keep `length`, and the array of their values: `(p1, p2 = undefined, ...p3)` and `[p1, p2, p3]`. */
function plainParameters(module: ModuleContext, node: FunctionNode): { list: string; values: string } {
  const parameters = realParameters(node);
  const count = lengthOf(parameters);
  const names = parameters.map((_, i) => module.unique(`p${i + 1}`));
  const list = parameters.map((one, i) =>
    one.dotDotDotToken ? `...${names[i]}` : i < count ? names[i] : `${names[i]} = undefined`,
  );
  return { list: list.join(", "), values: `[${names.join(", ")}]` };
}

/** The pattern that binds all parameters from that array. By index: an iterator could be seen, and the user may have replaced it. */
export function parameterPattern(text: TextWriter, node: FunctionNode, target: (name: ts.Identifier) => Rope): Rope {
  const elements = realParameters(node).map((one, i) => {
    const init = one.initializer ? code` = ${text.argument(one.initializer)}` : "";
    return code`${String(i)}: ${assignmentPattern(text, one.name, target)}${init}`;
  });
  return code`{ ${join(elements, ", ")} }`;
}

/** Range of the parameter list, without its parentheses; an arrow's single name may have none. */
function parameterRange(node: FunctionNode, sourceFile: ts.SourceFile): { start: number; end: number; bare: boolean } {
  const source = sourceFile.text;
  const first = node.parameters[0];
  const bare =
    first !== undefined &&
    node.parameters.length === 1 &&
    TS.isArrowFunction(node) &&
    !/\(\s*$/.test(stripComments(source.slice(startOf(node, sourceFile), startOf(first, sourceFile))));
  return { start: node.parameters.pos, end: node.parameters.end, bare };
}
const stripComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");

/** The text of a function that is no machine, as an expression or member. */
export function functionText(
  module: ModuleContext,
  info: FunctionInfo,
  extra: readonly Edit[] = [],
  revival: Revival | null = null,
): Rope {
  const node = info.node as FunctionNode;
  const isArrow = TS.isArrowFunction(node);
  const volatile = module.calls.volatile.has(node);
  const text = module.rules.text({
    ...inPlace(info.path),
    ...(isArrow ? { self: module.names.self, args: module.names.args, target: module.names.target } : {}),
    ...lateSelf(module, info),
    // A method of a class keeps its place, and its own `super`.
    ...(isArrow || info.lexical.home ? { home: homeOf(module, info, module.names.home) } : {}),
    homeCell: info.lexical.home ? module.names.home : null,
    volatile,
    ...(revival?.skipped && { skipped: revival.skipped }),
  });
  const { start, edits } = volatile
    ? { start: startOf(node, module.sourceFile), edits: [] as Edit[] }
    : header(node, module.sourceFile);
  const body = node.body!;
  // The cell of a constructor's `this` stands in its body.
  const isLate = TS.isConstructorDeclaration(node) && info.lateSelf && hasParameterExpressions(node);
  const isBound = !volatile && (isLate || needsBinding(module, node));
  if (isBound) {
    refuseDecorators(module, node);
    const { list, values } = plainParameters(module, node);
    const range = parameterRange(node, module.sourceFile);
    edits.push({ start: range.start, end: range.end, with: range.bare ? `(${list})` : list });
    edits.push({
      start: startOf(body, module.sourceFile),
      end: body.end,
      with: boundBody(text, node, values, revival),
    });
  } else if (!TS.isBlock(body)) {
    const first = volatile ? [] : prelude(text, [node], []);
    if (first.length > 0)
      edits.push({
        start: startOf(body, module.sourceFile),
        end: body.end,
        with: code`{ ${join(first, " ")} return ${text.argument(body)}; }`,
      });
  }
  edits.push(...extra);
  // The guards of a constructor go in together with the body's own cells.
  if (revival && !isBound && TS.isBlock(body)) {
    edits.push(...guardedParameters(module.names.runtime, node.parameters));
    const first = prelude(text, [node, body], body.statements);
    const given = [...scopeEdits(text, body, [...revival.first, ...first]), ...revival.edits];
    edits.push({ start: startOf(body, module.sourceFile), end: body.end, with: text.kept(body, given) });
  }
  return text.between(
    start,
    node.end,
    [...node.parameters, body].filter(
      (one) => !edits.some((edit) => edit.start <= startOf(one, module.sourceFile) && edit.end >= one.end),
    ),
    edits,
  );
}

/** The list is written anew, without them. */
function refuseDecorators(module: ModuleContext, node: FunctionNode): void {
  for (const decorator of node.parameters.flatMap((one) => decoratorsOf(one))) {
    const target = `a parameter of ${declaredName(node)}`;
    const reason =
      "a function in the parameter list captures one of the parameters, which are declared in the body then";
    module.report("PD1122", decorator, { name: decoratorName(decorator), target, reason });
  }
}

/** Where `this` is read from a cell; the constructor itself has both. */
function lateSelf(module: ModuleContext, info: FunctionInfo): Partial<Surroundings> {
  if (!info.lateSelf) return {};
  const selfCell = selfParameter(module, info);
  return TS.isArrowFunction(info.node) ? { selfCell, self: `${selfCell}.v` } : { selfCell };
}

/** A body that first binds its parameters, for closures in the parameter list that share them. */
function boundBody(text: TextWriter, node: FunctionNode, values: string, revival: Revival | null): Rope {
  const { module } = text;
  const names = realParameters(node).flatMap((one) => namesOf(one.name));
  const made = names.map((name) => {
    const binding = module.scopes.resolve(name)!;
    return module.inCell(binding)
      ? `${name.text}${module.names.cell} = ${module.names.runtime}.tdz(${JSON.stringify(name.text)})`
      : name.text;
  });
  const pattern = parameterPattern(text, node, (name) => declaredTarget(text, name, module.scopes.resolve(name)));
  const properties = parameterProperties(node, (name) => readAs(module, module.scopes.resolve(name)!));
  const { first: ends, edits } = revival ?? { first: [], edits: [] };
  const unless = revival?.skipped ? `if (!${module.names.runtime}.reviving()) ` : "";
  const bind = code`${join(ends, " ")} let ${made.join(", ")}; ${unless}(${pattern} = ${values});${properties.first}`;
  const body = node.body!;
  if (!TS.isBlock(body)) return code`{ ${bind} return ${text.argument(body)}; }`;
  const rest = prelude(text, [body], body.statements);
  const own = [...module.scopes.scopeOf(body).bindings.values()].filter(({ startsAs }) => startsAs);
  if (own.length === 0)
    return text.kept(body, [...scopeEdits(text, body, [bind, ...rest]), ...edits, ...properties.edits]);
  // The body has variables of the same names: in a scope of their own, they start with the parameters' values.
  const { cell, runtime } = module.names;
  const inner = own.map((one) => (module.inCell(one) ? one.name + cell : one.name));
  const starts = own.map((one) => {
    const value = readAs(module, one.startsAs!);
    return module.inCell(one) ? `${runtime}.cell(${value})` : value;
  });
  const kept = text.kept(body, [...scopeEdits(text, body, rest), ...edits, ...properties.edits]);
  return code`{ ${bind} return ((${inner.join(", ")}) => ${kept})(${starts.join(", ")}); }`;
}

const readAs = (module: ModuleContext, binding: Binding): string =>
  module.inCell(binding) ? `${binding.name}${module.names.cell}.v` : binding.name;

/** The function as the user calls it: it enters the machine with a new frame. Modifiers other than `async` stay outside. */
export function machineWrapper(
  module: ModuleContext,
  info: FunctionInfo,
  entry: Entry,
  machineName: string,
  extra: readonly Edit[] = [],
  method: string | null = null,
): Rope {
  const node = info.node as FunctionNode;
  const isArrow = TS.isArrowFunction(node);
  const text = module.rules.text(inPlace(info.path));
  const { start: begin, edits } = header(node, module.sourceFile);
  edits.push(...extra);
  // Its type parameters or parenthesis: the name before them is that of the method it is made as.
  const isMade = TS.isFunctionExpression(node) || (TS.isFunctionDeclaration(node) && !TS.isSourceFile(node.parent));
  const start = isMade ? (node.typeParameters ?? node.parameters).pos - 1 : begin;
  // A declaration of the module is hoisted, so it stays one, and could be constructed.
  const isDeclared = TS.isFunctionDeclaration(node) && !isMade;
  const mark = isGenerator(node) ? (node as ts.MethodDeclaration).asteriskToken! : undefined;
  if (mark && startOf(mark, module.sourceFile) >= start)
    edits.push({ start: startOf(mark, module.sourceFile), end: mark.end, with: "" });
  const fields: Rope[] = [];
  const pair = (slot: Slot, value: string): void => void fields.push({ type: "slot", slot, access: "key", value });
  if (entry.parameters) {
    for (const { name, slot } of entry.parameters) pair(slot, name);
  } else {
    const { list, values } = plainParameters(module, node);
    const range = parameterRange(node, module.sourceFile);
    edits.push({ start: range.start, end: range.end, with: range.bare ? `(${list})` : list });
    pair(entry.params!, values);
  }
  for (const { binding, slot } of entry.captures) pair(slot, module.captureName(binding, node));
  if (entry.own) pair(entry.own.slot, entry.own.name);
  if (entry.self) pair(entry.self, isArrow ? selfParameter(module, info) : "this");
  if (entry.args) pair(entry.args, isArrow ? module.names.args : "arguments");
  if (entry.target) pair(entry.target, isArrow ? module.names.target : "new.target");
  if (entry.home) pair(entry.home, module.names.home);
  // A function of the module, or a method of a class, is known by its code.
  const isKnown = isDeclared || TS.isClassLike(node.parent);
  const made = isKnown ? method : (entry.own?.name ?? module.names.own);
  const own = info.generator === null || made === null ? "" : code`, ${made}`;
  const enter = code`${machineName}.enter({ ${join([...fields, "pc: 0", "$: undefined"], ", ")}${entry.rest} }${own})`;
  const body = node.body!;
  const kept = node.parameters.filter(
    (one) => !edits.some((edit) => edit.start <= startOf(one, module.sourceFile) && edit.end >= one.end),
  );
  const guard = isDeclared ? `if (new.target) ${module.names.runtime}.noConstructor(${quoted(info.name)}); ` : "";
  edits.push({
    start: startOf(body, module.sourceFile),
    end: body.end,
    with: isArrow ? enter : code`{ ${guard}return ${enter}; }`,
  });
  const written = text.between(start, node.end, kept, edits);
  return isMade ? [methodName(node), written] : written;
}

/** A function declaration of the module keeps its place, so that it stays hoisted; an async one enters its machine. */
export function moduleFunction(text: TextWriter, node: ts.FunctionDeclaration): Rope | undefined {
  const { module } = text;
  const info = module.functions.of(node);
  if (!info) return undefined;
  const { start } = header(node, module.sourceFile);
  const modifiers = (TS.getModifiers(node) ?? [])
    .filter((one) => one.kind !== TS.SyntaxKind.AsyncKeyword)
    .map((one): Rope => [slice(startOf(one, module.sourceFile), one.end), " "]);
  // `export default function () {}` needs a name to be stamped; it is known to others as `default` all the same.
  const given: Edit[] = [];
  let local = node.name?.text;
  if (local === undefined) {
    local = module.unique("default$function");
    const after = start + "function".length;
    given.push({ start: after, end: after, with: ` ${local}` });
  }
  module.stamped.push({ local, path: info.path, isAnonymous: node.name === undefined });
  if (!info.machine) {
    module.compiled.push({ info, kind: "function", machine: null });
    return [modifiers, functionText(module, info, given)];
  }
  const name = module.constant(info.path);
  const entry = module.rules.machine(info);
  module.define(name, { type: "machine", info, machine: entry.machine, maker: null }, null);
  module.compiled.push({ info, kind: "machine", machine: entry.machine });
  return [modifiers, machineWrapper(module, info, entry, name, given)];
}
