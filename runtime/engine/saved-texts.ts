/** What the engine itself keeps in a store as JSON text, looked at before it is believed: somebody else may have written it. */
import { unreadable } from "../codec/messages.ts";
import type { EncodedOutcome, Parent } from "../machine/contract.ts";

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** PD4010: what the run holds is not what a save has written. */
export const notSaved = (what: string): never => {
  throw unreadable(new Error("it is not what an engine has written"), what);
};

/** Throws PD4010. */
export function readObject(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(cause, what);
  }
  return isRecord(value) ? value : notSaved(what);
}

export const isOutcome = (value: unknown): value is EncodedOutcome =>
  isRecord(value) &&
  (value["status"] === "fulfilled" || value["status"] === "rejected" || value["status"] === "cancelled") &&
  typeof value["text"] === "string" &&
  (value["error"] === undefined || typeof value["error"] === "string");

/** A run's result. Throws PD4010. */
export function readOutcome(text: string, run: string): EncodedOutcome {
  const what = `the result of run ${run}`;
  const outcome = readObject(text, what);
  return isOutcome(outcome) ? outcome : notSaved(what);
}

/** To whom a child run tells its end. Throws PD4010. */
export function readParent(text: string, child: string): Parent {
  const what = `the parent of run ${child}`;
  const { run, incarnation, operation } = readObject(text, what);
  if (typeof run !== "string" || typeof incarnation !== "string" || !isNumber(operation)) return notSaved(what);
  return { run, incarnation, operation };
}
