/** Messages in a run's inbox: what their keys and bodies say. Keys are unique in the receiving run for ever. */
import type { Json } from "../codec/contract.ts";
import type { EncodedOutcome, VatEvent } from "../machine/contract.ts";
import type { SavedSettlement } from "../machine/operations/settlement.ts";
import { parseTokenId } from "../machine/token-id.ts";
import type { InboxEntry, Message } from "../store/store.ts";
import { isNumber, isOutcome, notSaved, readObject } from "./saved-texts.ts";

type Body =
  /** `by` tells the caller of `resume` its own repetition from somebody else's message. */
  | { readonly type: "token"; readonly value: Json; readonly by: string }
  | { readonly type: "message"; readonly name: string; readonly value: Json; readonly by: string }
  /** What a transaction committed with its result. */
  | { readonly type: "step"; readonly operation: number; readonly saved: Json }
  | { readonly type: "child"; readonly operation: number; readonly outcome: EncodedOutcome }
  | { readonly type: "cancel"; readonly reason: string | null };

const message = (key: string, body: Body): Message => ({ key, body: JSON.stringify(body) });

export const tokenMessage = (id: string, value: Json, by: string): Message => message(id, { type: "token", value, by });

/** `key`: the sender's, or a fresh one. */
export const namedMessage = (name: string, key: string, value: Json, by: string): Message =>
  message(`message:${JSON.stringify([name, key])}`, { type: "message", name, value, by });

export const childMessage = (operation: number, outcome: EncodedOutcome): Message =>
  message(`child:${operation}`, { type: "child", operation, outcome });

/** A step settles once: the key tells a second attempt at its transaction. */
export const stepMessage = (operation: number, saved: Json): Message =>
  message(`step:${operation}`, { type: "step", operation, saved });

/** One key: a run is cancelled once. */
export const cancelMessage = (reason: string | null): Message => message("cancel", { type: "cancel", reason });

/** The event that a message stands for; the key of a token's is checked against the run by its vat. Throws PD4010 for what no engine has written. */
export function eventOf(entry: InboxEntry): VatEvent {
  const what = `the message ${entry.key.slice(0, 80)}`;
  const { type, operation, ...body } = readObject(entry.body, what) as unknown as Partial<Body> & {
    operation?: unknown;
    [detail: string]: unknown;
  };
  if (type === "token" && body["value"] !== undefined) {
    const id = parseTokenId(entry.key);
    return { type, operation: id?.operation ?? 0, secret: id?.secret ?? "", value: body["value"] as Json };
  }
  if (type === "message" && typeof body["name"] === "string" && body["value"] !== undefined)
    return { type, name: body["name"], value: body["value"] as Json };
  if (type === "step" && isNumber(operation) && body["saved"] !== undefined) {
    const settlement: SavedSettlement = { status: "fulfilled", saved: body["saved"] as Json };
    return { type, operation, settlement: { ...settlement } };
  }
  const { outcome, reason } = body;
  if (type === "child" && isNumber(operation) && isOutcome(outcome)) return { type, operation, outcome };
  if (type === "cancel" && (reason === null || typeof reason === "string")) return { type, reason };
  return notSaved(what);
}
