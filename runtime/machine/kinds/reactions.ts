/** Reactions and jobs: they stand inside the promise or the queue that holds them, since nothing else refers to them. */
import type { Decoder, Encoder, Json } from "../../codec/contract.ts";
import { Activation } from "../activation.ts";
import { type Capability, type Job, type Reaction, ThenReaction } from "../jobs.ts";
import { stateOf } from "../promise/state.ts";
import { promiseIn } from "./activation.ts";
import { listOf } from "./context.ts";

/** `[frame]` awaits; `[onFulfilled, onRejected, derived, group?]` are handlers. */
export function encodeReaction(reaction: Reaction, encoder: Encoder): Json {
  if (reaction instanceof Activation) return [encoder.own(reaction, " (awaiting)")];
  const { onFulfilled, onRejected, derived, group } = reaction;
  const parts = [
    encoder.value(onFulfilled, ".then()"),
    encoder.value(onRejected, ".catch()"),
    encoder.value(derived, " (promise)"),
  ];
  return group === undefined ? parts : [...parts, encoder.value(group, " (combinator)")];
}

export function reactionFields(reaction: Reaction, out: unknown[]): void {
  if (reaction instanceof Activation) out.push(reaction);
  else out.push(reaction.onFulfilled, reaction.onRejected, reaction.derived, reaction.group);
}

export function decodeReaction(payload: Json, decoder: Decoder): Reaction {
  const parts = listOf(payload, decoder, "a reaction");
  if (parts.length === 1) {
    const activation = decoder.value(parts[0]!);
    return activation instanceof Activation ? activation : decoder.corrupt("a frame is expected");
  }
  if (parts.length !== 3 && parts.length !== 4) decoder.corrupt("a reaction has no known form");
  const [onFulfilled, onRejected, derived, group] = parts.map((part) => decoder.value(part));
  for (const handler of [onFulfilled, onRejected])
    if (handler !== undefined && typeof handler !== "function") decoder.corrupt("a handler is no function");
  if (typeof derived !== "object" || derived === null) return decoder.corrupt("a reaction tells nobody");
  const reaction = new ThenReaction(onFulfilled, onRejected, derived as Promise<unknown> | Capability);
  if (stateOf(group) !== undefined) reaction.group = group as Promise<unknown>;
  return reaction;
}

export function encodeJob(job: Job, encoder: Encoder): Json {
  switch (job.type) {
    case "reaction":
      return [job.status, encodeReaction(job.reaction, encoder), encoder.value(job.value, " (value)")];
    case "thenable":
      return [
        "thenable",
        encoder.value(job.promise, " (promise)"),
        encoder.value(job.thenable, " (thenable)"),
        encoder.value(job.then, ".then"),
      ];
    default:
      return [job.type, encoder.value(job.fn, " (callback)"), job.args.map((arg, i) => encoder.value(arg, `[${i}]`))];
  }
}

export function decodeJob(payload: Json, decoder: Decoder): Job {
  const [type, first, second, third] = listOf(payload, decoder, "a job");
  const functionIn = (json: Json | undefined): Function => {
    const value = json === undefined ? undefined : decoder.value(json);
    return typeof value === "function" ? value : decoder.corrupt("a job calls no function");
  };
  switch (type) {
    case "fulfilled":
    case "rejected":
      return {
        type: "reaction",
        status: type,
        reaction: decodeReaction(first ?? null, decoder),
        value: decoder.value(second ?? null),
      };
    case "thenable": {
      const thenable = decoder.value(second ?? null);
      if ((typeof thenable !== "object" || thenable === null) && typeof thenable !== "function")
        return decoder.corrupt("a job adopts no object");
      return { type, promise: promiseIn(first, decoder), thenable, then: functionIn(third) };
    }
    case "call":
    case "tick":
    case "start":
      return { type, fn: functionIn(first), args: listOf(second, decoder, "a job").map((arg) => decoder.value(arg)) };
    default:
      return decoder.corrupt("a job has no known form");
  }
}
