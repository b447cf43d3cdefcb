/** Pending operations: `[public part, target, detail]`. The target is `{ "promise": p }` or `{ "call": fn, "args": […] }`. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import type { Operation } from "../contract.ts";
import { Pending, type Target } from "../pending.ts";
import { stateOf } from "../promise/state.ts";
import { promiseIn } from "./activation.ts";
import { type KindContext, listOf } from "./context.ts";

const types: ReadonlySet<unknown> = new Set(["step", "timer", "token", "child"]);

export function operationKind(context: KindContext): Kind<Pending> {
  const { run } = context;
  return {
    tag: "operation",
    prototype: Pending.prototype,
    test: (value): value is Pending => value instanceof Pending,
    label: ({ operation }) => (operation.type === "step" ? `step ${operation.text}` : operation.type),

    fields({ operation, target, detail }, out) {
      // The public part is replaced when it changes, never written to.
      out.push(operation, detail);
      if (target.type === "promise") out.push(target.promise);
      else out.push(target.fn, target.args.length, ...target.args);
      return true;
    },

    encode({ operation, target, detail }, encoder) {
      return [
        operation as unknown as Json,
        target.type === "promise"
          ? { promise: encoder.value(target.promise, " (promise)") }
          : {
              call: encoder.value(target.fn, " (callback)"),
              args: target.args.map((arg, i) => encoder.value(arg, `[${i}]`)),
            },
        encoder.value(detail, ""),
      ];
    },

    create(payload, decoder) {
      const [json] = listOf(payload, decoder, "an operation");
      if (!isJsonObject(json) || !types.has(json.type) || !Number.isSafeInteger(json.number))
        return decoder.corrupt("an operation has no known form");
      return new Pending(json as unknown as Operation, undefined as never, undefined);
    },

    fill(pending, payload, decoder) {
      const [, target, detail] = listOf(payload, decoder, "an operation");
      if (run === undefined || !isJsonObject(target)) return decoder.corrupt("an operation tells nobody");
      pending.target = targetIn(target);
      pending.detail = decoder.value(detail ?? null);
      run.pending.set(pending.operation.number, pending);
      if (pending.target.type === "promise") stateOf(pending.target.promise)!.operation = pending.operation.number;

      function targetIn(json: { readonly [key: string]: Json }): Target {
        if (json.promise !== undefined) return { type: "promise", promise: promiseIn(json.promise, decoder) };
        const fn = decoder.value(json.call ?? null);
        if (typeof fn !== "function") return decoder.corrupt("an operation tells nobody");
        return { type: "call", fn, args: listOf(json.args, decoder, "an operation").map((arg) => decoder.value(arg)) };
      }
    },
  };
}
