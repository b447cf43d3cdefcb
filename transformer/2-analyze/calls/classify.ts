/**
 * Classifies every call of a file's durable code by the call table. Three passes: the calls, top down, so that what
 * became part of a step is not looked at again; constants that are used only as operands; platform names.
 */
import type { ts } from "@ts-morph/common";
import { isTypeKind, NodeTable, numberOf, type Tree } from "../../1-parse/tree.ts";
import { TS } from "../../1-parse/typescript.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { diagnostic } from "../../diagnostics/make.ts";
import type { FileTypes } from "../../types/questions.ts";
import type { Binding, Scopes } from "../bindings.ts";
import { durableCode } from "../regions.ts";
import { analyzeBuiltIns } from "./built-ins.ts";
import { analyzeCallbacks, type Callback, type Callbacks } from "./callbacks.ts";
import type { CallClass, CallTable, Operand } from "./classes.ts";
import { explainCalls } from "./explain.ts";
import { growingOf, isChosen, isCopied, linksOf, singleUse } from "./growing.ts";
import { analyzeNames, requiredModule } from "./names.ts";
import { analyzeOperands } from "./operands.ts";
import { CONNECTING, DURABLE_MODULES, ENDING, VOLATILE_CALLBACKS } from "./platform.ts";
import { analyzePlatformNames } from "./platform-names.ts";
import { analyzePositions, POSITIONS, type Position, type Positions } from "./positions.ts";
import { isReading } from "./repeatable.ts";
import {
  argumentsOf,
  type CallNode,
  calleeOf,
  enclosingFunction,
  inner,
  isCallNode,
  isInlineFunction,
  isLastArgument,
  isMethodCalled,
  outer,
  shortText,
} from "./syntax.ts";
import { CALL_TABLE } from "./table.ts";
import { asksItsCaller, type CallSite, type Facts, FOR_ITS_CALLER, type Verdict } from "./verdicts.ts";

type Entry = { readonly verdict: Verdict; readonly row: string };

/** `insert` of `prisma.$transaction(users.map(insert))`. */
const ELEMENTS: Entry = {
  verdict: {
    type: "telling",
    wanted: "operand",
    why: "makes the elements of a list that is an operand of a step",
  },
  row: "thenable-listed",
};
/** `load` of `Promise.all(ids.map(load))`. */
const MAPPED: Entry = {
  verdict: { type: "telling", wanted: true, why: `a function that asks what its result is for: ${POSITIONS.mapped}` },
  row: "durable",
};

/**
 * @param roots what is durable: the source file, or its functions with the directive
 * @param types without it, every type is unknown
 */
export function classifyCalls(tree: Tree, scopes: Scopes, roots: readonly ts.Node[], types?: FileTypes): CallTable {
  const { sourceFile } = tree;
  const durableRegions = durableCode(roots);
  const names = analyzeNames(tree, scopes, durableRegions);
  const builtIns = analyzeBuiltIns(names, types);
  const positions = analyzePositions(names);
  const callbacks = analyzeCallbacks(names, builtIns, types);
  const operands = analyzeOperands(durableRegions, names, builtIns, positions, types);
  const facts: Facts = { names, builtIns, positions, callbacks, operands, types, returning: new Map() };

  const entries = new Map<ts.Node, Entry>();
  const volatile = new Set<ts.Node>();
  const diagnostics: Diagnostic[] = [];
  /** Initializers that are property paths, `const s3 = this.aws.s3`, or literals, `const tools = { find: tool({ … }) }`. */
  const paths: ts.Expression[] = [];
  /** Identifiers that may be awaited as they are: looked at when all calls are known. */
  const awaited = new Set<ts.Identifier>();
  /** Those of them that have been looked at. */
  const looked = new Set<ts.Identifier>();
  /** Identifiers that are operands of steps as they are. */
  const leaves = new Set<ts.Node>();
  /** Operands that are lists of thenables. */
  const listed: ts.Expression[] = [];

  const classify = (node: CallNode): Entry => {
    const site = new Site(node, positions, callbacks);
    for (const row of CALL_TABLE) {
      const verdict = row.decide(site, facts);
      if (verdict) return { verdict, row: row.id };
    }
    throw new Error("the last row of the call table decides every call");
  };

  /** `isStep`: certainly of a step. What else uses a variable needs the value that it holds, and no other one made in its place. */
  const visitOperands = (list: readonly Operand[], isStep = true): void => {
    for (const operand of list) {
      if (operand.kind !== "leaf") visitOperands(operand.operands, isStep);
      else if (operand.told) visitChildren(operand.node);
      else {
        if (operand.listed) listed.push(operand.node);
        if (isStep && operand.copied === undefined) leaves.add(inner(operand.node));
        visit(operand.node);
      }
    }
  };
  const visitCall = (node: CallNode): void => {
    const entry = classify(node);
    entries.set(node, entry);
    const { verdict } = entry;
    if ("operands" in verdict) {
      if (entry.row === "executor-to-ordinary") volatile.add(inner(argumentsOf(node)[0]!));
      else visitOperands(verdict.operands);
      if ((verdict.type === "step" && verdict.marked) || ("tail" in verdict && verdict.tail)) visitChildren(node);
    } else if (verdict.type === "call") {
      const callee = inner((node as ts.CallExpression).expression);
      const isStep = !verdict.tail && entry.row !== "durable";
      if (verdict.receiver) visitOperands([verdict.receiver], isStep);
      else visit(callee);
      if (TS.isElementAccessExpression(callee)) visit(callee.argumentExpression);
      visitOperands(verdict.args, isStep);
    } else if (verdict.type === "construct") visitOperands([verdict.constructed, ...verdict.args]);
    else if (entry.row === "perdure" && VOLATILE_CALLBACKS.has(names.imported(calleeOf(node))?.name ?? "")) {
      for (const argument of argumentsOf(node)) {
        if (isInlineFunction(inner(argument))) volatile.add(inner(argument));
        else visit(argument);
      }
    } else visitChildren(node);
  };

  const visit = (node: ts.Node): void => visitRange(numberOf(node), tree.ends[numberOf(node)]!);
  const visitChildren = (node: ts.Node): void => visitRange(numberOf(node) + 1, tree.ends[numberOf(node)]!);

  /** A name that is given to a built-in as its callback. */
  const visitCallback = (node: ts.Identifier): void => {
    if (operands.lists().isElement(node)) entries.set(node, ELEMENTS);
    else if (positions.isMapped(node) && asksItsCaller(node, facts)) entries.set(node, MAPPED);
  };

  /** A stretch of the list. What is inside a call is visited as its class says. */
  const visitRange = (from: number, to: number): void => {
    const { nodes, kinds, ends } = tree;
    const K = TS.SyntaxKind;
    for (let at = from; at < to; ) {
      const kind: ts.SyntaxKind = kinds[at]!;
      switch (kind) {
        case K.Identifier:
          if (isLastArgument(nodes[at]!)) visitCallback(nodes[at] as ts.Identifier);
          if (types || isHandedOn(nodes[at] as ts.Identifier)) awaited.add(nodes[at] as ts.Identifier);
          break;
        case K.CallExpression:
        case K.NewExpression:
        case K.TaggedTemplateExpression:
          visitCall(nodes[at] as CallNode);
          at = ends[at]!;
          continue;
        case K.Decorator:
          // Code of the module: functions in it are regions of their own.
          at = ends[at]!;
          continue;
        case K.ArrayLiteralExpression:
        case K.ElementAccessExpression:
        case K.ObjectLiteralExpression:
        case K.PropertyAccessExpression:
          if (isInitializer(nodes[at] as ts.Expression)) paths.push(nodes[at] as ts.Expression);
          break;
        default:
          if (!isTypeKind(kind)) break;
          at = ends[at]!;
          continue;
      }
      at++;
    }
  };

  /** `await q` of a thenable that a variable holds, used in this one place: a step over the kept expression. */
  const consumeVariable = (node: ts.Identifier): void => {
    const type = types?.awaitType(node) ?? "unknown";
    if (type === "plain") consumeReturned(node, operands.isReturnedService);
    if (type !== "thenable" && type !== "unknown") return;
    const position = positions.promise(node);
    if (!position && type === "thenable") consumeReturned(node, operands.isReturned);
    if (!position || position === "constant") return;
    if (!types || type === "unknown") {
      consumeUnknown(node, position);
      return;
    }
    const binding = scopes.resolve(node);
    const value = binding && names.constant(binding);
    if (value && isEventual(value)) return;
    const kept =
      value && binding.references.length === 1 && operands.constant(value) !== undefined && !isRepeated(node, value);
    if (!kept && !keepGrowing(node)) {
      diagnostics.push(diagnostic("PD1204", sourceFile, node, { name: node.text, type: types.print(node) }));
      return;
    }
    consume(node, "thenable-made", `type is ${types.print(node)}, a thenable, ${POSITIONS[position]}`);
    leaves.add(node);
  };

  /** A step over what this variable holds. */
  const consume = (node: ts.Identifier, row: string, why: string, how?: { asked: true } | { tail: "now" }): void => {
    entries.set(node, { verdict: { type: "step", operands: [{ kind: "leaf", node }], why, ...how }, row });
  };

  /** `return query;`, `return client;`: as its caller wants it. */
  const consumeReturned = (node: ts.Identifier, isReturned: (node: ts.Expression) => boolean): void => {
    if (!types || positions.tailOf(node) === undefined || !isReturned(node)) return;
    const binding = scopes.resolve(node);
    const value = binding && names.constant(binding);
    const isMadeOnce = value && binding.references.length === 1 && !isEventual(value);
    if (!isMadeOnce && !keepGrowing(node)) return;
    const type = types.print(node);
    if (isReturned === operands.isReturned)
      consume(node, "thenable-returned", `type is ${type}, a thenable, ${FOR_ITS_CALLER}`, { tail: "now" });
    else {
      const why = `type is ${type}, an object with methods, ${FOR_ITS_CALLER}`;
      const verdict: Verdict = { type: "made", operands: [{ kind: "leaf", node }], why, tail: "now" };
      entries.set(node, { verdict, row: "object-returned" });
    }
    leaves.add(node);
  };

  /** The same of a variable that changes, whose type is unknown: what it holds is looked at where it is awaited. */
  const consumeUnknown = (node: ts.Identifier, position: Position): void => {
    if (!isChanged(node) || !keepGrowing(node)) return;
    const why = `type unknown, ${POSITIONS[position]}: a step, if it turns out to be a lazy thenable`;
    consume(node, "thenable-made", why, { asked: true });
  };

  /** A promise of the run. */
  const isEventual = (value: ts.Expression): boolean => EVENTUAL.has(entries.get(inner(value))?.verdict.type ?? "text");

  const keep = (node: ts.Node, verdict: Verdict & { readonly type: "made" }): void => {
    const isInside = (other: ts.Node): boolean => other.pos >= node.pos && other.end <= node.end;
    for (const other of entries.keys()) if (isInside(other)) entries.delete(other);
    for (const other of awaited)
      if (isInside(other)) {
        awaited.delete(other);
        looked.delete(other);
      }
    entries.set(node, { verdict, row: "operand" });
    // What is awaited in its closures is met again there, and looked at again.
    visitOperands(verdict.operands);
  };

  /** A builder that grows in its variable until this one use of it. */
  const keepGrowing = (use: ts.Identifier): boolean => {
    const binding = scopes.resolve(use);
    const isLazy = types?.awaitType(use) === "thenable";
    const growing = binding && growingOf(binding, operands, isLazy);
    if (growing?.use !== use || (!isCopied(use) && isRepeated(use, growing.declaration))) return false;
    // A thenable that durable code made waits in the run.
    if ([...growing.values, ...growing.changes].some(({ node }) => callsDurable(node))) return false;
    const why = `${isLazy ? "a thenable" : "what may be a builder"} that its variable alone holds, until it is awaited`;
    for (const value of growing.values) keep(value.node, { type: "made", operands: value.operands, why });
    for (const change of growing.changes)
      keep(change.node, { type: "made", operands: change.operands, why, grows: change.root });
    return true;
  };

  const callsDurable = (node: ts.Node): boolean =>
    (isCallNode(node) && types?.implementation(calleeOf(node)) === "durable" && !operands.isTold(node)) ||
    TS.forEachChild(node, callsDurable) === true;

  /**
   * Is a constant the same builder in each of its uses? Most builders change in place: what `query.where(a)` did is there in the next `query.where(b)`, unless
   * all but the last begin with `query.clone()`.
   */
  const isShared = (binding: Binding, value: ts.Expression): boolean => {
    const uses = binding.references.map(({ node }) => node);
    const changing = uses.filter((node) => !isCopied(node) && [...linksOf(node)].length > 1);
    return changing.length > 0 && (singleUse(uses) === undefined || isRepeated(changing[0]!, value));
  };

  /**
   * `const client = new Client(url); await client.connect();`: made anew for another use, it would be one that nobody has connected; and of one that is ended,
   * `await client.quit()`, all others would stay. As a value of the turn it is saved, or refused.
   */
  const isConnected = ({ references }: Binding): boolean =>
    references.length > 1 &&
    references.some(({ node }) => isMethodCalled(node as ts.Identifier, [CONNECTING, ...ENDING]));

  /** A thenable; or `query` in `await query.limit(5).execute()`, which is the receiver of a step. */
  const mayBeBuilder = (node: ts.Identifier): boolean => {
    const type = types?.awaitType(node) ?? "unknown";
    if (type !== "unknown" && type !== "plain") return type === "thenable";
    for (const link of linksOf(node))
      if (STEPS.has(entries.get(inner(link))?.verdict.type ?? "text")) return !isReading(inner(link));
    return false;
  };

  /** Is it more than declared by one expression, and used? */
  const isChanged = (node: ts.Identifier): boolean => {
    const binding = scopes.resolve(node);
    return binding !== undefined && (binding.references.length > 1 || isChosen(binding));
  };

  /** Whether the use may be evaluated more often than the value. */
  const isRepeated = (use: ts.Node, value: ts.Node): boolean => {
    if (enclosingFunction(use) !== enclosingFunction(value)) return true;
    for (let at = use.parent; at && !(at.pos <= value.pos && value.end <= at.end); at = at.parent)
      if (TS.isIterationStatement(at, false)) return true;
    return false;
  };

  for (const region of durableRegions) visitChildren(region);
  for (const node of awaited) consumeVariable(node);
  for (const node of awaited) looked.add(node);
  for (const node of [...leaves]) if (TS.isIdentifier(node) && isChanged(node) && mayBeBuilder(node)) keepGrowing(node);

  // A constant may hold the operand of another one: until nothing changes.
  const candidates = [...constantsOf(entries), ...paths];
  for (let changed = true; changed; ) {
    changed = false;
    for (const value of candidates) {
      const name = (outer(value).parent as ts.VariableDeclaration).name as ts.Identifier;
      const binding = scopes.resolve(name);
      if (!binding || entries.get(value)?.verdict.type === "made" || binding.references.length === 0) continue;
      // The end of its scope asks for its method of disposal.
      if (binding.kind === "using") continue;
      if (names.constant(binding) !== outer(value) || !binding.references.every(({ node }) => leaves.has(node)))
        continue;
      // The variable holds the list, and its elements are the records.
      if (binding.references.some(({ node }) => operands.lists().isList(node))) continue;
      const type = types?.awaitType(value) ?? "unknown";
      const shared = (type === "thenable" || type === "unknown") && isShared(binding, value);
      if ((shared && type === "thenable") || isConnected(binding)) continue;
      const kept = operands.constant(value);
      if (!kept) continue;
      const why = "used only as an operand of steps";
      const isUsedOnce = binding.references.length === 1 && !isRepeated(binding.references[0]!.node, value);
      const uses = shared ? "shared" : "several";
      keep(value, { type: "made", operands: kept, why, ...(!isUsedOnce && { uses }) });
      changed = true;
    }
  }

  // Those that stand in what has been kept since.
  for (const node of awaited) if (!looked.has(node)) consumeVariable(node);

  // A thenable itself in such a list would be lost without a word, and so would a record elsewhere.
  for (const list of listed)
    for (const element of operands.lists().elementsOf(list)) {
      const type = entries.get(element)?.verdict.type;
      if (type !== "deferred" && type !== "telling")
        throw new Error(`an element of a list is no record: ${shortText(element)}`);
    }

  const specifiers = new Map<ts.StringLiteral, string>();
  for (const statement of sourceFile.statements)
    for (const literal of specifiersOf(statement, scopes)) {
      const durable = DURABLE_MODULES.get(literal.text);
      if (durable) specifiers.set(literal, durable);
    }
  const platform = analyzePlatformNames(tree, names, durableRegions, volatile);
  const classes = new NodeTable<CallClass>(tree);
  const tailed = new Set<ts.Node>();
  for (const [node, { verdict }] of entries) {
    if (verdict.type !== "text") classes.set(node, verdict);
    if ("tail" in verdict && verdict.tail) tailed.add(positions.tailOf(node as ts.Expression)!);
  }

  return {
    names,
    classOf: (node) => classes.get(node),
    platformOf: (node) => platform.get(node),
    volatile,
    tailed,
    asked: operands.asked,
    specifiers,
    explained: () =>
      [...entries]
        .sort(([a], [b]) => a.getStart() - b.getStart() || b.end - a.end)
        .map(([node, { verdict, row }]) => ({
          node,
          class: verdict.type === "text" ? row : `${verdict.type} (${row})`,
          why: verdict.why,
        })),
    explain: () => explainCalls(durableRegions, entries, volatile, facts),
    diagnostics,
  };
}

/** Whether an argument may be a function is found out when a row asks; positions, which depend on each other, in the order of the text. */
class Site implements CallSite {
  readonly node: CallNode;
  readonly callee: ts.Expression;
  readonly position: Position | undefined;
  readonly #callbacks: Callbacks;
  #callback: Callback | undefined;

  constructor(node: CallNode, positions: Positions, callbacks: Callbacks) {
    this.node = node;
    this.callee = calleeOf(node);
    this.position = positions.promise(node);
    this.#callbacks = callbacks;
  }

  get callback(): Callback {
    this.#callback ??= this.#callbacks.among(argumentsOf(this.node));
    return this.#callback;
  }
}

/** Of the modules whose values an import, or a variable of the module that is required, brings. */
function specifiersOf(statement: ts.Statement, scopes: Scopes): ts.StringLiteral[] {
  if (TS.isImportDeclaration(statement))
    return TS.isStringLiteral(statement.moduleSpecifier) && !statement.importClause?.isTypeOnly
      ? [statement.moduleSpecifier]
      : [];
  if (!TS.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ initializer }) => {
    const value = initializer && inner(initializer);
    const called = value && TS.isPropertyAccessExpression(value) ? inner(value.expression) : value;
    return (called && requiredModule(called, scopes)) ?? [];
  });
}

/** May it be in promise position as it is? Without types nothing else is asked, and names are many. */
const isHandedOn = (node: ts.Identifier): boolean => {
  const { kind } = outer(node).parent;
  const K = TS.SyntaxKind;
  return kind === K.AwaitExpression || kind === K.ReturnStatement || kind === K.ArrayLiteralExpression;
};

const STEPS: ReadonlySet<Verdict["type"]> = new Set(["call", "step"]);

/** Calls that yield a promise of the run. */
const EVENTUAL: ReadonlySet<Verdict["type"]> = new Set(["call", "construct", "step", "import"]);

/** The classified calls that are the initializer of a plain variable. */
function* constantsOf(entries: ReadonlyMap<ts.Node, Entry>): Generator<ts.Expression> {
  for (const [node, { verdict }] of entries) {
    if (EVENTUAL.has(verdict.type)) continue;
    if (isInitializer(node as ts.Expression)) yield node as ts.Expression;
  }
}

/** The value of a plain variable. */
const isInitializer = (node: ts.Expression): boolean => {
  const { parent } = outer(node);
  return TS.isVariableDeclaration(parent) && TS.isIdentifier(parent.name);
};
