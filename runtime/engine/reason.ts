/** Why a run is stuck, blocked or quarantined, as the store keeps it: JSON text. */
import { isPerdureError, PerdureError } from "../errors.ts";
import { engineError } from "./messages.ts";
import { isNumber, isRecord, readObject } from "./saved-texts.ts";

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly details: Readonly<Record<string, string>>;
  /** Environments ({@link VatFactory.environment}) in which a blocked run has already failed: it is not tried again in these. */
  readonly tried?: readonly string[];
}

const TRIED_KEPT = 16;

/** Any error as a coded one: durable code's own never get here. */
export const asCoded = (error: unknown, run: string): PerdureError =>
  isPerdureError(error) ? error : engineError("PD2507", { run, error: describe(error) }, error);

export const describe = (error: unknown): string => {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "an error that cannot be printed";
  }
};

export function reasonText(error: PerdureError, tried?: readonly string[]): string {
  const { code, message, fix, details } = error;
  const reason: Reason = {
    code,
    message,
    fix,
    details,
    ...(tried && { tried: [...new Set(tried)].slice(-TRIED_KEPT) }),
  };
  return JSON.stringify(reason);
}

/** Adds an environment to those in which the run has failed. */
export const triedIn = (previous: string | null, environment: string): readonly string[] => [
  ...(parseReason(previous)?.tried ?? []),
  environment,
];

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === "string");

/** Null also for what no engine has written: a reason is for people, and holds up nothing. */
export function parseReason(text: string | null): Reason | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { code, message = "", fix = "", details = {}, tried = [] } = value;
  if (!isTexts([code, message, fix]) || !isRecord(details) || !isTexts(tried)) return null;
  return isTexts(Object.values(details)) ? ({ ...value, message, fix, details } as unknown as Reason) : null;
}

/** The error that a client sees; its message is the stored one, not filled in again. */
export function reasonError(text: string | null, run: string): PerdureError {
  const reason = parseReason(text);
  if (reason === null) return engineError("PD2507", { run, error: "no reason was recorded" });
  const error = new PerdureError(reason.code, "", reason.fix, { ...reason.details });
  error.message = reason.message;
  return error;
}

/** How often a run was cleared of a suspicion since it last made progress; kept in the reason of a run that is not dormant. */
export function clearances(text: string | null): number {
  if (text === null) return 0;
  try {
    const { cleared } = readObject(text, "a remark");
    return isNumber(cleared) ? cleared : 0;
  } catch {
    return 0;
  }
}
export const clearanceText = (count: number): string => JSON.stringify({ cleared: count });
