/** Captured variables: `[value]`, or `{ "dead": name }` before the declaration has run. */
import type { Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { ANYONE, Cell, DeadCell, isInitialized } from "../cells.ts";
import type { KindContext } from "./context.ts";

function belongs(cell: Cell | DeadCell, { run }: KindContext): boolean {
  if (cell.owner === ANYONE) {
    // The variables of a function are looked at by themselves.
    if (typeof cell.v !== "object" || cell.v === null) return true;
    cell.owner = undefined;
  }
  cell.owner ??= run;
  return run === undefined || cell.owner === run;
}

export const cellKind = kindOf<Cell | DeadCell, KindContext>({
  tag: "cell",
  test: (value): value is Cell | DeadCell => value instanceof Cell || value instanceof DeadCell,
  fields(cell) {
    return isInitialized(cell) && belongs(cell, this.of) ? [cell.v] : undefined;
  },
  // The cell adds nothing to a variable path: the frame or closure that holds it names the variable.
  encode(cell, encoder) {
    if (!belongs(cell, this.of))
      encoder.refuse(
        "it is a variable of a function that this run has not made: one of the module's (const pay = withRetry(charge)), of another run, or of this run before it was loaded again",
        "make that function inside the durable function that uses it, or in an ordinary module, whose functions are saved by name",
      );
    return isInitialized(cell) ? [encoder.value(cell.v, "")] : { dead: (cell as DeadCell).variable };
  },
  create: (payload) => (isJsonObject(payload) ? new DeadCell(String(payload.dead)) : new Cell(undefined)),
  fill(cell, payload, decoder) {
    if (isJsonObject(payload)) return;
    if (!Array.isArray(payload) || payload.length !== 1) return decoder.corrupt("a variable has no known form");
    cell.init = decoder.value((payload as readonly Json[])[0]!);
  },
});
