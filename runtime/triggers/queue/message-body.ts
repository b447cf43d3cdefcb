/** What a queue's message says: JSON. */
import { triggerError } from "../messages.ts";

/** Throws PD6008: repeating the message cannot help. */
export function parseMessage(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch (cause) {
    throw triggerError(
      "PD6008",
      { why: (cause as Error).message, start: JSON.stringify((body ?? "").slice(0, 60)) },
      cause,
    );
  }
}
