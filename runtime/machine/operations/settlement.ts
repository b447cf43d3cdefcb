/** What an attempt yielded, encoded when it settled, and how the turn that receives it takes it in. */
import type { Json } from "../../codec/contract.ts";
import { type Changes, type Copy, restoreChanges, saveChanges } from "../../codec/copy.ts";
import { withoutHidden } from "../../codec/results.ts";
import { savableError } from "../../codec/thrown.ts";
import { isPerdureError, type PerdureError } from "../../errors.ts";
import type { Settlement } from "../contract.ts";
import { lookingOnce } from "../references.ts";
import { printPlace, type Run } from "../run.ts";
import { stepError as error } from "./messages.ts";
import type { Change, Made } from "./operand.ts";
import { refuseChanged, type StepDetail } from "./step.ts";
import type { Watching } from "./watched.ts";

/** How the ordinary code ended. */
export interface Ended {
  readonly status: "fulfilled" | "rejected";
  readonly value: unknown;
}

/** What a transaction committed with its result: JSON, in a message of the run's inbox. */
export interface SavedSettlement {
  readonly status: "fulfilled";
  readonly saved: Json;
}

type StepSettlement =
  /** A result that cannot be copied enters as it is, and must be out of reach by the next save. */
  | {
      readonly status: "fulfilled" | "rejected";
      readonly changes: Changes;
      /** Of what other steps make anew: the record's number, and the property. */
      readonly lost: readonly (readonly [record: number, property: string])[];
    }
  | { readonly status: "refused"; readonly error: PerdureError };

export const refused = (why: unknown): Settlement =>
  ({
    status: "refused",
    error: isPerdureError(why) ? why : error("PD2303", { why: String(why) }, why),
  }) satisfies StepSettlement;

/** Encodes what the attempt changed in its copy and what it yielded, under the heap's numbers: what it shares with the arguments stays shared. */
export const settlementOf = (copy: Copy, ended: Ended, watching: Watching): Settlement =>
  lookingOnce(() => settle(copy, ended, watching));

function settle(copy: Copy, { status, value }: Ended, watching: Watching): Settlement {
  try {
    const lost = watching.changes();
    const changes = copy.changes([value]);
    if (changes.result.type === "copied") return { status, changes, lost } satisfies StepSettlement;
    const canCopy = (candidate: unknown): boolean => copy.changes([candidate]).result.type === "copied";
    const kept = status === "rejected" ? savableError(value, canCopy) : withoutHidden(value, canCopy);
    return { status, changes: kept === undefined ? changes : copy.changes([kept]), lost } satisfies StepSettlement;
  } catch (thrown) {
    // What the step put into its arguments cannot be copied.
    return refused(thrown);
  }
}

/** Why no copy could be made of what an attempt that is under way has put into its arguments so far. Other errors, such as a codec's, are told when it settles. */
export function whyNotTakenIn(copy: Copy): PerdureError | undefined {
  try {
    lookingOnce(() => copy.changes([]));
    return undefined;
  } catch (thrown) {
    return isPerdureError(thrown) ? thrown : undefined;
  }
}

/** What is to be done with what the body of a transaction came to: committed with it, or settled after a rollback. */
export function transactionEnd(given: Settlement): { readonly commit: Json } | { readonly rollBack: Settlement } {
  const settlement = given as StepSettlement;
  if (settlement.status !== "fulfilled") return { rollBack: given };
  const { result } = settlement.changes;
  if (result.type === "uncopied") return { rollBack: refused(result.reason) };
  return { commit: saveChanges(settlement.changes) };
}

/**
 * Takes a settlement in: applies the changes to the originals and settles the step's promise. Blocks the run with PD2203 when the run has changed the
 * same property since the step was made; then nothing is applied. A step that is gone (cancelled) is passed over.
 */
export function takeIn(run: Run, number: number, given: Settlement): void {
  const pending = run.pending.get(number);
  if (pending === undefined || pending.operation.type !== "step") return;
  const settlement = given as StepSettlement | SavedSettlement;
  if (settlement.status === "refused") run.fail(settlement.error);
  const changes =
    "saved" in settlement
      ? restoreChanges(settlement.saved, (pending.detail as StepDetail).snapshot)
      : settlement.changes;
  const value = apply(run, changes, number);
  if (!("saved" in settlement)) {
    const { text } = pending.operation;
    for (const [record, property] of settlement.lost)
      noteChange(run, number, (pending.detail as StepDetail).watched[record]!, { step: text, property });
  }
  if (changes.result.type === "uncopied" && typeof value === "object" && value !== null)
    run.noteUncopied(value, pending.operation.text);
  run.settle(number, { status: settlement.status, value });
}

/** Later steps are refused when they are made; one that is under way has been given another one already. */
function noteChange(run: Run, number: number, made: Made, change: Change): void {
  made.changed ??= change;
  for (const { operation, detail } of run.pending.values()) {
    if (operation.type !== "step" || operation.number === number) continue;
    if ((detail as StepDetail).watched.includes(made)) run.fail(refuseChanged(made, operation.where, operation.text));
  }
}

function apply(run: Run, changes: Changes, number: number): unknown {
  try {
    return run.heap.apply(changes);
  } catch (thrown) {
    const { operation } = run.pending.get(number)!;
    if (!isPerdureError(thrown) || thrown.code !== "PD4020" || operation.type !== "step") throw thrown;
    const { where, text } = operation;
    const changed = thrown.details.path ?? "";
    const path = /^\w/.test(changed) ? changed : `${changed} of an argument`.trim();
    return run.fail(error("PD2203", { function: where.function, place: printPlace(where), text, path }, thrown));
  }
}
