/** How the operations' own objects are saved: steps' plans, records of operands, handles of timers. */
import type { Decoder, Json, Kind } from "../../codec/contract.ts";
import type { Heap } from "../../codec/heap.ts";
import { isJsonObject } from "../../codec/properties.ts";
import { Snapshot } from "../../codec/snapshot.ts";
import { Immediate, Timeout, TimerHandle, type TimerState } from "../platform/timer-handle.ts";
import { Deferred, type ExpressionCode, Made } from "./operand.ts";
import { canSave, StepDetail, type StepPlan } from "./step.ts";

const functionIn = (json: Json | undefined, decoder: Decoder): Function => {
  const value = json === undefined ? undefined : decoder.value(json);
  return typeof value === "function" ? value : decoder.corrupt("a function is expected");
};

const listIn = (json: Json | undefined, decoder: Decoder): readonly Json[] =>
  Array.isArray(json) ? (json as readonly Json[]) : decoder.corrupt("a list is expected");

const stepKind: Kind<StepDetail> = {
  tag: "step",
  test: (value): value is StepDetail => value instanceof StepDetail,
  encode: ({ plan, snapshot }, encoder) => [plan as unknown as Json, encoder.value(snapshot, "")],
  create(payload, decoder) {
    const [plan, snapshot] = listIn(payload, decoder);
    const operands = snapshot === undefined ? undefined : decoder.value(snapshot);
    if (!isJsonObject(plan ?? null) || !(operands instanceof Snapshot))
      return decoder.corrupt("a step has no known form");
    return new StepDetail(plan as unknown as StepPlan, operands);
  },
  fill() {},
};

/** `[code, operands]`, and the value when it can be saved. */
const madeKind = (heap: () => Heap): Kind<Made> => ({
  tag: "made",
  test: (value): value is Made => value instanceof Made,
  encode({ code, operands, made }, encoder) {
    const expression = [encoder.value(code, ""), operands.map((operand) => encoder.value(operand, ""))];
    return made !== undefined && canSave(heap(), made.value)
      ? [...expression, encoder.value(made.value, "")]
      : expression;
  },
  create: () => new Made(undefined as never, []),
  fill(record, payload, decoder) {
    const [code, operands, value] = listIn(payload, decoder);
    const made = value === undefined ? undefined : { value: decoder.value(value) };
    record.restore(
      functionIn(code, decoder) as ExpressionCode,
      listIn(operands, decoder).map((json) => decoder.value(json)),
      made,
    );
  },
});

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

/** `heap` is asked when a record is encoded. */
export const operationKinds = (heap: () => Heap): readonly Kind[] =>
  [stepKind, madeKind(heap), deferredKind, timerKind] as readonly Kind[];
