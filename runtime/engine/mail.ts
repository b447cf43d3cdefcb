/** Messages in a run's inbox: what their keys and bodies say. Keys are unique in the receiving run for ever. */
import type { Json } from "../codec/contract.ts";
import type { EncodedOutcome, VatEvent } from "../machine/contract.ts";
import type { SavedSettlement } from "../machine/operations/settlement.ts";
import { parseTokenId } from "../machine/token-id.ts";
import type { InboxEntry, Message } from "../store/store.ts";

type Body =
  /** `by` tells the caller of `resume` its own repetition from somebody else's message. */
  | { readonly type: "token"; readonly value: Json; readonly by: string }
  /** What a transaction committed with its result. */
  | { readonly type: "step"; readonly operation: number; readonly saved: Json }
  | { readonly type: "child"; readonly operation: number; readonly outcome: EncodedOutcome }
  | { readonly type: "cancel"; readonly reason: string | null };

const message = (key: string, body: Body): Message => ({ key, body: JSON.stringify(body) });

export const tokenMessage = (id: string, value: Json, by: string): Message => message(id, { type: "token", value, by });

export const childMessage = (operation: number, outcome: EncodedOutcome): Message =>
  message(`child:${operation}`, { type: "child", operation, outcome });

/** A step settles once: the key tells a second attempt at its transaction. */
export const stepMessage = (operation: number, saved: Json): Message =>
  message(`step:${operation}`, { type: "step", operation, saved });

/** One key: a run is cancelled once. */
export const cancelMessage = (reason: string | null): Message => message("cancel", { type: "cancel", reason });

/** The event that a message stands for. Bodies were written by an engine; the key of a token's is checked against the run by its vat. */
export function eventOf(entry: InboxEntry): VatEvent {
  const body = JSON.parse(entry.body) as Body;
  switch (body.type) {
    case "token": {
      const id = parseTokenId(entry.key);
      return { type: "token", operation: id?.operation ?? 0, secret: id?.secret ?? "", value: body.value };
    }
    case "step": {
      const settlement: SavedSettlement = { status: "fulfilled", saved: body.saved };
      return { type: "step", operation: body.operation, settlement: { ...settlement } };
    }
    case "child":
      return { type: "child", operation: body.operation, outcome: body.outcome };
    case "cancel":
      return { type: "cancel", reason: body.reason };
  }
}
