/** Captured variables: `[value]`, or `{ "dead": name }` before the declaration has run. */
import type { Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { belongsTo, Cell, DeadCell, isCell, isInitialized, isOfModule } from "../cells.ts";
import type { KindContext } from "./context.ts";

type Reason = readonly [why: string, mend: string];

/** Of what no run has made, and no name leads to. */
export const OF_THE_MODULE: Reason = [
  "it is, or belongs to, a function that was made outside of this run, and no name leads to that: a load would make another one",
  "bind that function, alone or in an object, at module level of the durable module (const pay = withRetry(charge)), or make it in the durable function that uses it",
];

const OF_ANOTHER: Reason = [
  "it is a variable of another run, or of this run before it was loaded again, which module-level state has kept",
  "keep nothing that belongs to a run in module-level state: pass it on, or return it",
];

export const cellKind = kindOf<Cell | DeadCell, KindContext>({
  tag: "cell",
  test: isCell,
  fields(cell) {
    return isInitialized(cell) && belongsTo(this.of.run, cell) ? [cell.v] : undefined;
  },
  // The cell adds nothing to a variable path: the frame or closure that holds it names the variable.
  encode(cell, encoder) {
    if (!belongsTo(this.of.run, cell)) encoder.refuse(...(isOfModule(cell) ? OF_THE_MODULE : OF_ANOTHER));
    return isInitialized(cell) ? [encoder.value(cell.v, "")] : { dead: (cell as DeadCell).variable };
  },
  create: (payload) =>
    isJsonObject(payload) ? new DeadCell(String(payload.dead), undefined) : new Cell(undefined, undefined),
  fill(cell, payload, decoder) {
    if (isJsonObject(payload)) return;
    if (!Array.isArray(payload) || payload.length !== 1) return decoder.corrupt("a variable has no known form");
    cell.init = decoder.value((payload as readonly Json[])[0]!);
  },
});
