/** How a run ends: by what its function settled with, or by a failure that nobody handled. */

import { savableError } from "../codec/thrown.ts";
import type { EncodedOutcome, SourcePlace } from "./contract.ts";
import { runError as error } from "./messages.ts";
import { CancelledError } from "./operations/cancelled.ts";
import { printCode, printPlace } from "./places.ts";
import { textOf } from "./preview.ts";
import { stateOf } from "./promise/state.ts";
import { lookingOnce } from "./references.ts";
import type { Run } from "./run.ts";
import { encodeOwn, encodeValue } from "./values.ts";

/** The outcome once the run's function has settled. Throws a coded error when its value cannot be copied. */
export function outcomeOf(run: Run): EncodedOutcome | null {
  const state = run.result === undefined ? undefined : stateOf(run.result);
  if (state === undefined || state.status === "pending") return null;
  if (state.status === "fulfilled")
    return { status: "fulfilled", text: encodeOwn(state.value, run.host, resultName(run)) };
  return rejected(run, state.value);
}

/** Begins the variable paths of a result that cannot be copied. */
const resultName = ({ entry }: Run): string => (entry === undefined ? "result" : `${printCode(entry)} › result`);

/** What was thrown always leaves the run: rebuilt from what can be copied, when need be. */
function rejected(run: Run, reason: unknown): EncodedOutcome {
  const status = run.cancelled !== null && reason instanceof CancelledError ? "cancelled" : "rejected";
  const canCopy = (value: unknown): boolean => {
    try {
      encodeValue(value, run.host);
      return true;
    } catch {
      return false;
    }
  };
  return lookingOnce(() => {
    const text = encodeValue(savableError(reason, canCopy), run.host);
    return { status, text, error: briefly(reason) };
  });
}

const LONGEST = 1_000;
const briefly = (reason: unknown): string => textOf(reason).slice(0, LONGEST);

/**
 * Nobody handled it. On the platform this ends the process: the run fails, with what it still waits for. In a run whose outcome is fixed it is
 * only told.
 */
export function failRun(
  run: Run,
  reason: unknown,
  place: SourcePlace | undefined,
  code: "PD2104" | "PD2106" = "PD2104",
): void {
  if (run.outcome !== null) {
    run.remark(reason);
    return;
  }
  const failure = error(
    code,
    {
      place: place === undefined || place.file === "" ? "a line that is not known" : printPlace(place),
      error: textOf(reason),
    },
    reason,
  );
  run.outcome = rejected(run, asError(failure.message, reason));
  run.jobs.clear();
  for (const number of [...run.pending.keys()]) run.drop(number);
}

/** An ordinary error for clients: it carries the text with code, line and fix, and what was thrown as its cause. */
function asError(message: string, cause: unknown): Error {
  const failure = new Error(message, { cause });
  failure.name = "UnhandledRejection";
  return failure;
}
