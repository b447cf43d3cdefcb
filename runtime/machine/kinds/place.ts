/** Source places in payloads: `[function, file, line, column]`. */
import type { Decoder, Json } from "../../codec/contract.ts";
import type { SourcePlace } from "../contract.ts";
import { listOf } from "./context.ts";

export const placeJson = ({ function: name, file, position }: SourcePlace): Json => [
  name,
  file,
  position[0],
  position[1],
];

export function placeIn(payload: Json, decoder: Decoder): SourcePlace {
  const [name, file, line, column] = listOf(payload, decoder, "a place");
  return { function: String(name), file: String(file), position: [Number(line), Number(column)] };
}
