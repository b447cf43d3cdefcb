/**
 * Pending operations: `[type, number, place, the rest of what the engine sees, target, detail]`. The target is a promise, or `{ "call": fn, "args": […] }`.
 */
import type { Encoder, Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import type { Operation } from "../contract.ts";
import { Pending, type Target } from "../pending.ts";
import { stateOf } from "../promise/state.ts";
import { promiseIn } from "./activation.ts";
import { type KindContext, listOf } from "./context.ts";
import { placeIn, placeJson } from "./place.ts";

const types: ReadonlySet<unknown> = new Set(["step", "timer", "token", "receive", "child"]);

/** What stands beside type, number and place. */
function restJson(operation: Operation, encoder: Encoder): Json {
  const { type, number: _number, where: _where, ...rest } = operation;
  return (type === "step" ? { ...rest, text: encoder.constant(operation.text) } : rest) as Json;
}

export const operationKind = kindOf<Pending, KindContext>({
  tag: "operation",
  prototype: Pending.prototype,
  test: (value): value is Pending => value instanceof Pending,
  label: ({ operation }) => (operation.type === "step" ? `step ${operation.text}` : operation.type),

  // The public part is replaced when it changes, never written to.
  fields: ({ operation, target, detail }) =>
    target.type === "promise"
      ? [operation, detail, target.promise]
      : [operation, detail, target.fn, target.args.length, ...target.args],

  encode({ operation, target, detail }, encoder) {
    return [
      operation.type,
      operation.number,
      placeJson(operation.where, encoder),
      restJson(operation, encoder),
      target.type === "promise"
        ? encoder.own(target.promise, " (promise)")
        : {
            call: encoder.value(target.fn, " (callback)"),
            args: target.args.map((arg, i) => encoder.value(arg, `[${i}]`)),
          },
      operation.type === "step" ? encoder.own(detail as object, "") : encoder.value(detail, ""),
    ];
  },

  create(payload, decoder) {
    const [type, number, where, rest] = listOf(payload, decoder, "an operation");
    if (!types.has(type) || !Number.isSafeInteger(number) || !isJsonObject(rest ?? null))
      return decoder.corrupt("an operation has no known form");
    const operation = {
      ...(rest as object),
      ...{ type, number, where: placeIn(where, decoder) },
      ...(type === "step" && { text: decoder.constant((rest as { readonly text?: Json }).text) }),
    };
    return new Pending(operation as unknown as Operation, undefined as never, undefined);
  },

  fill(pending, payload, decoder) {
    const [, , , , target, detail] = listOf(payload, decoder, "an operation");
    const { run } = this.of;
    if (run === undefined) return decoder.corrupt("an operation tells nobody");
    pending.target = targetIn(target);
    pending.detail = decoder.value(detail ?? null);
    run.pending.set(pending.operation.number, pending);
    if (pending.target.type === "promise") stateOf(pending.target.promise)!.operation = pending.operation.number;

    function targetIn(json: Json | undefined): Target {
      if (!isJsonObject(json)) return { type: "promise", promise: promiseIn(json, decoder) };
      const fn = decoder.value(json.call ?? null);
      if (typeof fn !== "function") return decoder.corrupt("an operation tells nobody");
      return { type: "call", fn, args: listOf(json.args, decoder, "an operation").map((arg) => decoder.value(arg)) };
    }
  },
});
