/**
 * The call forms of generated code (docs/abi.md, section 4). Whether a callee is durable, built in or ordinary is decided here, at the
 * call, by its mark and its identity. Outside a run, and inside a step, each form is the plain operation.
 */
import type { Completion } from "../../abi/index.ts";
import { isPure } from "../../codec/intrinsics.ts";
import { currentRun } from "../current-run.ts";
import { type Disposables, type DisposalCalls, dispose } from "../disposal.ts";
import { arrayFromAsync, isFromAsync } from "../generators/array-from-async.ts";
import { markImporter } from "../imports.ts";
import { isExchanged, Member } from "../members.ts";
import { printPlace } from "../places.ts";
import { settledBy } from "../promise/capability.ts";
import { stateOf } from "../promise/state.ts";
import type { ModuleInfo } from "../registry.ts";
import type { Run, SiteOf } from "../run.ts";
import { runtimeFunction } from "../runtime-code.ts";
import { closureOf, isDurable } from "../stamp.ts";
import { bound, isBind, keyFor } from "./bound.ts";
import { callingBuiltin, isOrdinary } from "./callback.ts";
import { makeCallback } from "./callback-code.ts";
import { lookThrough } from "./callee.ts";
import { guard, unguarded } from "./guard.ts";
import { boundTo, isAsync, isInside, isInTurn, staysInRun } from "./in-turn.ts";
import { callError as error } from "./messages.ts";
import { Deferred, given, Made, plain, valueOf } from "./operand.ts";
import { changed, isLazy, makeRecord, recordOf, type Uses } from "./record.ts";
import { resultNow } from "./result.ts";
import { atSite, siteText, written } from "./site.ts";
import type { Callee, ExpressionCode } from "./step-call.ts";

/** The text of an expression, evaluated where it stands: it hands over each operand by its number, and goes on with its value. */
export type InPlace = (take: (number: number, operand: unknown) => unknown) => unknown;

/** What the caller of a function knows of its result: that it is in promise position, or an operand. */
export type Wanted = boolean | "operand";

/** What a module scope inherits: one instance for each compiled module. */
export class Calls {
  readonly info: ModuleInfo;

  constructor(info: ModuleInfo) {
    this.info = info;
  }

  #at(site: number): SiteOf {
    return { module: this.info, site };
  }

  /** What V8 says of what cannot be called, with the callee as it is written. */
  #callable(site: number, fn: unknown, what = "function"): Function {
    if (typeof fn === "function") return fn;
    const text = siteText(this.#at(site)).replace(/[(`].*$/s, "");
    // `a!.b` is `a.b` once its types are taken away.
    throw new TypeError(`${text.replace(/!(?=[.[?]|$)/g, "") || "value"} is not a ${what}`);
  }

  /**
   * Asked by a synchronous function before all else: is its result in promise position, or an operand, as its caller knows? `key`: of the class of this path; `onClass`: a
   * static method.
   */
  tail(path: string, key?: string, onClass = false): Wanted {
    const run = currentRun();
    const code = run?.expected;
    if (code === undefined || code.module !== this.info || code.id !== `${this.info.name}#${path}`) return false;
    if (code.kind === "method" ? code.key !== key || code.onClass !== onClass : key !== undefined) return false;
    run!.expected = undefined;
    return run!.expectedAs;
  }

  /** A lazy thenable that a function returns, as its caller wants it. */
  told(wanted: true | "operand", site: number, code: ExpressionCode, operands: readonly unknown[]): unknown {
    return wanted === "operand" ? this.deferred(code, operands) : this.step(site, code, operands);
  }

  /** What a record holds, in the turn. */
  value(record: unknown): unknown {
    return valueOf(record);
  }

  /** A call whose type is a `Promise`, or one in promise position; `wanted`: of which only the caller of the function knows. */
  call(site: number, fn: unknown, args: readonly unknown[], wanted: Wanted = true): unknown {
    const callee = this.#callable(site, fn);
    const run = currentRun();
    return run === undefined
      ? Reflect.apply(callee, undefined, plain(args))
      : inPosition(wanted)(run, this.#at(site), { fn: callee, self: undefined, args });
  }

  method(site: number, receiver: unknown, key: PropertyKey, args: readonly unknown[], wanted: Wanted = true): unknown {
    const run = currentRun();
    if (run === undefined) return this.#plain(site, receiver, key, args);
    const at = this.#at(site);
    const self = valueNow(run, at, receiver);
    const fn = this.#callable(site, memberOf(self, key));
    return inPosition(wanted)(run, at, { fn, self: receiver instanceof Made ? receiver : self, args, key });
  }

  #plain(site: number, receiver: unknown, key: PropertyKey, args: readonly unknown[]): unknown {
    const self = valueOf(receiver);
    return Reflect.apply(this.#callable(site, memberOf(self, key)), self, plain(args));
  }

  invoke(site: number, member: Member, args: readonly unknown[], wanted: Wanted = true): unknown {
    const run = currentRun();
    const fn = this.#callable(site, member.fn);
    if (run === undefined) return Reflect.apply(fn, valueOf(member.receiver), plain(args));
    const callee = { fn, self: member.receiver, args };
    return inPosition(wanted)(
      run,
      this.#at(site),
      isExchanged(member, run.host.isProxy) ? callee : { ...callee, key: member.key },
    );
  }

  #disposal(site: number): DisposalCalls {
    const at = this.#at(site);
    return {
      now: ({ fn, receiver, key }) => {
        const run = currentRun();
        const call = { fn: fn as Function, self: receiver, args: [], key };
        return run === undefined ? Reflect.apply(call.fn, receiver, []) : immediate(run, at, call, false);
      },
      promised: (method) => this.invoke(site, method, []),
    };
  }

  /** Disposes of what a scope used, as far as it can without waiting (ECMA-262 2026, DisposeResources). */
  dispose(site: number, stack: Disposables, completion: Completion): Completion {
    return dispose(stack, completion, this.#disposal(site));
  }

  /** The same at the end of a scope that keeps its text: it never waits. */
  disposed(site: number, stack: Disposables): void {
    stack.end(this.#disposal(site));
  }

  /** Any other ordinary call: only its result is looked at. */
  now<T>(site: number, value: T): T {
    const run = currentRun();
    return run === undefined ? value : checked(run, this.#at(site), value);
  }

  /** The same, when an argument may be a function. */
  callNow(site: number, fn: unknown, args: readonly unknown[]): unknown {
    const callee = this.#callable(site, fn);
    const run = currentRun();
    if (run === undefined) return Reflect.apply(callee, undefined, plain(args));
    return immediate(run, this.#at(site), { fn: callee, self: undefined, args }, false);
  }

  methodNow(site: number, receiver: unknown, key: PropertyKey, args: readonly unknown[], wanted = false): unknown {
    const run = currentRun();
    if (run === undefined) return this.#plain(site, receiver, key, args);
    const at = this.#at(site);
    const self = valueNow(run, at, receiver);
    const fn = this.#callable(site, memberOf(self, key));
    return immediate(run, at, { fn, self, args, key }, wanted);
  }

  invokeNow(site: number, member: Member, args: readonly unknown[], wanted = false): unknown {
    const run = currentRun();
    const fn = this.#callable(site, member.fn);
    if (run === undefined) return Reflect.apply(fn, valueOf(member.receiver), plain(args));
    return immediate(run, this.#at(site), { fn, self: valueOf(member.receiver), args, key: member.key }, wanted);
  }

  /** An ordinary `new` with an argument that may be a function. */
  constructNow(site: number, constructor: unknown, args: readonly unknown[]): unknown {
    const run = currentRun();
    const fn = this.#callable(site, constructor, "constructor");
    if (run === undefined || isDurable(fn) || isPure(fn)) return Reflect.construct(fn, plain(args));
    const at = this.#at(site);
    return checked(run, at, Reflect.construct(fn, guarded(run, at, args)));
  }

  /** A `new` of unknown type in promise position: the mark of the constructor decides. */
  construct(site: number, constructor: unknown, args: readonly unknown[]): unknown {
    const run = currentRun();
    if (run === undefined)
      return Reflect.construct(this.#callable(site, valueOf(constructor), "constructor"), plain(args));
    const at = this.#at(site);
    const fn = this.#callable(site, valueNow(run, at, constructor), "constructor");
    if (isDurable(fn) || isInside(run, fn)) {
      const values = args.map((arg) => valueNow(run, at, arg));
      return checked(run, at, Reflect.construct(fn, values));
    }
    const code = makeConstruct();
    return run.makeStep(written(run, at), { type: "expression", code, operands: [constructor, ...args] });
  }

  /** A whole expression as one step. */
  step(site: number, code: ExpressionCode, operands: readonly unknown[]): unknown {
    const run = currentRun();
    if (run === undefined) return Reflect.apply(code, undefined, plain(operands));
    return run.makeStep(written(run, this.#at(site)), { type: "expression", code, operands });
  }

  /** A step, unless its callee is durable or built in: then the turn makes the call. `direct` is null where that cannot be done any more. */
  marked(
    site: number,
    callee: unknown,
    direct: ((callee: any) => unknown) | null,
    code: ExpressionCode,
    operands: () => readonly unknown[],
  ): unknown {
    const run = currentRun();
    const called = callee instanceof Member ? callee : valueOf(callee);
    const fn = boundTo(called instanceof Member ? called.fn : called);
    const stays = run === undefined || typeof fn !== "function" || isDurable(fn) || isInside(run, fn);
    if (!stays || (direct === null && run === undefined)) return this.step(site, code, operands());
    if (direct !== null) return direct(called);
    const { place, text } = written(run!, this.#at(site));
    return run!.fail(error("PD2219", { function: place.function, place: printPlace(place), text }));
  }

  /** A promise as a step, unless all that its executor hands its resolvers to is durable or built in: then the turn makes it. */
  promise(
    site: number,
    callees: () => readonly unknown[],
    code: ExpressionCode,
    operands: readonly unknown[],
  ): unknown {
    const run = currentRun();
    if (run === undefined || !staysInRun(run, callees)) return this.step(site, code, operands);
    return Reflect.construct(run.Promise, operands);
  }

  /** `import()`: a step whose result is the namespace, which is saved by this expression. */
  import(site: number, code: ExpressionCode, operands: readonly unknown[]): unknown {
    markImporter(code);
    return this.step(site, code, operands);
  }

  /** An operand that is itself an ordinary `new`, call or property access. */
  made(code: ExpressionCode, operands: readonly unknown[], uses: Uses = "one"): unknown {
    const run = currentRun();
    if (run === undefined) return Reflect.apply(code, undefined, plain(operands));
    return makeRecord(run, code, operands, uses);
  }

  /** The same, where operands have effects on what the rest of the text reads: the value comes from the text as it stands. */
  madeInPlace(code: ExpressionCode, text: InPlace, uses: Uses = "one"): unknown {
    const run = currentRun();
    if (run === undefined) return text(asItIs);
    const operands: unknown[] = [];
    const value = text(taking(operands));
    return recordOf(run, new Made(code, Array.from(operands), { value }), uses);
  }

  /** A statement that changes what the record of a variable holds: `query.where(…);`. */
  grown(record: unknown, code: ExpressionCode, operands: readonly unknown[]): unknown {
    const run = currentRun();
    if (run === undefined || !(record instanceof Made)) return Reflect.apply(code, undefined, operands.map(valueOf));
    return changed(
      run,
      code,
      record.grow(
        makeGrow(),
        code,
        () => [Reflect.apply(code, undefined, operands.map(given)), operands],
        makeAsItIs(),
      ),
    );
  }

  /** The same, where operands have effects on what the rest of the text reads. */
  grownInPlace(record: unknown, code: ExpressionCode, text: InPlace): unknown {
    const run = currentRun();
    if (run === undefined) return text(asItIs);
    const operands: unknown[] = [];
    if (!(record instanceof Made)) return text(taking(operands));
    return changed(
      run,
      code,
      record.grow(makeGrow(), code, () => [text(taking(operands)), Array.from(operands)], makeAsItIs()),
    );
  }

  /** What such a record holds, awaited: a lazy thenable of ordinary code is a step, over the record. */
  awaited(record: unknown): unknown {
    if (!(record instanceof Made)) return record;
    const { value } = record;
    return isLazy(value) ? currentRun()!.awaitOrdinary(record) : value;
  }

  /** The same, known to yield a promise or thenable. */
  deferred(code: ExpressionCode, operands: readonly unknown[]): unknown {
    return currentRun() === undefined ? Reflect.apply(code, undefined, plain(operands)) : new Deferred(code, operands);
  }

  /** The callback of a built-in that is told, in each call, what its result is for. */
  telling(site: number, fn: Function, wanted: true | "operand"): Function {
    return currentRun() === undefined ? fn : (...args: unknown[]) => this.call(site, fn, args, wanted);
  }

  /** An operand that is a list with such records among its elements. */
  list(elements: readonly unknown[]): unknown {
    return currentRun() === undefined ? elements : new Deferred(makeList(), Array.from(elements));
  }
}

/** `new` as the expression of a step. */
const makeConstruct = runtimeFunction(
  "construct",
  1,
  () =>
    (constructor: Function, ...args: unknown[]) =>
      Reflect.construct(constructor, args),
);

/** A value, changed by a call that has it as its operand number `at`. */
const makeGrow = runtimeFunction(
  "grow",
  1,
  () =>
    (value: unknown, change: ExpressionCode, at: number, ...others: unknown[]) => {
      Reflect.apply(change, undefined, others.slice(0, at).concat([value], others.slice(at)));
      return value;
    },
);

/** A value that is made by nothing but itself. */
const makeAsItIs = runtimeFunction("value", 1, () => (value: unknown) => value);

/** A list whose elements are made in the attempt. */
const makeList = runtimeFunction(
  "list",
  1,
  () =>
    (...elements: unknown[]) =>
      elements,
);

const LIST = closureOf(makeList())!.code;

const asItIs = (_: number, operand: unknown): unknown => valueOf(operand);

/** Keeps the operands that a text hands over. One that a `?.` skips stays undefined. */
const taking =
  (operands: unknown[]) =>
  (number: number, operand: unknown): unknown => {
    operands[number] = operand;
    return given(operand);
  };

const memberOf = (receiver: unknown, key: PropertyKey): unknown => (receiver as Record<PropertyKey, unknown>)[key];

/** An operand's value in a call that is made now. A deferred one becomes a step of its own; the elements of a list are made, which starts nothing. */
function valueNow(run: Run, at: SiteOf, operand: unknown): unknown {
  if (!(operand instanceof Deferred) || closureOf(operand.code)?.code === LIST) return valueOf(operand);
  return run.makeStep(written(run, at), { type: "expression", ...operand });
}

const inPosition = (wanted: Wanted): ((run: Run, at: SiteOf, call: Callee) => unknown) =>
  wanted === false
    ? (run, at, call) => immediate(run, at, evaluated(run, at, call), false)
    : (run, at, call) => wantedOf(run, at, call, wanted);

/** With the values of its operands. */
const evaluated = (run: Run, at: SiteOf, call: Callee): Callee => ({
  ...call,
  self: valueNow(run, at, call.self),
  args: call.args.map((arg) => valueNow(run, at, arg)),
});

/** A call in promise position, or in an operand: the function that is called in the turn may ask which. */
function wantedOf(run: Run, at: SiteOf, call: Callee, wanted: true | "operand"): unknown {
  const callee = lookThrough(call, valueOf);
  if (!isInTurn(run, callee)) {
    return wanted === "operand" ? ordinary(run, at, evaluated(run, at, callee)) : stepOf(run, at, call, callee);
  }
  const { fn, self, args } = evaluated(run, at, callee);
  run.expected = closureOf(fn)?.code;
  run.expectedAs = wanted;
  try {
    return inside(run, at, { fn, self, args }, false);
  } finally {
    run.expected = undefined;
  }
}

/** `callee`: what `call` calls in the end. */
function stepOf(run: Run, at: SiteOf, call: Callee, callee: Callee): unknown {
  const key = callee.key ?? (callee.fn === call.fn ? undefined : keyFor(run, callee.fn, valueOf(callee.self)));
  return run.makeStep(written(run, at), { type: "call", callee: key === undefined ? callee : { ...callee, key } });
}

/** Any other call. Of an async function it is a step wherever it stands: what it gives is a promise. */
function immediate(run: Run, at: SiteOf, call: Callee, wanted: boolean): unknown {
  const callee = lookThrough(call, valueOf);
  if (isInTurn(run, callee)) return inside(run, at, callee, wanted);
  if (isFromAsync(callee.fn) || isAsync(callee.fn)) return stepOf(run, at, call, callee);
  return ordinary(run, at, callee);
}

const ordinary = (run: Run, at: SiteOf, { fn, self, args }: Callee): unknown =>
  checked(run, at, Reflect.apply(fn, self, guarded(run, at, args)));

/** Calls a durable or built-in function in the turn. */
function inside(run: Run, at: SiteOf, { fn, self, args }: Callee, wanted: boolean): unknown {
  if (isDurable(fn)) return atSite(run, at, fn, () => Reflect.apply(unguarded(fn) as Function, self, args));
  if (isBind(fn, self)) return bound(run, unguarded(self) as Function, args);
  const apply = isFromAsync(fn)
    ? (_: Function, C: unknown, of: readonly unknown[]) => arrayFromAsync(run, C, of)
    : Reflect.apply;
  const calling = args.some(isOrdinary) ? callingBuiltin(fn, run.Promise) : undefined;
  if (calling === undefined) return checked(run, at, apply(fn, self, args));
  const { place, text } = written(run, at);
  const wrapped = args.map((arg, i) =>
    calling.positions.includes(i) && isOrdinary(arg) ? makeCallback(arg, calling.promised || wanted, place, text) : arg,
  );
  return checked(run, at, apply(fn, self, wrapped));
}

function guarded(run: Run, at: SiteOf, args: readonly unknown[]): readonly unknown[] {
  if (!args.some((arg) => typeof arg === "function")) return args;
  const { place, text } = written(run, at);
  return args.map((arg) => {
    const state = stateOf(settledBy(arg));
    if (state !== undefined) state.handed = `\`${text}\` at ${printPlace(place)}`;
    return guard(arg, place);
  });
}

/** Looks at a result; where the call stands is worked out only when it must be told. */
const checked = <T>(run: Run, at: SiteOf, value: T): T =>
  typeof value === "object" && value !== null && value instanceof Promise
    ? resultNow(run, written(run, at), value)
    : value;
