/** Source places in payloads: `[function, file, line, column]`. */
import type { Decoder, Encoder, Json } from "../../codec/contract.ts";
import type { SourcePlace } from "../contract.ts";
import { listOf } from "./context.ts";

export const placeJson = ({ function: name, file, position }: SourcePlace, encoder: Encoder): Json => [
  encoder.constant(name),
  encoder.constant(file),
  position[0],
  position[1],
];

export function placeIn(payload: Json | undefined, decoder: Decoder): SourcePlace {
  const [name, file, line, column] = listOf(payload, decoder, "a place");
  return {
    function: decoder.constant(name),
    file: decoder.constant(file),
    position: [Number(line), Number(column)],
  };
}
