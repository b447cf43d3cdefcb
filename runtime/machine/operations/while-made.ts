/** What may not happen while ordinary code makes an operand that each attempt of its step makes again: what the run does there would be done again by each. */
import type { PerdureError } from "../../errors.ts";
import type { Operation, SourcePlace } from "../contract.ts";
import { printPlace } from "../places.ts";
import { callError as error } from "./messages.ts";

/** `what`: was done. */
export const whileMade = (place: SourcePlace, what: string): PerdureError =>
  error("PD2220", { function: place.function, place: printPlace(place), what });

/** The operation, for {@link whileMade}. */
export function madeText(operation: Operation): string {
  switch (operation.type) {
    case "step":
      return `the step \`${operation.text}\` was made`;
    case "timer":
      return "a timer was set";
    case "token":
      return "a token was made";
    case "receive":
      return "a message was asked for";
    case "child":
      return "a run was started";
  }
}
