/** Captured variables: `[value]`, or `{ "dead": name }` before the declaration has run. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { Cell, DeadCell, isInitialized } from "../cells.ts";
import type { KindContext } from "./context.ts";

export function cellKind(context: KindContext): Kind<Cell | DeadCell> {
  const belongs = (cell: Cell | DeadCell): boolean => {
    cell.owner ??= context.run;
    return context.run === undefined || cell.owner === context.run;
  };
  return {
    tag: "cell",
    test: (value): value is Cell | DeadCell => value instanceof Cell || value instanceof DeadCell,
    fields: (cell) => (isInitialized(cell) && belongs(cell) ? [cell.v] : undefined),
    // The cell adds nothing to a variable path: the frame or closure that holds it names the variable.
    encode(cell, encoder) {
      if (!belongs(cell))
        encoder.refuse(
          "it is a variable of another run, or of this run before it was loaded again; module-level state has kept it",
        );
      return isInitialized(cell) ? [encoder.value(cell.v, "")] : { dead: (cell as DeadCell).variable };
    },
    create: (payload) => (isJsonObject(payload) ? new DeadCell(String(payload.dead)) : new Cell(undefined)),
    fill(cell, payload, decoder) {
      if (isJsonObject(payload)) return;
      if (!Array.isArray(payload) || payload.length !== 1) return decoder.corrupt("a variable has no known form");
      cell.init = decoder.value((payload as readonly Json[])[0]!);
    },
  };
}
