/**
 * Durable promises: `{ "value": v }`, `{ "reason": v, "handled": true }`, or `{ "reactions": […] }` with who is going to settle it. An operation
 * stands in the promise that it settles, so a timer or token that nobody observes is not reached and not kept.
 */
import type { Decoder, Encoder, Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { encodeProperties, fillProperties } from "../../codec/properties.ts";
import { Activation } from "../activation.ts";
import { privatesOf } from "../privates.ts";
import { DurablePromise } from "../promise/durable-promise.ts";
import { isHostKey } from "../promise/host-keys.ts";
import { makePromiseFrom, type Origin, type PromiseState, stateOf } from "../promise/state.ts";
import { promiseIn } from "./activation.ts";
import { type KindContext, listOf } from "./context.ts";
import { placeIn, placeJson } from "./place.ts";
import { decodeReaction, encodeReaction, reactionFields } from "./reactions.ts";

const isOrdinary = (promise: object): boolean =>
  Reflect.getPrototypeOf(promise) === DurablePromise.prototype &&
  Reflect.isExtensible(promise) &&
  Reflect.ownKeys(promise).every(isHostKey);

/** Private names of a subclass can only be given by its constructor, and that needs an executor. */
function hasPrivates(promise: object): boolean {
  for (let at = Reflect.getPrototypeOf(promise); at !== null; at = Reflect.getPrototypeOf(at)) {
    const of = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value as unknown;
    if (typeof of === "function" && privatesOf(of)?.has(promise)) return true;
  }
  return false;
}

function encodeState(state: PromiseState, encoder: Encoder): { [key: string]: Json } {
  const payload: { [key: string]: Json } = {};
  if (state.status === "fulfilled") payload.value = encoder.value(state.value, " (value)");
  else if (state.status === "rejected") payload.reason = encoder.value(state.value, " (reason)");
  else payload.reactions = (state.reactions ?? []).map((reaction) => encodeReaction(reaction, encoder));
  if (state.handled) payload.handled = true;
  if (state.status === "rejected" && state.place) payload.place = placeJson(state.place, encoder);
  if (state.status !== "pending") return payload;
  const pending = state.operation === undefined ? undefined : state.run.pending.get(state.operation);
  if (state.members) payload.members = state.members.map((member) => encoder.value(member, " (member)"));
  else if (state.origin) payload.origin = encoder.value(state.origin, " (origin)");
  if (pending) payload.operation = encoder.own(pending, " (operation)");
  return payload;
}

export const promiseKind = kindOf<Promise<unknown>, KindContext>({
  tag: "promise",
  prototype: DurablePromise.prototype,
  test: (value): value is Promise<unknown> => stateOf(value) !== undefined,

  fields(promise) {
    const state = stateOf(promise)!;
    if (!isOrdinary(promise) || state.run !== this.of.run) return undefined;
    const { status, handled, value, place, operation, origin, members, reactions } = state;
    if (status !== "pending") return [status, handled, value, place];
    const pending = operation === undefined ? undefined : state.run.pending.get(operation);
    // Of most: one call awaits it. A list that grows takes room for sixteen more, and this one is kept.
    const only = members === undefined && reactions?.length === 1 ? reactions[0] : undefined;
    if (only instanceof Activation) return [status, handled, value, place, operation, pending, origin, only];
    const fields = [status, handled, value, place, operation, pending, members === undefined ? origin : members.length];
    if (members !== undefined) fields.push(...members);
    if (reactions !== undefined) for (const reaction of reactions) reactionFields(reaction, fields);
    return fields;
  },

  encode(promise, encoder, known) {
    const state = stateOf(promise)!;
    const { run } = this.of;
    if (run === undefined) return encoder.refuse("a promise belongs to its run");
    if (state.run !== run) return encoder.refuse(`it is a promise of run ${state.run.id}`);
    const payload = encodeState(state, encoder);
    if (known !== undefined || isOrdinary(promise)) return payload;
    if (hasPrivates(promise)) return encoder.refuse("it is of a subclass of Promise with private fields or methods");
    return {
      ...payload,
      proto: encoder.value(Reflect.getPrototypeOf(promise), ".[[Prototype]]"),
      own: encodeProperties(promise, isHostKey, encoder),
    };
  },

  create(_payload, decoder) {
    const { run } = this.of;
    if (run === undefined) return decoder.corrupt("a promise stands outside a run");
    return makePromiseFrom(run, DurablePromise);
  },

  fill(promise, payload, decoder) {
    if (!isJsonObject(payload)) return decoder.corrupt("a promise has no known form");
    const state = stateOf(promise)!;
    state.handled = payload.handled === true;
    if (payload.value !== undefined) {
      state.status = "fulfilled";
      state.value = decoder.value(payload.value);
    } else if (payload.reason !== undefined) {
      state.status = "rejected";
      state.value = decoder.value(payload.reason);
      state.place = payload.place === undefined ? undefined : placeIn(payload.place, decoder);
    } else {
      fillPending(state, payload, decoder);
    }
    if (payload.proto !== undefined) {
      const prototype = decoder.value(payload.proto);
      if (typeof prototype !== "object" || !Reflect.setPrototypeOf(promise, prototype))
        decoder.corrupt("a prototype cannot be set");
      fillProperties(promise, payload.own, isHostKey, decoder);
    }
  },
});

function fillPending(state: PromiseState, payload: { readonly [key: string]: Json }, decoder: Decoder): void {
  const reactions = listOf(payload.reactions, decoder, "a promise").map((reaction) =>
    decodeReaction(reaction, decoder),
  );
  state.reactions = reactions.length === 0 ? undefined : reactions;
  if (payload.members !== undefined) {
    state.origin = state.members = listOf(payload.members, decoder, "a combinator").map((member) =>
      promiseIn(member, decoder),
    );
  } else if (payload.origin !== undefined) {
    state.origin = originIn(payload.origin, decoder);
  }
  // The operation registers itself, and its number with this promise.
  if (payload.operation !== undefined) decoder.value(payload.operation);
}

function originIn(json: Json, decoder: Decoder): Origin {
  const origin = decoder.value(json);
  if (origin instanceof Activation || stateOf(origin) !== undefined) return origin as Origin;
  return decoder.corrupt("a promise has an origin of no known form");
}
