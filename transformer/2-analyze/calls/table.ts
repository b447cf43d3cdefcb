/**
 * The call table: what a call in durable code means. One row for each meaning, the first that applies decides;
 * `docs/calls.md` is printed from this, and each row has its fixture in `fixtures/calls/<id>`.
 */
import type { ts } from "@ts-morph/common";
import { TS } from "../../1-parse/typescript.ts";
import { resolverEscapes } from "./executor.ts";
import { isKept } from "./kept.ts";
import {
  CALLBACK_ARGUMENT,
  CALLBACK_METHOD,
  CALLING_BACK,
  OPERATION_MAKING,
  PATTERNS,
  PROMISE_METHODS,
  TIMER_MAKING,
} from "./platform.ts";
import { POSITIONS } from "./positions.ts";
import { argumentsOf, inner, isCallNode, methodCall, shortText } from "./syntax.ts";
import {
  type CallSite,
  type Facts,
  FOR_ITS_CALLER,
  guarded,
  inTurn,
  isNewPromise,
  known,
  mayBeDurable,
  now,
  placed,
  printed,
  promised,
  step,
  tail,
  text,
  told,
  toldOn,
  typeOf,
  type Verdict,
} from "./verdicts.ts";

export interface Row {
  /** Also the name of its fixture. */
  readonly id: string;
  /** Which calls. Markdown. */
  readonly call: string;
  /** What they mean. Markdown. */
  readonly meaning: string;
  /** What is emitted (`docs/abi.md`, section 4); null: the call's own text. */
  readonly emitted: string | null;
  decide(site: CallSite, facts: Facts): Verdict | undefined;
}

export const CALL_TABLE: readonly Row[] = [
  {
    id: "import",
    call: "`import()`",
    meaning:
      "a step: a durable promise of the namespace. That, and the functions and classes that it exports, are saved by name: by this expression and its operands, when these are strings, and it is evaluated again where the run is loaded",
    emitted: "$m.import(site, code, operands)",
    decide: ({ node, callee }, facts) =>
      callee.kind === TS.SyntaxKind.ImportKeyword
        ? { type: "import", operands: facts.operands.lifted(node) ?? [], why: "import() loads a module" }
        : undefined,
  },
  {
    id: "super-constructor",
    call: "`super(…)`",
    meaning: "runs inside the turn, as part of the constructor",
    emitted: null,
    decide: ({ callee }) =>
      callee.kind === TS.SyntaxKind.SuperKeyword ? text("calls the constructor of the base class") : undefined,
  },
  {
    id: "executor-to-ordinary",
    call: '`new Promise(executor)` whose resolvers, or closures over them, are handed to ordinary code (`emitter.once("end", resolve)`)',
    meaning: "one step, re-run from the executor",
    emitted: "$m.step(site, code, [executor])",
    decide: ({ node }, { names, builtIns, types }) => {
      if (!isNewPromise(node, names)) return undefined;
      const escape = resolverEscapes(node, names, builtIns, types);
      if (!escape || escape.callees) return undefined;
      return {
        type: "step",
        operands: [{ kind: "leaf", node: node.arguments![0]! }],
        why: `ordinary code gets its resolver, ${shortText(escape.node)}: no saved run could settle it, so it is made anew in each attempt`,
      };
    },
  },
  {
    id: "executor-to-unknown",
    call: "the same, handed to functions of which only their marks tell: `bus.once` of a `bus` that another module of the user's made, or that was given",
    meaning: "runs inside the turn if all of them are durable, else one step, re-run from the executor",
    emitted: "$m.promise(site, callees, code, [executor])",
    decide: ({ node }, { names, builtIns, types }) => {
      const escape = isNewPromise(node, names) ? resolverEscapes(node, names, builtIns, types) : undefined;
      if (!escape?.callees) return undefined;
      return {
        type: "step",
        operands: [{ kind: "leaf", node: (node as ts.NewExpression).arguments![0]! }],
        callees: escape.callees,
        why: `its resolver, ${shortText(escape.node)}, is handed to ${shortText(escape.callees[0]!)}, whose mark tells whether it stays in durable code`,
      };
    },
  },
  {
    id: "executor-in-run",
    call: "`new Promise(executor)` whose resolvers reach only durable code",
    meaning: "runs inside the turn",
    emitted: "new $.Promise(executor)",
    decide: ({ node }, { names }) =>
      isNewPromise(node, names) ? text("its resolvers stay in durable code") : undefined,
  },
  {
    id: "platform",
    call: "the platform's `Promise`, `setTimeout` family, `setImmediate`, `queueMicrotask`, `process.nextTick`, `AbortController`, `AbortSignal`, `Response`, `Request`, `Blob`, `File`, `FormData`, `TextDecoder`, `node:timers`, `node:timers/promises`; also by `globalThis.`",
    meaning: "their durable forms; an ordinary function given to one is wrapped, and its result is looked at",
    emitted: "$.Promise.all(…)`, `$m.callNow(site, $.setTimeout, args)",
    decide: (site, facts) => {
      const ofPromise = facts.names.promiseFunction(site.callee);
      const name = facts.names.platform(site.callee) ?? (ofPromise && "Promise");
      if (!name) return undefined;
      const path = facts.names.global(site.callee);
      const callsBack = CALLING_BACK.has(name) || ofPromise === "try";
      if (callsBack && facts.callbacks.among(argumentsOf(site.node).slice(0, 1)) === "maybe")
        return guarded(
          site,
          facts,
          `durable form of ${name}; its callback may be ordinary code, and is looked at when it is called`,
        );
      const makesTimer = TIMER_MAKING.has(name) || path?.join(".") === "AbortSignal.timeout";
      return makesTimer ? placed(site, `durable form of ${name}`) : text(`durable form of ${name}`);
    },
  },
  {
    id: "perdure",
    call: "functions of `perdure` (`sleep`, `token`, `receive`, `start`, `step` …)",
    meaning: "their durable operation; the callbacks of `step`, `transaction` and `resource` are volatile inside",
    emitted: "$m.callNow(site, sleep, args)",
    decide: (site, { names }) => {
      const from = names.imported(site.callee);
      if (!from || !(from.module === "perdure" || from.module.startsWith("perdure/"))) return undefined;
      const makes = OPERATION_MAKING.has(from.name) || from.module === PATTERNS;
      return makes ? placed(site, "operation of perdure") : text("function of perdure");
    },
  },
  {
    id: "fetch",
    call: "`fetch`",
    meaning:
      "a step; the `Response` it yields is savable. With `createEngine({ fetch: { idempotencyKey: true } })` unsafe methods send the step's key as `Idempotency-Key`, unless the program sets that header",
    emitted: "$m.step(site, code, operands)",
    decide: ({ node, callee }, facts) => {
      const path = facts.names.global(callee);
      return path?.length === 1 && path[0] === "fetch"
        ? step(node, facts, "fetch: a request to the outside")
        : undefined;
    },
  },
  {
    id: "bind",
    call: "`bind` of what may be a function (`service.charge.bind(service)`)",
    meaning:
      "runs inside the turn: the bound function is savable, and looked through when it is called or given to a built-in",
    emitted: '$m.methodNow(site, fn, "bind", args)',
    decide: (site, facts) => {
      const method = TS.isCallExpression(site.node) ? methodCall(site.node) : undefined;
      if (method?.name !== "bind" || facts.types?.callable(inner(method.receiver)) === "no") return undefined;
      // Another `bind`, one that yields a promise: a call form that steps looks for the built-in one too.
      const type = typeOf(site, facts);
      if (type === "plain" || (type === "unknown" && !site.position))
        return { type: "callNow", promised: false, why: "bind: the bound function can be saved" };
      return undefined;
    },
  },
  {
    id: "durable",
    call: "a function or class of this file's durable code, a resolver, a `#method`",
    meaning:
      'runs inside the turn. (A durable function from elsewhere is known by its mark, when it is called.) One that returns a lazy thenable, `const users = () => db("users")`, is told what its caller wants (see "returned" below); one that does no more than go on with one that it is given, `paged(db("users"), 2)`, is part of the step where its call is in promise position',
    emitted: null,
    decide: (site, facts) => {
      const { node, callee, position } = site;
      const { operands } = facts;
      if (!facts.names.durableFunction(callee) || operands.lists().isElement(node)) return undefined;
      const whole =
        position && position !== "constant" && operands.isExtension(node)
          ? step(node, facts, `function of this file that only goes on with a thenable, ${POSITIONS[position]}`)
          : undefined;
      return whole ?? told(site, facts) ?? text("durable function of this file");
    },
  },
  {
    id: "promise-method",
    call: "`.then`, `.catch`, `.finally` of a promise",
    meaning: "runs inside the turn; ordinary callbacks are wrapped, their results are in promise position",
    emitted: "$m.methodNow(site, promise, key, args, true)",
    decide: (site, facts) => {
      const method = methodCall(site.node);
      if (!method || !PROMISE_METHODS.has(method.name)) return undefined;
      const receiver = inner(method.receiver);
      const type = facts.types?.awaitType(receiver) ?? "unknown";
      // A call that is the receiver here has become a step, whatever it yields; types know the rest.
      if (type === "promise" || isCallNode(receiver))
        return inTurn(site, facts, `${method.name} of a promise of the run`);
      return undefined;
    },
  },
  {
    id: "built-in",
    call: "an ECMAScript built-in or a pure platform function (`JSON.stringify`, `crypto.randomUUID`, `structuredClone`, `items.filter(…)`)",
    meaning: "runs inside the turn",
    emitted: null,
    decide: (site, { builtIns, callbacks, names }) => {
      if (!builtIns.callee(site.callee)) return undefined;
      const method = methodCall(site.node)?.name ?? "";
      const path = names.global(site.callee);
      if (LOOKED_THROUGH.has(method) || path?.join(".") === "Reflect.apply") return undefined;
      const index = path && CALLBACK_ARGUMENT.get(path.join("."));
      const called = argumentsOf(site.node)[
        index ?? (builtIns.pure(site.callee) ? -1 : (CALLBACK_METHOD.get(method) ?? -1))
      ];
      return called && callbacks.of(called) === "maybe"
        ? undefined
        : text("built-in of the language, or a pure function of the platform");
    },
  },
  {
    id: "callback",
    call: "an ordinary function given as a callback to a built-in (`items.map(charge)`)",
    meaning:
      "the callback is wrapped for that call: each call of it is a step where the results are in promise position, else looked at",
    emitted: "$m.methodNow(site, items, key, args, promised)",
    decide: (site, facts) =>
      facts.builtIns.callee(site.callee) && facts.names.global(site.callee)?.join(".") !== "Reflect.apply"
        ? guarded(site, facts, "built-in; its callback may be ordinary code, and is looked at when it is called")
        : undefined,
  },
  {
    id: "promise",
    call: "a call of ordinary code whose type is `Promise`, or a known eager subclass of it; in promise position also a union with one",
    meaning: "a **step**: returns a durable promise now, issued after the commit",
    emitted: "$m.call(site, fn, args)",
    decide: (site, facts) => {
      const type = typeOf(site, facts);
      return type === "promise" || (type === "maybe-promise" && site.position)
        ? promised(site, facts, printed(site, facts))
        : undefined;
    },
  },
  {
    id: "thenable-listed",
    call: "an ordinary thenable that is not a `Promise`, as an element of a list that is an operand of a step: returned by the callback of a `map`, `flatMap` or `Array.from`, or pushed to an array that is used for nothing else (`prisma.$transaction(users.map((user) => prisma.user.create({ data: user })))`)",
    meaning:
      "the turn makes the list and evaluates the operands of the element, which is part of the step: it is made in its attempts only",
    emitted: "$m.deferred(code, operands)`, and the list `$m.list(list)",
    decide: (site, facts) => {
      if (!facts.operands.lists().isElement(site.node)) return undefined;
      const operands = facts.operands.lifted(site.node);
      const why = `${printed(site, facts)}, a thenable, element of a list that is an operand of a step`;
      return operands && { type: "deferred", operands, why };
    },
  },
  {
    id: "thenable",
    call: "an ordinary thenable that is not a `Promise` (query builders, lazy subclasses), in promise position",
    meaning:
      "a **step** made of the whole expression, which is evaluated in its attempts only; where the callee is a value of the turn and may be durable, its mark decides",
    emitted: "$m.step(site, code, operands)",
    decide: (site, facts) => {
      if (typeOf(site, facts) !== "thenable" || !site.position) return undefined;
      const why = `${printed(site, facts)}, a thenable, ${POSITIONS[site.position]}`;
      // A variable that is never awaited must not start what is lazy; a bare `PromiseLike` is not.
      const isBare = facts.types?.print(site.node).startsWith("PromiseLike<") ?? false;
      if (site.position === "constant" && !isBare) return undefined;
      if (mayBeDurable(site, facts)) return promised(site, facts, `${why}; its callee may be durable`);
      return site.position === "constant"
        ? undefined
        : (step(site.node, facts, why) ?? promised(site, facts, printed(site, facts)));
    },
  },
  {
    id: "thenable-returned",
    call: '… returned by a synchronous durable function (`const users = () => db("users")`)',
    meaning:
      "as the caller of the function wants it: a **step** where it is called in promise position, in this file or another; in an operand of a step (`users().where(x)`, `prisma.$transaction([insert(a), insert(b)])`) the expression that makes it, over what the function has evaluated; else it is made at once",
    emitted: "tail ? $m.told(tail, site, code, operands) : <text>",
    decide: (site, facts) => {
      const { node, callback } = site;
      if (facts.positions.tailOf(node) === undefined || !facts.operands.isReturned(node)) return undefined;
      // What this function is told, it tells.
      if (facts.operands.isTold(node)) return toldOn(site, facts, "durable function of another file");
      const operands = facts.operands.lifted(node);
      const why = `${printed(site, facts)}, a thenable, ${FOR_ITS_CALLER}`;
      return operands && { type: "step", operands, why, tail: callback === "no" ? "now" : "guarded" };
    },
  },
  {
    id: "object-returned",
    call: "a client, a builder or another object with methods that ordinary code makes, returned by a synchronous durable function (`const s3 = (region: string) => new S3Client({ region })`)",
    meaning:
      "made at once; where the call of the function is an operand of a step (`s3(region).send(command)`, `const client = s3(region)`), with the expression that makes it, as if that stood there",
    emitted: 'tail === "operand" ? $m.made(code, operands) : <text>',
    decide: (site, facts) => {
      const { node, callback } = site;
      if (facts.positions.tailOf(node) === undefined || !facts.operands.isReturnedService(node)) return undefined;
      if (facts.operands.isTold(node)) return toldOn(site, facts, "durable function of another file");
      const record = facts.operands.of(node);
      if (record.kind !== "made") return undefined;
      const why = `${printed(site, facts)}, an object with methods, ${FOR_ITS_CALLER}`;
      return { type: "made", operands: record.operands, why, tail: callback === "no" ? "now" : "guarded" };
    },
  },
  {
    id: "thenable-made",
    call: "… elsewhere",
    meaning:
      "making it runs at once; the value of a variable that is awaited in one place only is kept as its expression, with the assignments and statements that extend it, and awaiting it is a step",
    emitted: "$m.made(code, operands)",
    decide: (site, facts) =>
      typeOf(site, facts) === "thenable"
        ? site.callback === "no"
          ? text(`${printed(site, facts)}, a thenable: it is made at once, and nothing happens before it is awaited`)
          : guarded(
              site,
              facts,
              `${printed(site, facts)}, a thenable: it is made at once, and nothing happens before it is awaited`,
            )
        : undefined,
  },
  {
    id: "position",
    call: "a call or `new` of unknown type, or a call of type `void`, in *promise position* (below)",
    meaning: "a **step**, unless its callee turns out durable, built-in or pure when it is called",
    emitted: "$m.call(site, fn, args)` or `$m.construct(site, constructor, args)",
    decide: (site, facts) => {
      const type = typeOf(site, facts);
      return (type === "unknown" || type === "void") && site.position
        ? promised(
            site,
            facts,
            `${known(site, facts)}, ${POSITIONS[site.position]}: a step, unless its callee turns out durable when it is called`,
          )
        : undefined;
    },
  },
  {
    id: "tail",
    call: "a call of unknown type whose value a synchronous durable function returns (`const load = (id) => db.find(id)`)",
    meaning:
      "a **step** when the function is called in promise position (`await load(7)`, `retry(load)`), in this file or another; else as the rows below say",
    emitted: "$m.call(site, fn, args, tail)",
    decide: (site, facts) => tail(site, facts, known(site, facts)),
  },
  {
    id: "ordinary-with-function",
    call: "any other ordinary call or `new` with an argument that may be a function",
    meaning:
      "a step if what is called is an `async` function. Else runs at once; durable closures given to ordinary code are guarded: to enter one later, outside a turn, is a coded error",
    emitted: "$m.callNow(site, fn, args)",
    decide: (site, facts) =>
      site.callback !== "no"
        ? guarded(
            site,
            facts,
            `${known(site, facts)}; it is given what may be a function, which it may call in this turn only`,
          )
        : undefined,
  },
  {
    id: "no-promise",
    call: "an ordinary call whose type is known and no promise (`dayjs(d)`), an ordinary `new`",
    meaning: "runs at once, inside the turn, outside guarantees 2 and 3",
    emitted: null,
    decide: (site, facts) =>
      typeOf(site, facts) === "plain" || TS.isNewExpression(site.node)
        ? text(facts.types ? `${printed(site, facts)}, no promise` : "new of an ordinary class")
        : undefined,
  },
  {
    id: "ordinary",
    call: "any other ordinary call (`logger.info(x)`, `jobs.push(load(id))` without types)",
    meaning:
      "a step if what is called is an `async` function, unless the text goes on with its value (`load(id).rows`, `load(id) + 1`). Else runs at once; if it returns a native promise after all, a coded error at that line",
    emitted: "$m.callNow(site, fn, args)",
    decide: (site, facts) => {
      const why = `${known(site, facts)}, and nothing awaits it`;
      return TS.isCallExpression(site.node) && isKept(site.node) ? guarded(site, facts, why) : now(why);
    },
  },
];

/** Functions that call another one: what that is decides, at the call. */
const LOOKED_THROUGH = new Set(["call", "apply"]);
