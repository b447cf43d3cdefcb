/**
 * Declarations in scopes that keep their text. A captured variable's declaration makes its cell; functions are made
 * where their scope begins, since they are hoisted (ECMA-262 14.2.3); loops make a fresh cell for each iteration.
 */
import type { ts } from "@ts-morph/common";
import { namesOf } from "../1-parse/binding-names.ts";
import { isStatic } from "../1-parse/modifiers.ts";
import { TS } from "../1-parse/typescript.ts";
import type { Binding } from "../2-analyze/bindings.ts";
import { isEarlyName } from "../2-analyze/class-parts.ts";
import { type Disposal, disposalIn, disposalOf, usingKind } from "../2-analyze/disposal.ts";
import { isModuleLevel } from "../2-analyze/scopes.ts";
import { code, type Edit, join, type Rope, slice } from "../ir/rope.ts";
import type { TextWriter } from "./context.ts";
import { disposalText, isUsed, usedValue } from "./disposables.ts";
import { assignmentPattern, declaredTarget, isHoisted, isThere } from "./patterns.ts";
import { bindFrom, selfCapturingHead, selfCapturingParameter } from "./self-capture.ts";
import { inPattern } from "./super.ts";

const bindingOf = (text: TextWriter, name: ts.Identifier): Binding | undefined => text.module.scopes.resolve(name);

/** Does the variable live in a cell of its own text's scope (not in a frame)? */
const hasOwnCell = (text: TextWriter, binding: Binding): boolean =>
  text.inCell(binding) && !text.around.frame?.slotOf(binding);

/** Made where its scope begins, because something may touch it before its declaration. */
const isEarly = (text: TextWriter, binding: Binding): boolean => text.module.mayBeEarly(binding);

/** What nobody assigns again is no state, whoever made it: a function of the module may hold it (`const pay = withRetry(charge)`). */
const cellFor = ({ references }: Binding): "cell" | "fixed" =>
  references.every(({ access }) => access === "read") ? "fixed" : "cell";

/** What must run where a scope begins: cells, then hoisted functions. */
export function prelude(text: TextWriter, scopeNodes: readonly ts.Node[], statements: readonly ts.Node[]): Rope[] {
  const { runtime } = text.module.names;
  const out: Rope[] = scopeNodes
    .filter((node) => text.module.calls.tailed.has(node))
    .map((node) => asksItsCaller(text, node));
  for (const node of scopeNodes) {
    const scope = text.module.scopes.scopeOf(node);
    if (scope.node !== node) continue;
    for (const binding of scope.bindings.values()) {
      if (!hasOwnCell(text, binding)) continue;
      const cell = text.cellName(binding);
      if (
        binding.kind === "parameter" ||
        binding.kind === "catch" ||
        TS.isForInStatement(node) ||
        TS.isForOfStatement(node)
      )
        out.push(`const ${cell} = ${runtime}.${cellFor(binding)}(${binding.name});`);
      else if (binding.startsAs)
        continue; // It comes with the body.
      else if (isHoisted(binding)) out.push(`const ${cell} = ${runtime}.cell(undefined);`);
      else if (isEarly(text, binding) && !TS.isForStatement(node))
        out.push(`const ${cell} = ${runtime}.tdz(${JSON.stringify(binding.name)});`);
    }
  }
  for (const statement of statements) {
    let declaration = statement;
    while (TS.isLabeledStatement(declaration)) declaration = declaration.statement;
    if (!TS.isFunctionDeclaration(declaration) || !declaration.name || !declaration.body) continue;
    const binding = bindingOf(text, declaration.name)!;
    if (isModuleLevel(binding)) continue;
    const made = text.closure(declaration);
    const name = slice(declaration.name.getStart(), declaration.name.end);
    if (text.inCell(binding)) out.push(code`${declaredTarget(text, declaration.name, binding)} = ${made};`);
    else if (text.around.frame?.slotOf(binding))
      out.push(code`${declaredTarget(text, declaration.name, binding)} = ${made};`);
    // Of a function's own scope, it may be declared again (ECMA-262 10.2.11).
    else out.push(code`${binding.declarations.length > 1 ? "var" : "let"} ${name} = ${made};`);
  }
  return out;
}

/** `const tail = $m.tail(path);`: the first thing that the function does. A method of a class is known by its class and key. */
function asksItsCaller({ module }: TextWriter, node: ts.Node): Rope {
  const { names, functions } = module;
  const isMember = TS.isMethodDeclaration(node) && TS.isClassLike(node.parent);
  const path = functions.of(isMember ? node.parent : node)?.path ?? "";
  const key =
    isMember && `, ${JSON.stringify((node.name as ts.Identifier | ts.StringLiteral).text)}, ${String(isStatic(node))}`;
  return `const ${names.tail} = ${names.module}.tail(${JSON.stringify(path)}${key || ""});`;
}

/** A block that keeps its text: its cells and functions come first. */
export function block(text: TextWriter, node: ts.Block): Rope | undefined {
  const { parent } = node;
  const isLoopBody = (TS.isForInStatement(parent) || TS.isForOfStatement(parent)) && !disposalOf(parent.initializer);
  const isBound = TS.isCatchClause(parent)
    ? selfCapturingParameter(text, parent) !== undefined
    : isLoopBody && selfCapturingHead(text, parent) !== undefined;
  const heads = (TS.isCatchClause(parent) || isLoopBody) && !isBound ? [parent] : [];
  const isBody = TS.isFunctionLike(parent) || TS.isClassStaticBlockDeclaration(parent);
  const first = prelude(text, [...heads, ...(isBody ? [parent] : []), node], node.statements);
  const edits = scopeEdits(text, node, first);
  return edits.length === 0 ? undefined : text.kept(node, edits);
}

/** What a block that keeps its text begins and ends with: `first`, and the disposal of what it uses. */
export function scopeEdits(text: TextWriter, node: ts.Block, first: readonly Rope[]): Edit[] {
  const disposal = text.around.volatile ? undefined : disposalIn(node.statements);
  const around = disposal && disposalText(text, node, disposal);
  const before = around ? [...first, around.before] : first;
  if (before.length === 0) return [];
  const open = node.getStart() + 1;
  const begin = { start: open, end: open, with: [" ", join(before, " ")] };
  return around ? [begin, { start: node.end - 1, end: node.end - 1, with: [around.after, " "] }] : [begin];
}

/** The scope of a `switch` is one for all clauses: what must exist before any of them stands around it. */
export function switchStatement(
  text: TextWriter,
  node: ts.SwitchStatement,
  extra: readonly Edit[] = [],
): Rope | undefined {
  const statements = node.caseBlock.clauses.flatMap((clause) => [...clause.statements]);
  const first = prelude(text, [node.caseBlock], statements);
  if (first.length === 0) return extra.length > 0 ? text.kept(node, extra) : undefined;
  // The value is evaluated outside that scope.
  const value = text.module.unique("value");
  const { expression } = node;
  const given = extra[0]?.with ?? text.argument(expression);
  const inner = text.kept(node, [{ start: expression.getStart(), end: expression.end, with: value }]);
  return code`{ const ${value} = ${given}; ${join(first, " ")} ${inner} }`;
}

/** One declarator in its new form: part of a declaration list, or an assignment of something that exists already. */
type Part = { readonly list: boolean; readonly rope: Rope };

function parts(text: TextWriter, declaration: ts.VariableDeclaration, isFor: boolean): Part[] {
  const { runtime } = text.module.names;
  const names = namesOf(declaration.name);
  const bindings = names.map((name) => bindingOf(text, name)!);
  const list = declaration.parent as ts.VariableDeclarationList;
  const { initializer } = declaration;
  // Written once, where it is needed: what is lifted out of it is defined then.
  const value = (): Rope => (initializer ? usedValue(text, list, text.argument(initializer)) : "undefined");
  const isAssigned = (binding: Binding): boolean =>
    text.around.frame?.slotOf(binding) !== undefined ||
    (text.inCell(binding) && (isThere(binding) || isEarly(text, binding)));
  const target = (name: ts.Identifier): Rope => declaredTarget(text, name, bindingOf(text, name));

  if (TS.isIdentifier(declaration.name)) {
    const binding = bindings[0]!;
    if (isAssigned(binding)) {
      // The variable of the function that a handler's `var` declares beside its parameter.
      const declared: Part[] = binding.kind === "catch" ? [{ list: true, rope: binding.name }] : [];
      if (!initializer && isThere(binding)) return declared;
      return [...declared, { list: false, rope: code`${target(declaration.name)} = ${value()}` }];
    }
    if (!text.inCell(binding)) {
      const given = initializer && [{ start: initializer.getStart(), end: initializer.end, with: value() }];
      return [{ list: true, rope: text.kept(declaration, given) }];
    }
    return [
      {
        list: true,
        rope: code`${slice(declaration.name.getStart(), declaration.name.end)}${text.module.names.cell} = ${runtime}.${cellFor(binding)}(${value()})`,
      },
    ];
  }
  if (bindings.some(isAssigned)) {
    const native = names.filter((_, i) => !isAssigned(bindings[i]!) && !text.inCell(bindings[i]!));
    const cells = names.filter((_, i) => !isAssigned(bindings[i]!) && text.inCell(bindings[i]!));
    return [
      ...native.map((name): Part => ({ list: true, rope: name.text })),
      ...cells.map(
        (name): Part => ({
          list: true,
          rope: `${name.text}${text.module.names.cell} = ${runtime}.tdz(${JSON.stringify(name.text)})`,
        }),
      ),
      {
        list: false,
        rope: code`${isFor ? "" : "("}${assignmentPattern(text, declaration.name, target)} = ${value()}${isFor ? "" : ")"}`,
      },
    ];
  }
  const cells = names.filter((_, i) => text.inCell(bindings[i]!));
  return [
    { list: true, rope: text.kept(declaration) },
    ...cells.map(
      (name): Part => ({
        list: true,
        rope: `${name.text}${text.module.names.cell} = ${runtime}.${cellFor(bindingOf(text, name)!)}(${name.text})`,
      }),
    ),
  ];
}

const needsParts = (text: TextWriter, list: ts.VariableDeclarationList): boolean =>
  !text.around.volatile && (isUsed(text, list) || hasMoved(text, list));

const hasMoved = (text: TextWriter, list: ts.VariableDeclarationList): boolean =>
  list.declarations.some((declaration) =>
    namesOf(declaration.name).some((name) => {
      const binding = bindingOf(text, name);
      return binding && !isModuleLevel(binding) && (text.inCell(binding) || text.around.frame?.slotOf(binding));
    }),
  );

const keyword = (list: ts.VariableDeclarationList, hasAssignedNative: boolean): string => {
  if ((list.flags & TS.NodeFlags.BlockScoped) === 0) return "var";
  const isConstant = (list.flags & TS.NodeFlags.BlockScoped) === TS.NodeFlags.Const || usingKind(list) !== undefined;
  return isConstant && !hasAssignedNative ? "const" : "let";
};

/** `let a = 1, b = 2;` with `b` captured: `let a = 1, b$ = $.cell(2);`. */
export function variableStatement(text: TextWriter, node: ts.VariableStatement): Rope | undefined {
  const list = node.declarationList;
  if (!needsParts(text, list)) return undefined;
  const out: Rope[] = [];
  let open: Rope[] = [];
  const close = (): void => {
    if (open.length > 0)
      out.push(
        code`${keyword(
          list,
          open.some((rope) => typeof rope === "string" && !rope.includes("=")),
        )} ${join(open, ", ")};`,
      );
    open = [];
  };
  for (const part of list.declarations.flatMap((declaration) => parts(text, declaration, false))) {
    if (part.list) open.push(part.rope);
    else {
      close();
      out.push([part.rope, ";"]);
    }
  }
  close();
  if (out.length === 0) return ";";
  const inList =
    TS.isBlock(node.parent) ||
    TS.isSourceFile(node.parent) ||
    TS.isCaseOrDefaultClause(node.parent) ||
    TS.isModuleBlock(node.parent);
  return inList || out.length === 1
    ? [out[0]!, ...out.slice(1).map((rope): Rope => [" ", rope])]
    : code`{ ${join(out, " ")} }`;
}

/** The head of `for-in` and `for-of` over a `var` that moved: an assignment target. */
export function declarationList(text: TextWriter, list: ts.VariableDeclarationList): Rope | undefined {
  if (!needsParts(text, list) || (list.flags & TS.NodeFlags.BlockScoped) !== 0) return undefined;
  return assignmentPattern(text, list.declarations[0]!.name, (name) =>
    declaredTarget(text, name, bindingOf(text, name)),
  );
}

/** A kept `for`: cells of its variables are copied before each update (ECMA-262 14.7.4.4). */
export function forHead(text: TextWriter, node: ts.ForStatement): Rope | undefined {
  if (text.around.volatile || !disposalOf(node.initializer)) return forLoop(text, node);
  // A label stands directly before its loop: the scope of the loop's head is then made around the label.
  return TS.isLabeledStatement(node.parent) ? undefined : disposingLoop(text, node, node);
}

/** A labelled loop whose head has `using`: the scope stands around its labels. */
export function labeled(text: TextWriter, node: ts.LabeledStatement): Rope | undefined {
  let loop: ts.Statement = node;
  while (TS.isLabeledStatement(loop)) loop = loop.statement;
  const isOurs = TS.isForStatement(loop) && disposalOf(loop.initializer) && !TS.isLabeledStatement(node.parent);
  return isOurs && !text.around.volatile ? disposingLoop(text, loop as ts.ForStatement, node) : undefined;
}

function disposingLoop(text: TextWriter, loop: ts.ForStatement, whole: ts.Statement): Rope {
  const { before, after } = disposalText(text, loop, disposalOf(loop.initializer)!);
  const written = forLoop(text, loop) ?? text.kept(loop);
  return code`{ ${before} ${slice(whole.getStart(), loop.getStart())}${written} ${after} }`;
}

function forLoop(text: TextWriter, node: ts.ForStatement): Rope | undefined {
  const init = node.initializer;
  if (!init || !TS.isVariableDeclarationList(init) || !needsParts(text, init)) return undefined;
  const all = init.declarations.flatMap((declaration) => parts(text, declaration, false));
  const cells = init.declarations
    .flatMap((declaration) => namesOf(declaration.name))
    .map((name) => bindingOf(text, name)!)
    .filter((binding) => hasOwnCell(text, binding) && !isHoisted(binding));
  const { runtime } = text.module.names;
  const early = cells.filter((binding) => isEarly(text, binding));
  const copies = cells
    .filter((binding) => binding.kind === "let")
    .map((binding) => `${text.cellName(binding)} = ${runtime}.copy(${text.cellName(binding)})`);
  const declarators: Rope[] = [
    ...early.map((binding) => `${text.cellName(binding)} = ${runtime}.tdz(${JSON.stringify(binding.name)})`),
    ...all.map((part) => (part.list ? part.rope : code`${text.module.unique("t")} = (${part.rope})`)),
  ];
  // Closures made by the head itself keep the variables of before the first iteration.
  const capturedByHead = cells.some((binding) =>
    binding.references.some(({ node: use }) => use.getStart() >= init.getStart() && use.end <= init.end),
  );
  if (capturedByHead) declarators.push(...copies.map((copy) => `${text.module.unique("t")} = (${copy})`));
  const isList = all.some((part) => part.list) || declarators.length > all.length;
  const head: Rope = isList
    ? code`${copies.length > 0 ? "let" : keyword(init, false)} ${join(declarators, ", ")}`
    : join(
        all.map((part) => part.rope),
        ", ",
      );
  const edits: Edit[] = [{ start: init.getStart(), end: init.end, with: head }];
  if (copies.length > 0) {
    const update = node.incrementor;
    const semicolon = text.module.sourceFile.text.lastIndexOf(")", node.statement.getStart());
    if (update)
      edits.push({ start: update.getStart(), end: update.end, with: code`${copies.join(", ")}, ${text.text(update)}` });
    else edits.push({ start: semicolon, end: semicolon, with: ` ${copies.join(", ")}` });
  }
  return text.kept(node, edits);
}

/** A kept `for-in` or `for-of` whose body is no block gets one when its variables have cells. */
export function forInOf(text: TextWriter, node: ts.ForInOrOfStatement, extra: readonly Edit[] = []): Rope | undefined {
  const pattern = selfCapturingHead(text, node);
  if (pattern !== undefined) {
    const item = text.module.unique("item");
    const { initializer, statement } = node;
    const body = code`{ ${bindFrom(text, pattern, item)} ${text.text(statement)} }`;
    return text.kept(node, [
      ...extra,
      { start: initializer.getStart(), end: initializer.end, with: `const ${item}` },
      { start: statement.getStart(), end: statement.end, with: body },
    ]);
  }
  const disposal = text.around.volatile ? undefined : disposalOf(node.initializer);
  const cells = text.around.volatile || (TS.isBlock(node.statement) && !disposal) ? [] : prelude(text, [node], []);
  if (disposal) return disposingIterations(text, node, disposal, cells, extra);
  if (cells.length === 0) return extra.length > 0 ? text.kept(node, extra) : undefined;
  const body = code`{ ${join(cells, " ")} ${text.text(node.statement)} }`;
  return text.kept(node, [...extra, { start: node.statement.getStart(), end: node.statement.end, with: body }]);
}

/** `for (using x of list) …` disposes at the end of each iteration. */
function disposingIterations(
  text: TextWriter,
  node: ts.ForInOrOfStatement,
  disposal: Disposal,
  cells: readonly Rope[],
  extra: readonly Edit[],
): Rope {
  const { list } = disposal;
  const name = list.declarations[0]!.name as ts.Identifier;
  const { before, after } = disposalText(text, node, disposal);
  const use = usedValue(text, list, slice(name.getStart(), name.end));
  const body = code`{ ${before} ${use}; ${join(cells, " ")} ${text.text(node.statement)} ${after} }`;
  return text.kept(node, [
    ...extra,
    { start: list.getStart(), end: name.getStart(), with: "const " },
    { start: node.statement.getStart(), end: node.statement.end, with: body },
  ]);
}

/** What the runtime is told of a variable that cannot be assigned: its name, and its cell, which may be in its dead zone. */
export function constantOf(text: TextWriter, name: ts.Identifier, binding: Binding): Rope {
  const cell = text.inCell(binding) || isEarlyName(binding, name) ? code`, ${text.captured(binding, name)}` : "";
  return [{ type: "mark", at: name.getStart() }, code`"${slice(name.getStart(), name.end)}"${cell}`];
}

/** An assignment to a variable that cannot be assigned throws, after its value was evaluated (ECMA-262 9.1.1.1.5). */
export function assignsConstant(text: TextWriter, node: ts.Expression): Rope | undefined {
  const isAssignment =
    TS.isBinaryExpression(node) &&
    node.operatorToken.kind >= TS.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= TS.SyntaxKind.LastAssignment &&
    !inPattern(node);
  const operand = isAssignment
    ? node.left
    : TS.isPrefixUnaryExpression(node) || TS.isPostfixUnaryExpression(node)
      ? node.operand
      : undefined;
  if (!operand || !TS.isIdentifier(operand)) return undefined;
  const binding = bindingOf(text, operand);
  if (!binding || isModuleLevel(binding) || !["const", "using", "self-name"].includes(binding.kind)) return undefined;
  if (binding.references.find((one) => one.node === operand)?.access === "read") return undefined;
  const isMoved = text.inCell(binding) || text.around.frame?.slotOf(binding) || binding.captured;
  if (!isMoved) return undefined;
  const before = isAssignment && node.operatorToken.kind === TS.SyntaxKind.EqualsToken ? [] : [text.argument(operand)];
  const value = isAssignment ? [text.argument(node.right)] : [];
  return code`(${join([...before, ...value, code`${text.module.names.runtime}.constant(${constantOf(text, operand, binding)})`], ", ")})`;
}
