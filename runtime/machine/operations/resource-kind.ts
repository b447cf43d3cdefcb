/** How a resource is saved: `[id, make, dispose]`. In a step it is its number, and the value itself. */
import type { Decoder } from "../../codec/contract.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { isPerdureError } from "../../errors.ts";
import type { Run } from "../run.ts";
import { error } from "./messages.ts";
import { isResource, made, whatIs } from "./resource-value.ts";

export const resourceKind = kindOf<object, Run>({
  tag: "resource",
  test(value): value is object {
    return this.of.resources.of(value) !== undefined;
  },
  fields(value) {
    const { make, dispose } = this.of.resources.of(value)!;
    return [make, dispose];
  },
  encode(value, encoder) {
    const { id, make, dispose } = this.of.resources.of(value)!;
    return [id, encoder.value(make, " (make)"), encoder.value(dispose, " (dispose)")];
  },
  eager: true,
  create(payload, decoder) {
    const [id, makeJson, disposeJson] = Array.isArray(payload) ? payload : [];
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 1)
      return decoder.corrupt("a resource has no known form");
    const run = this.of;
    const known = run.resources.byId(id);
    if (known !== undefined) return known.value;
    const make = functionIn(makeJson, decoder);
    const dispose = functionIn(disposeJson, decoder);
    // Somebody looks at what is saved, and uses nothing of it.
    const value = run.host.inspecting === true ? {} : madeAgain(run, make);
    return run.resources.hold(make, run.host.inspecting === true ? () => {} : dispose, value, id).value;
  },
  fill() {},
});

function functionIn(json: unknown, decoder: Decoder): Function {
  const value = json === undefined ? undefined : decoder.complete(json as never);
  return typeof value === "function" ? value : decoder.corrupt("a function is expected");
}

function madeAgain(run: Run, make: Function): object {
  let value: unknown;
  try {
    value = made(make);
  } catch (thrown) {
    if (isPerdureError(thrown)) throw thrown;
    throw error("PD2217", { run: run.id, error: String(thrown) }, thrown);
  }
  if (!isResource(value)) throw error("PD2217", { run: run.id, error: `it gave ${whatIs(value)}` });
  return value;
}
