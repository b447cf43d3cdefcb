/** Data that built-ins keep beside properties, for kinds of objects that are made by their own class and filled by its base. */
import type { Decoder, Encoder, Json } from "../contract.ts";
import { mapKind, setKind } from "./collections.ts";
import type { ExoticKind } from "./exotic.ts";
import { dateKind } from "./scalars.ts";

/** How the data of one built-in is read from an instance and put into another. */
export interface Internals {
  data(value: object, encoder: Encoder): Json;
  fillData(value: object, data: Json, decoder: Decoder): void;
}

/** All that an array or an error is stands in its own properties. */
const propertiesOnly: Internals = { data: () => null, fillData: () => {} };

const byPrototype: ReadonlyMap<object, Internals> = new Map<object, Internals>([
  ...[mapKind, setKind, dateKind].map((kind) => [kind.prototype, kind as unknown as ExoticKind] as const),
  [Array.prototype, propertiesOnly],
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map(
    (of) => [of.prototype, propertiesOnly] as const,
  ),
]);

/** For the prototype of a built-in whose subclasses can be made without arguments and filled later. */
export const internalsOf = (prototype: object): Internals | undefined => byPrototype.get(prototype);
