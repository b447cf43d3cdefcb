/** Kinds of the language, in the order in which they are asked. */
import type { Kind } from "../contract.ts";
import { arrayKind } from "./array.ts";
import { mapKind, setKind } from "./collections.ts";
import { errorKind } from "./error.ts";
import { plainKind } from "./plain.ts";
import { dateKind, regExpKind, wrapperKinds } from "./scalars.ts";

/** `isDurable`: does another kind of this heap take that function? */
export const languageKinds = (isDurable: (fn: object) => boolean): readonly Kind[] => [
  arrayKind as unknown as Kind,
  ...([mapKind, setKind, dateKind, regExpKind, errorKind, ...wrapperKinds] as unknown as readonly Kind[]),
  plainKind(isDurable),
];
