/**
 * How the operands of a step are kept. The text of a lifted expression runs again for each attempt; what must not run
 * again (calls of built-ins such as `randomUUID()`, operators, reads of variables) is a leaf, evaluated in the turn.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import type { AwaitType, FileTypes } from "../../types/questions.ts";
import type { Binding } from "../bindings.ts";
import type { BuiltIns } from "./built-ins.ts";
import type { Operand, Operands } from "./classes.ts";
import { hasEffects, suspends } from "./effects.ts";
import type { Names } from "./names.ts";
import { analyzeOperandLists, NO_LISTS } from "./operand-lists.ts";
import { hasNoEffect, isConstantText, isMember, isPlainPath } from "./plain.ts";
import type { Positions } from "./positions.ts";
import { analyzeRepeatable } from "./repeatable.ts";
import { analyzeReturned } from "./returned.ts";
import {
  argumentsOf,
  callOf,
  inner,
  isAsync,
  isCalled,
  isGenerator,
  isInlineFunction,
  isOptionalChain,
  methodCall,
  optionalRoot,
  outer,
} from "./syntax.ts";

const MAY_BE_PROMISE: ReadonlySet<AwaitType> = new Set(["promise", "maybe-promise"]);

/** `o[Symbol.iterator]`: what it gives has a position, and made anew it would begin again. */
const isIteratorMethod = (callee: ts.Expression): boolean =>
  TS.isElementAccessExpression(callee) && /^Symbol\.(?:i|asyncI)terator$/.test(callee.argumentExpression.getText());

export function analyzeOperands(
  regions: readonly ts.Node[],
  names: Names,
  builtIns: BuiltIns,
  positions: Positions,
  types: FileTypes | undefined,
): Operands {
  const returned = types && analyzeReturned(names, positions, types, () => operands);
  const isTold = (node: ts.Expression): boolean => returned?.isToldCall(inner(node)) ?? false;
  const isExtension = (node: ts.Expression): boolean => returned?.isExtension(node) ?? false;
  /** Of the callee, which is all that a call and a receiver have in common. */
  const isExtended = (callee: ts.Expression): boolean => {
    const call = callOf(callee);
    return call !== undefined && isExtension(call);
  };
  /** `pTimeout(checkout(order), 1000)`: a durable function of another file. In an attempt it would be a plain function, whose own steps no save sees. */
  const isMachineElsewhere = (callee: ts.Expression): boolean => {
    const call = types?.implementation(callee) === "durable" ? callOf(callee) : undefined;
    return call !== undefined && MAY_BE_PROMISE.has(types!.awaitType(call));
  };
  const asked = new Set<ts.Node>();
  /** `shop.checkout()` of an interface that durable code may implement: a step would run all of it, each time from its beginning. */
  const mayBeMachine = (at: ts.Expression, callee: ts.Expression): boolean =>
    TS.isCallExpression(at) &&
    types?.awaitType(at) === "promise" &&
    types.implementation(callee) === "unknown" &&
    isPlainPath(callee);
  let lists = NO_LISTS;

  /** Certainly evaluated in the turn: durable, built-in, a platform function. */
  const inTurn = (callee: ts.Expression): boolean => {
    const path = names.global(callee);
    return (
      path?.[0] === "fetch" ||
      names.platform(callee) !== undefined ||
      (names.durableFunction(callee) && !isExtended(callee)) ||
      isMachineElsewhere(callee) ||
      builtIns.callee(callee) ||
      isIteratorMethod(inner(callee)) ||
      // What a function made here returns is that function's own business.
      isInlineFunction(inner(callee))
    );
  };

  const calleeOf = (node: ts.Expression): ts.Expression | undefined =>
    TS.isCallExpression(node) || TS.isNewExpression(node)
      ? node.expression
      : TS.isTaggedTemplateExpression(node)
        ? node.tag
        : undefined;

  const yieldsPromise = (node: ts.Expression): boolean => {
    const at = inner(node);
    const callee = calleeOf(at);
    if (!callee || !types || callee.kind === TS.SyntaxKind.ImportKeyword) return false;
    if (isTold(at)) return types.awaitType(at) === "thenable";
    if (inTurn(callee) || (TS.isNewExpression(at) && types.implementation(callee) === "durable")) return false;
    const type = types.awaitType(at);
    return type === "promise" || type === "thenable";
  };

  const holdsPromise = (node: ts.Expression): boolean => {
    if (!types) return false;
    const at = inner(node);
    if (yieldsPromise(at) || lists.isList(at)) return true;
    const callee = calleeOf(at);
    if (callee) {
      if (callee.kind === TS.SyntaxKind.ImportKeyword || inTurn(callee)) return false;
      const target = inner(callee);
      if (isMember(target) && holdsPromise(target.expression)) return true;
      if (TS.isTaggedTemplateExpression(at)) return spansOf(at).some(holdsPromise);
      return argumentsOf(at).some(holdsPromise);
    }
    if (isMember(at)) return holdsPromise(at.expression);
    if (TS.isSpreadElement(at)) return holdsPromise(at.expression);
    if (TS.isArrayLiteralExpression(at)) return at.elements.some(holdsPromise);
    if (TS.isObjectLiteralExpression(at)) return valuesOf(at).some(holdsPromise);
    return false;
  };

  /** Depth of a property path, and its root. */
  const path = (node: ts.Expression): { root: ts.Expression; depth: number } => {
    let depth = 0;
    let at = inner(node);
    while (isMember(at)) {
      depth++;
      at = inner(at.expression);
    }
    return { root: at, depth };
  };

  /** References have their own properties saved by name, one level deep; `process.env.X` is a string. */
  const isDeepPath = (node: ts.Expression, anyRoot: boolean, least = 2): boolean => {
    const { root, depth } = path(node);
    if (depth < least || TS.isCallExpression(root) || TS.isNewExpression(root)) return false;
    if (names.global(node)?.[0] === "process" || builtIns.pure(node)) return false;
    return anyRoot || root.kind === TS.SyntaxKind.ThisKeyword || names.isReference(root);
  };

  const isOrdinaryMaking = (at: ts.Expression): boolean => {
    const callee = calleeOf(at);
    if (!callee || callee.kind === TS.SyntaxKind.ImportKeyword || callee.kind === TS.SyntaxKind.SuperKeyword)
      return false;
    // The runtime's own bound function can be saved, and tells its mark.
    if (methodCall(at)?.name === "bind" && types?.callable(inner(methodCall(at)!.receiver)) !== "no") return false;
    return !inTurn(callee);
  };

  const areRepeatable = analyzeRepeatable(names, builtIns);

  const holdsMaking = (node: ts.Expression): boolean => {
    const at = inner(node);
    if (TS.isArrayLiteralExpression(at)) return at.elements.some(holdsMaking);
    if (TS.isObjectLiteralExpression(at)) return valuesOf(at).some(holdsMaking);
    return isHandedOn(at) || of(at).kind !== "leaf";
  };

  const handedOn = new Map<Binding, boolean>();
  /** `tools` of `const tools = { find: tool({ … }) }; await generate({ prompt, tools });`: as an operand of its own it may be made anew. */
  const isHandedOn = (node: ts.Expression): boolean => {
    const binding = TS.isIdentifier(node) ? names.scopes.resolve(node) : undefined;
    const value = binding && names.constant(binding);
    if (!value) return false;
    let answer = handedOn.get(binding);
    if (answer === undefined) {
      handedOn.set(binding, false);
      // A lazy thenable has no effect when it is made: `const create = prisma.user.create(…); await prisma.$transaction([create]);`.
      const kind = types?.awaitType(inner(value)) === "thenable" ? "deferred" : "made";
      answer =
        binding.references.every(({ node: use }) => isHanded(use as ts.Identifier)) &&
        ["made", kind].includes(of(value).kind);
      handedOn.set(binding, answer);
    }
    return answer;
  };

  const of = (node: ts.Expression): Operand => {
    const leaf: Operand = { kind: "leaf", node };
    if (TS.isSpreadElement(node)) return leaf;
    if (lists.isList(node)) return { kind: "leaf", node, listed: true };
    if (isTold(node)) return { kind: "leaf", node: inner(node), told: true };
    const at = inner(node);
    if (TS.isArrayLiteralExpression(at) && isAwaitedByRun(node)) return leaf;
    // A function of this file is given the promise itself.
    if (isOrdinaryMaking(at) && positions.promise(at) === "parameter") return leaf;
    const deferred = holdsPromise(at);
    const literal = TS.isArrayLiteralExpression(at) || TS.isObjectLiteralExpression(at);
    const makeable =
      deferred ||
      (literal
        ? (TS.isArrayLiteralExpression(at) ? [...at.elements] : valuesOf(at)).some(holdsMaking)
        : isOrdinaryMaking(at)
          ? !types?.primitive(at)
          : isMember(at) && isDeepPath(at, false) && !types?.primitive(at));
    if (!makeable) return leaf;
    const operands = deferred ? lifted(at) : liftedNow(at);
    if (!operands || !(deferred || areRepeatable(operands, true))) return leaf;
    return { kind: deferred ? "deferred" : "made", node, operands };
  };

  /** The items of `Array.fromAsync`: without types, what stands in them are calls in promise position. */
  const isAwaitedByRun = (node: ts.Expression): boolean => {
    const { parent } = outer(node);
    return !types && TS.isCallExpression(parent) && names.global(parent.expression)?.join(".") === "Array.fromAsync";
  };

  const constant = (value: ts.Expression): readonly Operand[] | undefined => {
    const at = inner(value);
    // The value is evaluated in the turn, where nothing in it may start a step. A lazy thenable has no effect there.
    if (isTold(at)) return [{ kind: "leaf", node: at, told: true }];
    const callee = calleeOf(at);
    const eager = callee ? yieldsPromise(at) && types?.awaitType(at) !== "thenable" : false;
    if (eager || holdsEager(at)) return undefined;
    const operand = receiver(value);
    return operand.kind === "leaf" || !areRepeatable(operand.operands, true) ? undefined : operand.operands;
  };

  /** Promises inside an expression that is itself none. */
  const holdsEager = (node: ts.Expression): boolean => {
    let found = false;
    const visit = (at: ts.Node): void => {
      // What is awaited is a value of the turn: an operand.
      if (found || isInlineFunction(at) || TS.isAwaitExpression(at)) return;
      if (at !== node && calleeOf(at as ts.Expression) && yieldsPromise(at as ts.Expression))
        found = types?.awaitType(at as ts.Expression) !== "thenable";
      if (!found) TS.forEachChild(at, visit);
    };
    if (types) visit(node);
    return found;
  };

  const receiver = (node: ts.Expression, unknown = false): Operand => {
    const at = inner(node);
    if (at.kind === TS.SyntaxKind.SuperKeyword) return { kind: "leaf", node };
    // Kept as it is, a chain is asked twice whether it begins with null.
    if (isOptionalChain(at)) return optionalRoot(at) && calleeOf(at) ? of(node) : { kind: "leaf", node };
    const { root } = path(at);
    // `prisma.user` of a client that nobody knows may be made by a getter, and have no name.
    const isRead = unknown && names.isReference(root);
    const isPath =
      isMember(at) &&
      (isDeepPath(at, true) || isMadeHere(root) || ((isRead || isOfMade(root)) && isDeepPath(at, true, 1)));
    if (!isPath || builtIns.instance(at)) return of(node);
    const operands = liftedNow(at);
    return operands && areRepeatable(operands) ? { kind: "made", node, operands } : { kind: "leaf", node };
  };

  /** `stripe` of `const stripe = new Stripe(key); await stripe.charges.create(…)`: with the object, what is read from it can be made anew. */
  const isOfMade = (root: ts.Expression): boolean => {
    const binding = TS.isIdentifier(root) && !names.isReference(root) ? names.scopes.resolve(root) : undefined;
    const value = binding && names.constant(binding);
    return value !== undefined && isMadeHere(inner(value));
  };

  /** `new Stripe(key)` of `new Stripe(key).charges.create(…)`; a function of the workflow may make it. */
  const isMadeHere = (at: ts.Expression): boolean => isTold(at) || (isOrdinaryMaking(at) && !yieldsPromise(at));

  const lifted = (node: ts.Expression): readonly Operand[] | undefined => {
    const operands: Operand[] = [];
    return keepText(inner(node), operands, false) ? needingCopies(operands) : undefined;
  };

  /**
   * The same for what is evaluated in the turn. Where an argument suspends, what is called before it is called before the suspension: a chain of calls is
   * made link by link.
   */
  const liftedNow = (node: ts.Expression): readonly Operand[] | undefined => {
    const at = inner(node);
    const callee = calleeOf(at);
    const target = callee && inner(callee);
    const object = target && isMember(target) ? inner(target.expression) : undefined;
    if (!target || !isMember(target) || !object || !calleeOf(object) || isOptionalChain(at)) return lifted(node);
    if (isTurnValue(object) || !suspends(at) || suspends(target) || TS.isTaggedTemplateExpression(at))
      return lifted(node);
    const first = of(target.expression);
    if (first.kind !== "made") return lifted(node);
    const operands: Operand[] = [first];
    if (TS.isElementAccessExpression(target) && !operand(target.argumentExpression, operands, false)) return undefined;
    return argumentsOf(at).every((argument) => operand(argument, operands, false))
      ? needingCopies(operands)
      : undefined;
  };

  /** Keeps the node's own text and collects the operands in it. False when the text cannot stand outside its function. */
  const keepText = (node: ts.Expression, operands: Operand[], conditional: boolean): boolean => {
    const at = inner(node);
    const K = TS.SyntaxKind;
    const callee = calleeOf(at);
    if (callee) {
      if (callee.kind === K.SuperKeyword) return false;
      // The turn calls it; after a `?.` that may skip it, it may not be called before.
      if (isTold(at)) return !conditional && operands.push({ kind: "leaf", node: at, told: true }) > 0;
      if (callee.kind === K.ImportKeyword) {
        // A specifier is a text: even the name of a variable is read at the call, and throws there if there is none.
        return argumentsOf(at).every((argument) =>
          names.isReference(inner(argument))
            ? operands.push({ kind: "leaf", node: argument }) > 0
            : operand(argument, operands, false),
        );
      }
      if (!keepCallee(inner(callee), operands, conditional)) return false;
      if (mayBeMachine(at, inner(callee))) asked.add(at);
      const skips = conditional || isOptionalChain(at);
      if (TS.isTaggedTemplateExpression(at)) return spansOf(at).every((span) => operand(span, operands, skips));
      return argumentsOf(at).every((argument) => operand(argument, operands, skips));
    }
    if (isMember(at)) return keepCallee(at, operands, conditional);
    if (TS.isArrayLiteralExpression(at)) return at.elements.every((element) => operand(element, operands, conditional));
    if (TS.isObjectLiteralExpression(at)) return keepObject(at, operands, conditional);
    return operand(at, operands, conditional);
  };

  const keepCallee = (at: ts.Expression, operands: Operand[], conditional: boolean): boolean => {
    if (isNamed(at)) return true;
    if (!isMember(at)) return calleeOf(at) ? keepText(at, operands, conditional) : operand(at, operands, conditional);
    if (TS.isPropertyAccessExpression(at) && TS.isPrivateIdentifier(at.name)) return keepPrivate(at, operands);
    if (at.expression.kind === TS.SyntaxKind.SuperKeyword) return false;
    const object = inner(at.expression);
    const kept =
      isNamed(object) ||
      ((isMember(object) || calleeOf(object)) && !isTurnValue(object)
        ? keepText(object, operands, conditional)
        : operand(object, operands, conditional));
    if (!kept) return false;
    return (
      !TS.isElementAccessExpression(at) || operand(at.argumentExpression, operands, conditional || isOptionalChain(at))
    );
  };

  /**
   * `this.#db("users")`: the text of a private name stays in its class, so what it holds is an operand, and the object, when it is called, another one.
   * Both are read, so the object must be one that can be read twice.
   */
  const keepPrivate = (at: ts.PropertyAccessExpression, operands: Operand[]): boolean => {
    if (!hasNoEffect(at.expression)) return false;
    if (isCalled(at)) operands.push({ kind: "leaf", node: at.expression });
    operands.push({ kind: "leaf", node: at });
    return true;
  };

  /** A receiver that the turn evaluates: `items.map(f)`, `crypto.randomUUID()`, a durable function's result. */
  const isTurnValue = (object: ts.Expression): boolean => {
    const callee = calleeOf(object);
    return callee !== undefined && inTurn(callee) && !isTold(object);
  };

  const keepObject = (node: ts.ObjectLiteralExpression, operands: Operand[], conditional: boolean): boolean =>
    node.properties.every((property) => {
      if (TS.isAccessor(property)) return false;
      if (TS.isMethodDeclaration(property)) return keepMethod(property, operands);
      if (TS.isSpreadAssignment(property)) return spread(property.expression, operands, conditional, "object");
      if (TS.isShorthandPropertyAssignment(property)) return operand(property.name, operands, conditional);
      if (TS.isComputedPropertyName(property.name) && !operand(property.name.expression, operands, conditional))
        return false;
      return operand(property.initializer, operands, conditional);
    });

  /** `{ async execute(input) { … } }`: a function under its name. One that says `super` belongs to this object. */
  const keepMethod = (node: ts.MethodDeclaration, operands: Operand[]): boolean => {
    if (!TS.isIdentifier(node.name) || node.name.text === "__proto__" || saysSuper(node)) return false;
    operands.push({ kind: "leaf", node: node as ts.Node as ts.Expression });
    return true;
  };

  /** What a kept text may go on naming: what is called in it, or asked for a property. */
  const isNamed = (at: ts.Expression): boolean => names.isReference(at) && !names.isRewritten(at);

  /** The same where its value stands. A module may assign what it exports: unless the types show a constant, the value is the one of now. */
  const isFixed = (at: ts.Expression): boolean => {
    if (!isNamed(at)) return false;
    const from = TS.isIdentifier(at) ? names.imported(at) : undefined;
    return from === undefined || from.name === "*" || names.durableFunction(at) || (types?.constant(at) ?? false);
  };

  /** A place in a kept text where a value stands. */
  const operand = (node: ts.Expression, operands: Operand[], conditional: boolean): boolean => {
    if (TS.isSpreadElement(node)) return spread(node.expression, operands, conditional, "array");
    const at = inner(node);
    if (isConstantText(at) || isFixed(at)) return true;
    if (yieldsPromise(at) || (TS.isArrayLiteralExpression(at) && holdsPromise(at)))
      return keepText(at, operands, conditional);
    if (TS.isObjectLiteralExpression(at) || TS.isArrayLiteralExpression(at)) {
      // Literals have nothing to save by themselves; one with methods is a value of the turn.
      const mark = operands.length;
      if (keepText(at, operands, conditional)) return true;
      operands.length = mark;
      if (holdsPromise(at)) return false;
    }
    // After a `?.` that may skip it, only what can be evaluated without effect may be evaluated before.
    if (conditional && !hasNoEffect(at)) return false;
    operands.push(of(at));
    return true;
  };

  /** What is spread is iterated, or its properties read, where it stands; the text would do so again, after the operands that follow. */
  const spread = (
    node: ts.Expression,
    operands: Operand[],
    conditional: boolean,
    copied: "array" | "object",
  ): boolean => {
    const before = operands.length;
    if (!operand(node, operands, conditional)) return false;
    const only = operands[before];
    if (operands.length === before + 1 && only?.node === inner(node) && only.kind === "leaf")
      operands[before] = { ...only, copied };
    return true;
  };

  /** A lazy thenable of ordinary code, as an element of a list. */
  const canKeep = (node: ts.Expression): boolean | undefined =>
    types?.awaitType(node) === "thenable" && yieldsPromise(node) ? lifted(node) !== undefined : undefined;

  const isLoopBody = (fn: ts.Node): boolean => {
    if (!isInlineFunction(fn) || isAsync(fn) || isGenerator(fn)) return false;
    const method = methodCall(outer(fn).parent);
    return method?.name === "forEach" && builtIns.instance(method.receiver) !== undefined && isFirstArgument(fn);
  };

  const isReturned = (node: ts.Expression): boolean => returned?.isKept(node) ?? false;
  const isReturnedService = (node: ts.Expression): boolean => returned?.isKeptService(node) ?? false;
  const operands: Operands = {
    of,
    lifted,
    constant,
    receiver,
    yieldsPromise,
    holdsPromise,
    isTold,
    isToldFunction: (node) => returned?.isToldFunction(node) ?? false,
    isExtension,
    isReturned,
    isReturnedService,
    isLoopBody,
    asked,
    lists: () => lists,
  };
  if (returned && types) {
    const { isToldFunction } = returned;
    lists = analyzeOperandLists(regions, { names, builtIns, positions, types, inTurn, canKeep, isToldFunction });
  }

  return operands;
}

/** The properties of an object are read late without harm where nothing that follows can change them. An iterator may be one that is iterated once. */
function needingCopies(operands: readonly Operand[]): readonly Operand[] {
  const last = operands.findLastIndex(({ node }) => hasEffects(node));
  return operands.map((one, i) =>
    one.kind === "leaf" && one.copied === "object" && i >= last ? { kind: "leaf", node: one.node } : one,
  );
}

/** Does a call get this use of a variable: as its receiver, as an argument or in a literal of one, or in a literal that a constant holds? */
function isHanded(use: ts.Expression): boolean {
  for (let at: ts.Node = outer(use); ; at = at.parent) {
    const { parent } = at;
    if (TS.isCallExpression(parent) || TS.isNewExpression(parent)) return true;
    if (TS.isVariableDeclaration(parent)) return TS.isIdentifier(parent.name) && at !== outer(use);
    const isPart =
      TS.isArrayLiteralExpression(parent) ||
      TS.isObjectLiteralExpression(parent) ||
      TS.isObjectLiteralElementLike(parent) ||
      TS.isSpreadElement(parent) ||
      TS.isParenthesizedExpression(parent) ||
      (isMember(parent) && parent.expression === at && isCalled(parent));
    if (!isPart) return false;
  }
}

const spansOf = (node: ts.TaggedTemplateExpression): readonly ts.Expression[] =>
  TS.isTemplateExpression(node.template) ? node.template.templateSpans.map((span) => span.expression) : [];

const valuesOf = (node: ts.ObjectLiteralExpression): ts.Expression[] =>
  node.properties.flatMap((property) =>
    TS.isPropertyAssignment(property)
      ? [property.initializer]
      : TS.isSpreadAssignment(property)
        ? [property.expression]
        : TS.isShorthandPropertyAssignment(property)
          ? [property.name]
          : [],
  );

const saysSuper = (node: ts.Node): boolean =>
  node.kind === TS.SyntaxKind.SuperKeyword || TS.forEachChild(node, saysSuper) === true;

const isFirstArgument = (node: ts.Expression): boolean => argumentsOf(outer(node).parent)[0] === outer(node);
