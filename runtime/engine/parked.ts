/** Runs that stand in code which is not linked here: nothing drives them in this process, and who waits for them should know why. */
import type { CodeDigest } from "../abi/index.ts";
import type { PerdureError } from "../errors.ts";
import { DORMANT, ENDED, type RunHead } from "../store/store.ts";
import { engineError } from "./messages.ts";

export interface Parked {
  readonly error: PerdureError;
  /** Some of the code is linked, in another version: it was edited, or is being deployed. */
  readonly isEdited: boolean;
}

const SHOWN = 3;
/** `src/orders.ts#checkout` of its digest. */
const idOf = (code: CodeDigest): string => code.slice(0, code.lastIndexOf("@"));

/** Why the run is parked; undefined when it is not. */
export function parkedBy(head: RunHead, linked: ReadonlySet<CodeDigest>): Parked | undefined {
  if (ENDED.has(head.status) || DORMANT.has(head.status)) return undefined;
  const missing = head.codes.filter((code) => !linked.has(code));
  if (missing.length === 0) return undefined;
  const edited = missing.filter((code) => linked.has(`${idOf(code)}@*`));
  const isEdited = edited.length > 0;
  const ids = [...new Set((isEdited ? edited : missing).map(idOf))];
  const code = ids.slice(0, SHOWN).join(", ") + (ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : "");
  const error = engineError("PD2514", {
    run: head.run,
    code,
    how: isEdited ? "which this process links in another version" : "which no module of this process has",
    mend: isEdited
      ? "undo the edit, or let a worker of the version that saved it finish the run; while developing, begin anew: with another id, or an empty store"
      : "import the module that has it in the program of the worker",
  });
  return { error, isEdited };
}
