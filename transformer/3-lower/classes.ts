/**
 * Classes. One of the module keeps its place; one inside a function is lifted as a maker over its cells, heritage and
 * computed keys. Either registers itself in a static block, where its private names are in reach, and constructs
 * instances without user code while a run is being loaded.
 */
import type { ts } from "@ts-morph/common";
import { afterDecorators, isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import { hasEffects } from "../2-analyze/calls/effects.ts";
import { isCalled } from "../2-analyze/calls/syntax.ts";
import { heritageOf, isEarlyName, outsideParts, selfOf } from "../2-analyze/class-parts.ts";
import { usingKind } from "../2-analyze/disposal.ts";
import { declaringClass } from "../2-analyze/functions.ts";
import { anonymousDefinition, skipOuter } from "../2-analyze/naming.ts";
import { isModuleLevel } from "../2-analyze/scopes.ts";
import { code, type Edit, join, type Rope, slice } from "../ir/rope.ts";
import { autoAccessor, isAutoAccessor, storageOf } from "./auto-accessors.ts";
import { functionText, machineWrapper, selfParameter } from "./closures.ts";
import { loweredLength, revivalOf } from "./constructors.ts";
import type { ModuleContext, TextWriter } from "./context.ts";
import { prelude, scopeEdits } from "./declarations.ts";
import { decoratorEdits, decorators } from "./decorators.ts";
import { declaredTarget } from "./patterns.ts";
import { inPlace } from "./surroundings.ts";

/** A class declaration of a function that keeps its text, with the variable that it declares. */
export function classDeclaration(text: TextWriter, node: ts.ClassDeclaration): Rope | undefined {
  const made = classText(text, node);
  const binding = node.name && text.module.scopes.resolve(node.name);
  if (made === undefined || !binding || isModuleLevel(binding)) return made;
  const target = declaredTarget(text, node.name!, binding);
  const isDeclared = text.around.frame?.slotOf(binding) !== undefined;
  if (!text.inCell(binding)) return isDeclared ? code`${target} = ${made};` : code`let ${target} = ${made};`;
  if (text.module.mayBeEarly(binding)) return code`${target} = ${made};`;
  const { runtime, cell } = text.module.names;
  return isDeclared
    ? code`${{ type: "slot", slot: text.around.frame!.slotOf(binding)!, access: "write" }} = ${runtime}.cell(${made});`
    : code`const ${binding.name}${cell} = ${runtime}.cell(${made});`;
}

/** A class where it stands: itself at module level, a call of its maker inside a function. */
export function classText(text: TextWriter, node: ts.ClassLikeDeclaration): Rope | undefined {
  const info = text.module.functions.of(node);
  if (!info || text.around.volatile) return undefined;
  if (info.parent) {
    const values = outsideParts(node).map((part) => text.argument(part));
    return knownEarly(text.module, node, classMaker(text, node, values));
  }
  text.module.compiled.push({ info, kind: "class", machine: null });
  const outside = new Map(outsideParts(node).map((part): [ts.Node, Rope] => [part, text.argument(part)]));
  const body = knownEarly(text.module, node, classBody(text.module, node, info.path, outside, false));
  return isMovedAway(text, node) ? code`(() => { const ${info.name} = ${body}; return ${info.name}; })()` : body;
}

/** Functions in the class's heritage and keys that mention its name: `((C$) => C$.init = …)($.tdz("C"))`. */
export const namesItselfEarly = (module: ModuleContext, node: ts.ClassLikeDeclaration): boolean => {
  const own = node.name && module.scopes.scopeOf(node).bindings.get(node.name.text);
  return own?.references.some((one) => isEarlyName(own, one.node)) ?? false;
};

function knownEarly(module: ModuleContext, node: ts.ClassLikeDeclaration, made: Rope): Rope {
  if (!namesItselfEarly(module, node)) return made;
  const { text } = node.name!;
  const cell = text + module.names.cell;
  return code`((${cell}) => ${cell}.init = ${made})(${module.names.runtime}.tdz(${JSON.stringify(text)}))`;
}

/** Does an anonymous class of the module no longer stand where a variable names it? */
function isMovedAway(text: TextWriter, node: ts.ClassLikeDeclaration): boolean {
  const declaration = skipOuter(node).parent;
  if (node.name || !TS.isVariableDeclaration(declaration) || !TS.isIdentifier(declaration.name)) return false;
  const binding = text.module.scopes.resolve(declaration.name);
  const isMoved = usingKind(declaration.parent) !== undefined || (binding && text.inCell(binding));
  return binding !== undefined && !isModuleLevel(binding) && isMoved === true;
}

/** Lifts a class of a function; `values` are its outside parts, evaluated. */
export function classMaker(text: TextWriter, node: ts.ClassLikeDeclaration, values: readonly Rope[]): Rope {
  const { module } = text;
  const info = module.functions.of(node)!;
  const name = module.constant(info.path);
  const parts = outsideParts(node);
  const heritage = heritageOf(node);
  const outside = new Map(
    parts.map((part): [ts.Node, Rope] => [part, part === heritage ? module.unique("heritage") : module.unique("key")]),
  );
  const cells = info.captures.map((binding) => module.captureName(binding, node));
  module.locals.set(node, []);
  const body = classBody(module, node, info.path, outside, true);
  // An anonymous class takes its name from a variable, as it would from the declaration it stood in.
  const isNameable = !node.name && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(info.name) && info.name !== "default";
  const locals = module.locals.get(node) ?? [];
  const hasLocals = locals.length > 0 || module.functions.all.some((one) => one.host === node);
  const made = isNameable
    ? code`{ ${locals}const ${info.name} = ${body}; return ${info.name}; }`
    : hasLocals
      ? code`{ ${locals}return (${body}); }`
      : code`(${body})`;
  const meta = module.meta(info.name, node);
  module.define(
    name,
    code`${module.names.module}.classCode(${JSON.stringify(info.path)}, ${meta}, (${join([...cells, ...outside.values()], ", ")}) => ${made})`,
    info.host,
  );
  module.compiled.push({ info, kind: "class", machine: null });
  const passed = values.map((value, i) =>
    // Converted once: the class is made again of its saved keys, when no code of the user may run.
    parts[i] === heritage || TS.isStringLiteralLike(parts[i]!) || TS.isNumericLiteral(parts[i]!)
      ? value
      : code`${module.names.runtime}.key(${value})`,
  );
  return code`${name}(${join([...info.captures.map((binding) => text.captured(binding, node)), ...passed], ", ")})`;
}

function classBody(
  module: ModuleContext,
  node: ts.ClassLikeDeclaration,
  path: string,
  outside: ReadonlyMap<ts.Node, Rope>,
  isNested: boolean,
): Rope {
  const edits: Edit[] = [];
  const heritage = heritageOf(node);
  if (heritage) edits.push({ start: heritage.getStart(), end: heritage.end, with: outside.get(heritage)! });
  edits.push(...decoratorEdits(module.rules.text(inPlace(path)), node));
  refuseOwnNames(module, node);
  const open = module.sourceFile.text.lastIndexOf("{", node.members.pos) + 1;
  const hosted: Rope[] = [];
  module.hosted.set(node, hosted);
  edits.push({
    start: open,
    end: open,
    with: code` static { ${module.names.module}.class(${selfOf(node)}, ${JSON.stringify(path)}${privates(node, isNested)});${hosted} }`,
  });
  for (const member of node.members)
    edits.push({
      start: member.getStart(),
      end: member.end,
      with: classMember(module, member, path, outside, isNested),
    });
  const start =
    TS.isClassDeclaration(node) && isNested
      ? module.sourceFile.text.indexOf("class", modifiersEnd(node))
      : node.getStart();
  const first = edits.filter((edit) => edit.start >= start);
  return module.rules.text(inPlace(path)).between(start, node.end, [], first);
}

/** A private name in a key of the class that declares it: the key is evaluated outside of the class, or its functions before the class is made. */
function refuseOwnNames(module: ModuleContext, node: ts.ClassLikeDeclaration): void {
  const visit = (at: ts.Node): void => {
    if (TS.isPrivateIdentifier(at) && declaringClass(at) === node)
      module.report("PD1105", at, { construct: "a private name of a class in its own computed key" });
    TS.forEachChild(at, visit);
  };
  for (const { name } of node.members) if (name && TS.isComputedPropertyName(name)) visit(name.expression);
}

const modifiersEnd = (node: ts.Node): number =>
  (TS.canHaveModifiers(node) && TS.getModifiers(node)?.at(-1)?.end) || afterDecorators(node);

/**
 * Accessors of the private fields of instances, for saving and reviving; of a class made in a function, of its static ones too. Those of a module's class are
 * state of the module: what they hold has a name.
 */
function privates(node: ts.ClassLikeDeclaration, isNested: boolean): string {
  const named = node.members.filter((member) => member.name && TS.isPrivateIdentifier(member.name));
  const nameOf = (member: ts.ClassElement): string => (member.name as ts.PrivateIdentifier).text;
  const fields = node.members.flatMap((member) => {
    if (!TS.isPropertyDeclaration(member)) return [];
    if (isAutoAccessor(member)) return [{ member, name: storageOf(member) }];
    return TS.isPrivateIdentifier(member.name) ? [{ member, name: member.name.text }] : [];
  });
  // An instance without private fields may have private methods: it is none without them.
  const mark =
    fields.find(({ member }) => !isStatic(member))?.name ?? named.filter((one) => !isStatic(one)).map(nameOf)[0];
  const own = mark
    ? `{ ${values(
        fields.flatMap(({ member, name }) => (isStatic(member) ? [] : [name])),
        "o",
        ["o"],
      )}, has: (o) => ${mark} in o }`
    : "";
  const statics = fields.flatMap(({ member, name }) => (isStatic(member) ? [name] : []));
  const length = loweredLength(node);
  const given = [
    own,
    statics.length === 0 ? "" : isNested ? `{ ${values(statics, "this", [])} }` : heldPrivately(statics),
    handedOut(node, named),
    length === undefined ? "" : String(length),
  ];
  return given
    .slice(0, given.findLastIndex((one) => one !== "") + 1)
    .map((one) => `, ${one || "null"}`)
    .join("");
}

/** Private methods that the class's text reads as values: `const m = this.#m`. */
function handedOut(node: ts.ClassLikeDeclaration, named: readonly ts.ClassElement[]): string {
  const methods = named.filter((member) => TS.isMethodDeclaration(member));
  if (methods.length === 0) return "";
  const read = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (TS.isPropertyAccessExpression(at) && TS.isPrivateIdentifier(at.name) && !isCalled(at))
      if (declaringClass(at.name) === node) read.add(at.name.text);
    TS.forEachChild(at, visit);
  };
  visit(node);
  const list = (wanted: boolean, of: string): string =>
    methods
      .filter((member) => isStatic(member) === wanted && read.has((member.name as ts.PrivateIdentifier).text))
      .map((member) => (member.name as ts.PrivateIdentifier).text)
      .map((name) => `["${name}", ${of}.${name}]`)
      .join(", ");
  const [own, statics] = [list(false, "o"), list(true, selfOf(node))];
  const parts = [...(own ? [`own: (o) => [${own}]`] : []), ...(statics ? [`statics: () => [${statics}]`] : [])];
  return parts.length === 0 ? "" : `{ ${parts.join(", ")} }`;
}

const heldPrivately = (names: readonly string[]): string =>
  `{ named: () => [${names.map((name) => `["${name}", this.${name}]`).join(", ")}] }`;

const values = (names: readonly string[], of: string, parameters: readonly string[]): string => {
  const get = names.map((name) => `${of}.${name}`).join(", ");
  const set = names.map((name, i) => `${of}.${name} = v[${i}];`).join(" ");
  return `get: (${parameters.join("")}) => [${get}], set: (${[...parameters, "v"].join(", ")}) => { ${set} }`;
};

/** Is the computed key needed more than once: of a field that names a function or class, of an async method or generator, of an auto-accessor? */
const needsKey = (module: ModuleContext, member: ts.Node): boolean =>
  namesByKey(module, member) ||
  (TS.isClassElement(member) && isAutoAccessor(member) && TS.isComputedPropertyName(member.name!)) ||
  (TS.isMethodDeclaration(member) &&
    TS.isComputedPropertyName(member.name) &&
    module.functions.of(member)?.machine === true);

/** Is this a field whose computed key names a function or class? */
const namesByKey = (
  module: ModuleContext,
  member: ts.Node,
): member is ts.PropertyDeclaration & { readonly name: ts.ComputedPropertyName } => {
  if (!TS.isPropertyDeclaration(member) || !TS.isComputedPropertyName(member.name)) return false;
  const definition = member.initializer && anonymousDefinition(member.initializer);
  return definition !== undefined && module.functions.of(definition) !== undefined;
};

/** The first field whose initializer may call an arrow that the constructor made before `super(…)`; undefined where it makes none. */
function firstEffect(module: ModuleContext, owner: ts.Node): ts.ClassElement | undefined {
  if (!TS.isClassLike(owner)) return undefined;
  const made = owner.members.find((member) => TS.isConstructorDeclaration(member) && member.body !== undefined);
  if (made === undefined || !module.functions.of(made)?.lateSelf) return undefined;
  return owner.members.find(
    (member) =>
      TS.isPropertyDeclaration(member) &&
      !isStatic(member) &&
      member.initializer !== undefined &&
      hasEffects(member.initializer),
  );
}

/** `super(…)` where arrows that were made before it may be called by fields of the class: these tell the cell behind `this`. */
export function superCall(module: ModuleContext, node: ts.Node, call: Rope, cell: Rope): Rope {
  let at = node;
  while (!TS.isConstructorDeclaration(at)) at = at.parent;
  if (firstEffect(module, at.parent) === undefined) return call;
  return code`${module.names.runtime}.constructing(${cell}, () => { ${call}; })`;
}

/** One member of a class that keeps its text, with what is inside it rewritten. */
export function classMember(
  module: ModuleContext,
  member: ts.ClassElement,
  path: string,
  outside: ReadonlyMap<ts.Node, Rope>,
  isNested: boolean,
): Rope {
  const { runtime } = module.names;
  const text = module.rules.text(inPlace(path));
  const key: Edit[] = [];
  if (member.name && TS.isComputedPropertyName(member.name)) {
    const given = outside.get(member.name.expression);
    if (given) key.push({ start: member.name.expression.getStart(), end: member.name.expression.end, with: given });
  }
  if (TS.isPropertyDeclaration(member)) {
    const decorated = decoratorEdits(text, member);
    if (!member.initializer && !isAutoAccessor(member)) return text.kept(member, [...decorated, ...key]);
    const skips = isNested || !isStatic(member);
    const guard = (given: Rope): Rope => (skips ? code`${runtime}.reviving() ? undefined : ${given}` : given);
    const isHooked = firstEffect(module, member.parent) === member;
    let value: Rope = member.initializer ? text.argument(member.initializer) : "undefined";
    // Evaluated with the class, read by each initializer.
    const known =
      TS.isComputedPropertyName(member.name) && needsKey(module, member)
        ? keptKey(module, member.name, path, isNested, key)
        : undefined;
    if (known && namesByKey(module, member)) value = code`${runtime}.named(${value}, ${known})`;
    if (isHooked) value = code`(${runtime}.constructed(this), ${value})`;
    if (isAutoAccessor(member)) return autoAccessor(member, guard(value), known && key[0]!.with, known);
    return text.between(
      member.getStart(),
      member.end,
      [],
      [
        ...decorated,
        ...key,
        { start: member.initializer!.getStart(), end: member.initializer!.end, with: guard(value) },
      ],
    );
  }
  if (TS.isClassStaticBlockDeclaration(member)) {
    const first = prelude(text, [member], member.body.statements);
    const begin = isNested ? [code`if (!${runtime}.reviving()) {`, ...first] : first;
    const edits = scopeEdits(text, member.body, begin);
    const close = member.body.end - 1;
    if (isNested) edits.push({ start: close, end: close, with: "}" });
    return text.between(member.getStart(), member.end, [...member.body.statements], edits);
  }
  const info = module.functions.of(member);
  if (!info) return slice(member.getStart(), member.end);
  if (info.machine) {
    const name = module.constant(info.path);
    const entry = module.rules.machine(info);
    module.define(name, { type: "machine", info, machine: entry.machine, maker: null }, info.host);
    module.compiled.push({ info, kind: "machine", machine: entry.machine });
    const held = module.hosted.get(member.parent);
    let own: string | null = null;
    if (held && member.name && !TS.isPrivateIdentifier(member.name)) {
      const { name: written } = member;
      const known: Rope = TS.isComputedPropertyName(written)
        ? keptKey(module, written, path, isNested, key)
        : TS.isIdentifier(written)
          ? JSON.stringify(written.text)
          : slice(written.getStart(), written.end);
      const self = selfOf(member.parent as ts.ClassLikeDeclaration);
      const home = isStatic(member) ? self : `${self}.prototype`;
      if (info.generator === null) held.push(code` ${module.names.module}.async(${home}, ${known});`);
      else {
        // One of a nested class is a function of its own for each class that is made.
        own = isNested ? module.unique(`own$${word(info.name)}`) : null;
        if (own) module.locals.get(member.parent)?.push(`let ${own};`, " ");
        const codePath = own ? "null" : JSON.stringify(info.path);
        const given = code`${module.names.module}.generator(${home}, ${known}, ${JSON.stringify(info.generator)}, ${codePath});`;
        held.push(own ? code` ${own} = ${given}` : code` ${given}`);
      }
    }
    // The other modifiers are types. Without its star a generator could be taken for a part of the field before it: `set; *items() {}`.
    const members: readonly ts.Node[] = TS.isClassLike(member.parent) ? member.parent.members : [];
    const before = members[members.indexOf(member) - 1];
    const apart = info.generator !== null && before && TS.isPropertyDeclaration(before) ? "; " : "";
    const decorated = decorators(text, member);
    return [apart, decorated, isStatic(member) ? "static " : "", machineWrapper(module, info, entry, name, key, own)];
  }
  const start = afterDecorators(member);
  if (TS.isConstructorDeclaration(member)) {
    const isDerived = heritageOf(member.parent as ts.ClassLikeDeclaration) !== undefined;
    const constructing = firstEffect(module, member.parent) !== undefined;
    const late = info.lateSelf ? { cell: selfParameter(module, info), constructing } : null;
    return [
      slice(start, modifiersOrStart(member)),
      functionText(module, info, [], revivalOf(runtime, member, isDerived, late)),
    ];
  }
  return [decorators(text, member), slice(start, modifiersOrStart(member)), functionText(module, info, key)];
}

const word = (name: string): string => name.replace(/[^\p{ID_Continue}$]+/gu, "$");

/** A computed key that is needed again after the class is made; the edit of the key itself is changed to keep it. */
function keptKey(
  module: ModuleContext,
  { expression }: ts.ComputedPropertyName,
  path: string,
  isNested: boolean,
  edits: Edit[],
): Rope {
  const given = edits.pop()!.with;
  const cell = isNested ? "" : module.constant(`${path}/key`);
  if (!isNested) module.define(cell, `${module.names.runtime}.cell()`, null);
  const known: Rope = isNested ? given : `${cell}.v`;
  const kept = isNested ? known : code`${known} = ${module.names.runtime}.key(${given})`;
  edits.push({ start: expression.getStart(), end: expression.end, with: kept });
  return known;
}

/** Where the member's text begins after its modifiers. */
function modifiersOrStart(member: ts.ClassElement): number {
  const source = member.getSourceFile().text;
  let at = modifiersEnd(member);
  while (/\s/.test(source.charAt(at))) at++;
  return at;
}
