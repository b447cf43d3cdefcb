/** How the operations' own objects are saved: steps' plans, records of operands, handles of timers. */
import type { Decoder, Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { Snapshot } from "../../codec/snapshot.ts";
import { asyncDriverOf } from "../generators/async-generator.ts";
import { driverOf } from "../generators/generator.ts";
import { DurableAbortController, DurableAbortSignal } from "../platform/abort-signal.ts";
import { bodyKinds } from "../platform/bodies/kinds.ts";
import { knowSignal } from "../platform/linked-signals.ts";
import { Immediate, Timeout, TimerHandle, type TimerState } from "../platform/timer-handle.ts";
import type { Run } from "../run.ts";
import { BoundMethod } from "./bound.ts";
import { Deferred, Made } from "./operand.ts";
import { resourceKind } from "./resource-kind.ts";
import { StepDetail, type StepPlan } from "./step.ts";
import type { ExpressionCode } from "./step-call.ts";

const functionIn = (json: Json | undefined, decoder: Decoder): Function => {
  const value = json === undefined ? undefined : decoder.value(json);
  return typeof value === "function" ? value : decoder.corrupt("a function is expected");
};

const listIn = (json: Json | undefined, decoder: Decoder): readonly Json[] =>
  Array.isArray(json) ? (json as readonly Json[]) : decoder.corrupt("a list is expected");

const planJson = (plan: StepPlan): Json => {
  if (plan.type === "function") return ["function", plan.fn, plan.self, plan.args] as Json;
  if (plan.type === "method") return ["method", plan.key, plan.self, plan.args] as Json;
  return ["expression", plan.code, plan.operands] as Json;
};

const isPlan = (json: Json | undefined): boolean =>
  typeof json === "number" ||
  (isJsonObject(json) && (typeof json.made === "number" || (typeof json.code === "number" && isPlans(json.operands))));
const isPlans = (json: Json | undefined): boolean => Array.isArray(json) && json.every(isPlan);

function planIn(json: Json | undefined, decoder: Decoder): StepPlan {
  const [type, root, first, second] = listIn(json, decoder);
  const plan: unknown =
    type === "expression" && isPlans(first)
      ? { type, code: root, operands: first }
      : type === "function" && isPlan(first) && isPlans(second)
        ? { type, fn: root, self: first, args: second }
        : type === "method" && isPlan(first) && isPlans(second)
          ? { type, key: root, self: first, args: second }
          : undefined;
  return plan === undefined || typeof root !== "number"
    ? decoder.corrupt("a step has no known form")
    : (plan as StepPlan);
}

/** `[plan, snapshot]`, with the run's signals and resources among the operands behind them, and the watched records. */
const stepKind = kindOf<StepDetail, Run>({
  tag: "step",
  prototype: StepDetail.prototype,
  test: (value): value is StepDetail => value instanceof StepDetail,
  encode: ({ plan, snapshot, shared, watched }, encoder) => [
    planJson(plan),
    encoder.own(snapshot, ""),
    ...[...shared, ...watched].map((one) => encoder.value(one, " (operand)")),
  ],
  create(payload, decoder) {
    const [plan, snapshot, ...rest] = listIn(payload, decoder);
    const operands = snapshot === undefined ? undefined : decoder.value(snapshot);
    const others = rest.map((json) => decoder.value(json));
    const { resources } = this.of;
    const watched = others.filter((one) => one instanceof Made);
    const shared = others.filter(isShared);
    if (!(operands instanceof Snapshot) || watched.length + shared.length < others.length)
      return decoder.corrupt("a step has no known form");
    return new StepDetail(planIn(plan, decoder), operands, shared, watched);

    function isShared(one: unknown): one is object {
      return DurableAbortSignal.is(one) || resources.of(one) !== undefined;
    }
  },
  fill() {},
});

/** Runs whose heap is being asked whether a value can be saved. */
const asking = new WeakSet<Run>();

/**
 * A value may lead back to its own record, or to others: while one is asked about, records are their expressions, which is what those are whose values
 * cannot be saved.
 */
function canSaveValue(run: Run, value: unknown): boolean {
  if (asking.has(run)) return false;
  asking.add(run);
  try {
    return run.heap.canSave(value);
  } finally {
    asking.delete(run);
  }
}

/** `[code, operands]`, and the value when it can be saved. A watched one begins with the step that has changed it, and the property. */
const recordKind = (tag: string, isWatched: boolean) =>
  kindOf<Made, Run>({
    tag,
    test: (value): value is Made => value instanceof Made && value.isWatched === isWatched,
    encode({ code, operands, made, changed }, encoder) {
      const expression: Json[] = [encoder.value(code, ""), operands.map((operand) => encoder.value(operand, ""))];
      if (isWatched) expression.unshift(changed === undefined ? null : [changed.step, changed.property]);
      // A generator of the run has moved since it was made: made again it would be another.
      const isMoved = driverOf(made?.value) !== undefined || asyncDriverOf(made?.value) !== undefined;
      if (made !== undefined && (isMoved || canSaveValue(this.of, made.value)))
        expression.push(encoder.value(made.value, ""));
      return expression;
    },
    create: () => new Made(undefined as never, []),
    fill(record, payload, decoder) {
      const list = listIn(payload, decoder);
      const [code, operands, value] = isWatched ? list.slice(1) : list;
      const made = value === undefined ? undefined : { value: decoder.value(value) };
      record.restore(
        functionIn(code, decoder) as ExpressionCode,
        listIn(operands, decoder).map((json) => decoder.value(json)),
        made,
      );
      record.isWatched = isWatched;
      if (!isWatched || list[0] === null) return;
      const [step, property] = listIn(list[0], decoder);
      record.changed = { step: String(step), property: String(property) };
    },
  });
const madeKind = recordKind("made", false);
const watchedKind = recordKind("watched", true);

const deferredKind: Kind<Deferred> = {
  tag: "deferred",
  test: (value): value is Deferred => value instanceof Deferred,
  encode: ({ code, operands }, encoder) => [
    encoder.value(code, ""),
    operands.map((operand) => encoder.value(operand, "")),
  ],
  create: () => new Deferred(undefined as never, []),
  fill(record, payload, decoder) {
    const [code, operands] = listIn(payload, decoder);
    record.code = functionIn(code, decoder) as ExpressionCode;
    record.operands = listIn(operands, decoder).map((json) => decoder.value(json));
  },
};

/** `[receiver, key, length]` */
const boundMethodKind: Kind<BoundMethod> = {
  tag: "bound-method",
  test: (value): value is BoundMethod => value instanceof BoundMethod,
  encode(method, encoder) {
    const { receiver, key, length } = method;
    if (!method.isThere) encoder.refuse(`it binds a method that its object no longer has as ${key}`);
    return [encoder.value(receiver, " (this)"), key, length];
  },
  create(payload, decoder) {
    const [receiver, key, length = 0] = listIn(payload, decoder);
    return new BoundMethod(decoder.value(receiver ?? null), String(key), Number(length));
  },
  fill(method, _, decoder) {
    if (!method.find()) decoder.corrupt(`there is no method ${method.key} to bind`);
  },
  // What the receiver inherits, and a getter of the method's name, are there when all else is.
  late: true,
};

/** `{ data }`, the callback and its arguments. A callback that will not be called any more is saved too: `refresh` may arm it. */
const timerKind: Kind<TimerHandle> = {
  tag: "timer",
  test: (value): value is TimerHandle => TimerHandle.is(value),
  encode(handle, encoder) {
    const { callback, args, ...data } = TimerHandle.stateOf(handle);
    return [
      handle instanceof Timeout ? "timeout" : "immediate",
      data as unknown as Json,
      encoder.value(callback, " (callback)"),
      args.map((arg, i) => encoder.value(arg, `[${i}]`)),
    ];
  },
  create(payload, decoder) {
    const [type, data] = listIn(payload, decoder);
    if (!isJsonObject(data ?? null)) return decoder.corrupt("a timer has no known form");
    const state = {
      callback: undefined as never,
      args: [],
      number: undefined,
      ...(data as unknown as Omit<TimerState, "callback" | "args" | "number">),
    };
    return type === "timeout" ? new Timeout(state) : new Immediate(state);
  },
  fill(handle, payload, decoder) {
    const [, , callback, args] = listIn(payload, decoder);
    TimerHandle.restore(
      handle,
      functionIn(callback, decoder),
      listIn(args, decoder).map((json) => decoder.value(json)),
    );
  },
};

const controllerKind: Kind<DurableAbortController> = {
  tag: "abort-controller",
  test: (value): value is DurableAbortController => DurableAbortController.is(value),
  encode: (controller, encoder) => [encoder.value(controller.signal, ".signal")],
  create(payload, decoder) {
    const [signal] = listIn(payload, decoder);
    const value = decoder.value(signal ?? null);
    return DurableAbortSignal.is(value) ? new DurableAbortController(value) : decoder.corrupt("a signal is expected");
  },
  fill() {},
};

/** `[id, aborted, reason, onabort, [[listener, once]], dependents]` */
const signalKind = kindOf<DurableAbortSignal, Run>({
  tag: "abort-signal",
  test: (value): value is DurableAbortSignal => DurableAbortSignal.is(value),
  encode(signal, encoder) {
    const { id, aborted, reason, onabort, listeners, dependents } = DurableAbortSignal.stateOf(signal);
    return [
      id,
      aborted,
      encoder.value(reason, ".reason"),
      encoder.value(onabort, ".onabort"),
      listeners.map(({ listener, once }) => [encoder.value(listener, " (listener)"), once]),
      dependents.map((dependent) => encoder.value(dependent, " (dependent)")),
    ];
  },
  create(payload, decoder) {
    const [id, aborted] = listIn(payload, decoder);
    if (typeof id !== "string") return decoder.corrupt("a signal has no known form");
    const state = { id, aborted: aborted === true, reason: undefined, onabort: null, listeners: [], dependents: [] };
    const signal = new DurableAbortSignal(state);
    knowSignal(this.of, signal, id);
    return signal;
  },
  fill(signal, payload, decoder) {
    const [, , reason, onabort, listeners, dependents] = listIn(payload, decoder);
    Object.assign(DurableAbortSignal.stateOf(signal), {
      reason: decoder.value(reason ?? null),
      onabort: decoder.value(onabort ?? null),
      listeners: listIn(listeners, decoder).map((json) => {
        const [listener, once] = listIn(json, decoder);
        return { listener: decoder.value(listener ?? null), once: once === true };
      }),
      dependents: listIn(dependents, decoder).map((json) => {
        const dependent = decoder.value(json);
        return DurableAbortSignal.is(dependent) ? dependent : decoder.corrupt("a signal is expected");
      }),
    });
  },
});

export const operationKinds = (run: Run): readonly Kind[] =>
  [
    resourceKind(run),
    stepKind(run),
    madeKind(run),
    watchedKind(run),
    deferredKind,
    boundMethodKind,
    timerKind,
    controllerKind,
    signalKind(run),
    ...bodyKinds,
  ] as readonly Kind<any>[];
