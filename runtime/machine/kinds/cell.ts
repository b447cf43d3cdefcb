/** Captured variables: `[value]`, or `{ "dead": name }` before the declaration has run. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/properties.ts";
import { Cell, DeadCell, isInitialized } from "../cells.ts";

export const cellKind: Kind<Cell | DeadCell> = {
  tag: "cell",
  test: (value): value is Cell | DeadCell => value instanceof Cell || value instanceof DeadCell,
  fields(cell, out) {
    if (!isInitialized(cell)) return false;
    out.push(cell.v);
    return true;
  },
  // The cell adds nothing to a variable path: the frame or closure that holds it names the variable.
  encode: (cell, encoder) =>
    isInitialized(cell) ? [encoder.value(cell.v, "")] : { dead: (cell as DeadCell).variable },
  create: (payload) => (isJsonObject(payload) ? new DeadCell(String(payload.dead)) : new Cell(undefined)),
  fill(cell, payload, decoder) {
    if (isJsonObject(payload)) return;
    if (!Array.isArray(payload) || payload.length !== 1) return decoder.corrupt("a variable has no known form");
    cell.init = decoder.value((payload as readonly Json[])[0]!);
  },
};
