/** Suspended calls: `[code id, fingerprint, label, promise, { slot: value }, awaited, class?]`, with the slots that are live at that label. */
import type { Frame } from "../../abi/index.ts";
import type { Decoder, Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/properties.ts";
import { Activation } from "../activation.ts";
import { printCode } from "../places.ts";
import { stateOf } from "../promise/state.ts";
import type { MachineCode } from "../registry.ts";
import { type KindContext, listOf } from "./context.ts";

/** The slots that the block at the frame's label may still read. */
export const liveSlots = ({ code, frame }: Activation): readonly string[] => code.live[String(frame.pc)] ?? [];

/** A slot as the source names its variable. */
export const variableOf = (code: MachineCode, slot: string): string => code.names[slot] ?? slot;

export function activationKind(context: KindContext): Kind<Activation> {
  return {
    tag: "frame",
    test: (value): value is Activation => value instanceof Activation,
    label: (activation) => printCode(activation.code, activation.position),

    fields(activation, out) {
      const { code, frame } = activation;
      context.codes.add(code.digest);
      out.push(frame.pc, code.owner, activation.promise, activation.awaiting);
      for (const slot of liveSlots(activation)) {
        const value = frame[slot];
        if (typeof value === "function") context.needs(value);
        out.push(value);
      }
      return true;
    },

    encode(activation, encoder) {
      const { code, frame } = activation;
      if (typeof frame.pc !== "string")
        return encoder.refuse(`${code.name} stands at an unnamed block: this is a bug in the compiler`);
      const slots: { [slot: string]: Json } = {};
      for (const slot of liveSlots(activation)) slots[slot] = encoder.value(frame[slot], variableOf(code, slot));
      // What nothing else reaches while the run is stuck: the message names the line.
      const awaited = encoder.value(activation.awaiting, " (awaited)");
      const owner = code.owner === undefined ? [] : [encoder.value(code.owner, " (class)")];
      return [
        code.id,
        code.fingerprint,
        frame.pc,
        encoder.value(activation.promise, " (promise)"),
        slots,
        awaited,
        ...owner,
      ];
    },

    create(payload, decoder) {
      const [id, fingerprint, label, , , , owner] = listOf(payload, decoder, "a frame");
      const code = context.code(["machine"], [id, fingerprint, owner], decoder);
      if (typeof label !== "string" || code.live[label] === undefined)
        return decoder.corrupt(`${code.id} has no resume point ${String(label)}`);
      const frame: Frame = { pc: label, $: undefined };
      return new Activation(code, frame, undefined as never);
    },

    fill(activation, payload, decoder) {
      const [, , , promise, slots, awaited] = listOf(payload, decoder, "a frame");
      activation.promise = promiseIn(promise, decoder);
      activation.awaiting = promiseIn(awaited, decoder);
      if (!isJsonObject(slots)) return decoder.corrupt("a frame has no slots");
      for (const slot of liveSlots(activation)) {
        if (!Object.hasOwn(slots, slot)) decoder.corrupt(`a frame of ${activation.code.id} lacks ${slot}`);
        activation.frame[slot] = decoder.value(slots[slot]!);
      }
    },
  };
}

/** The durable promise that a value must be. */
export function promiseIn(json: Json | undefined, decoder: Decoder): Promise<unknown> {
  const value = json === undefined ? undefined : decoder.value(json);
  return stateOf(value) === undefined ? decoder.corrupt("a promise is expected") : (value as Promise<unknown>);
}
