/** Suspended calls: `[code, label, promise, { slot: value }, awaited, class?]`, with the slots that are live at that label. */
import type { Frame } from "../../abi/index.ts";
import type { Decoder, Encoder, Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { Activation } from "../activation.ts";
import { printCode } from "../places.ts";
import { stateOf } from "../promise/state.ts";
import type { MachineCode } from "../registry.ts";
import { type KindContext, listOf } from "./context.ts";

/** A machine's code, and where it stands. */
export interface Standing {
  readonly code: MachineCode;
  readonly frame: Frame;
}

/** The slots that the block at the frame's label may still read. */
export const liveSlots = ({ code, frame }: Standing): readonly string[] => code.live[String(frame.pc)] ?? [];

/** A slot as the source names its variable. */
export const variableOf = (code: MachineCode, slot: string): string => code.names[slot] ?? slot;

export const activationKind = kindOf<Activation, KindContext>({
  tag: "frame",
  test: (value): value is Activation => value instanceof Activation,
  label: (activation) => printCode(activation.code, activation.position),

  fields(activation) {
    const { code, frame, promise, awaiting } = activation;
    this.of.codes.add(code.digest);
    return slotFields([frame.pc, code.owner, promise, awaiting], activation, this.of);
  },

  encode(activation, encoder) {
    const { code, frame } = activation;
    if (typeof frame.pc !== "string")
      return encoder.refuse(`${code.name} stands at an unnamed block: this is a bug in the compiler`);
    const slots = encodeSlots(activation, encoder);
    // What nothing else reaches while the run is stuck: the message names the line.
    const awaited =
      activation.awaiting === undefined ? encoder.value(undefined, "") : encoder.own(activation.awaiting, " (awaited)");
    const owner = code.owner === undefined ? [] : [encoder.value(code.owner, " (class)")];
    return [
      encoder.constant(code.digest),
      frame.pc,
      encoder.own(activation.promise, " (promise)"),
      slots,
      awaited,
      ...owner,
    ];
  },

  create(payload, decoder) {
    const [digest, label, , , , owner] = listOf(payload, decoder, "a frame");
    const code = this.of.coded(["machine"], decoder.constant(digest), owner, decoder);
    return new Activation(code, frameAt(code, label, decoder), undefined as never);
  },

  fill(activation, payload, decoder) {
    const [, , promise, slots, awaited] = listOf(payload, decoder, "a frame");
    activation.promise = promiseIn(promise, decoder);
    activation.awaiting = promiseIn(awaited, decoder);
    fillSlots(activation, slots, decoder);
  },
});

/** What of a frame is compared with its shadow, behind what comes before it. */
export function slotFields(before: readonly unknown[], standing: Standing, context: KindContext): unknown[] {
  const slots = liveSlots(standing);
  const fields: unknown[] = new Array(before.length + slots.length);
  for (let i = 0; i < before.length; i++) fields[i] = before[i];
  for (let i = 0; i < slots.length; i++) {
    const value = standing.frame[slots[i]!];
    if (typeof value === "function") context.needs(value);
    fields[before.length + i] = value;
  }
  return fields;
}

export function encodeSlots(standing: Standing, encoder: Encoder): { [slot: string]: Json } {
  const slots: { [slot: string]: Json } = {};
  for (const slot of liveSlots(standing))
    slots[slot] = encoder.value(standing.frame[slot], variableOf(standing.code, slot));
  return slots;
}

/** An empty frame at a resume label of the code. */
export function frameAt(code: MachineCode, label: Json | undefined, decoder: Decoder): Frame {
  if (typeof label !== "string" || code.live[label] === undefined)
    return decoder.corrupt(`${code.id} has no resume point ${String(label)}`);
  return { pc: label, $: undefined };
}

export function fillSlots(standing: Standing, slots: Json | undefined, decoder: Decoder): void {
  if (!isJsonObject(slots)) return decoder.corrupt("a frame has no slots");
  for (const slot of liveSlots(standing)) {
    if (!Object.hasOwn(slots, slot)) decoder.corrupt(`a frame of ${standing.code.id} lacks ${slot}`);
    standing.frame[slot] = decoder.value(slots[slot]!);
  }
}

/** The durable promise that a value must be. */
export function promiseIn(json: Json | undefined, decoder: Decoder): Promise<unknown> {
  const value = json === undefined ? undefined : decoder.value(json);
  return stateOf(value) === undefined ? decoder.corrupt("a promise is expected") : (value as Promise<unknown>);
}
