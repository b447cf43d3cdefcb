/** Values on their own: outcomes, start arguments, what travels between runs. */
import { Heap, type HeapOptions } from "./heap.ts";

/** Encodes one value with everything it reaches as text. Throws PD4001, PD4002. `name` begins the variable paths. */
export function encodeValue(value: unknown, options: HeapOptions = {}, name = "value"): string {
  return new Heap(options).save("base", { strong: { [name]: value } }).text;
}

/** Reverses {@link encodeValue}: fresh objects. Throws a {@link PerdureError} for whatever is wrong with the text. */
export function decodeValue(text: string, options: HeapOptions = {}): unknown {
  const { roots } = Heap.load(options, [text]);
  for (const value of roots.values()) return value;
  return undefined;
}
