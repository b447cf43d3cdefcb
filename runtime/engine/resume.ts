/** Resuming a token from outside: a conditional create in the run's inbox, so it needs no worker and no lease. */
import { parseTokenId, type TokenId, VOLATILE } from "../machine/token-id.ts";
import type { EngineContext } from "./context.ts";
import { freshId } from "./host.ts";
import { tokenMessage } from "./mail.ts";
import { engineError } from "./messages.ts";
import { plainJson } from "./plain-json.ts";
import { insist } from "./retry.ts";

/**
 * `accepted`: this value is the token's, now and for ever. `already-resumed`: an earlier call won. `gone`: there is no such
 * run any more.
 */
export type ResumeOutcome = "accepted" | "already-resumed" | "gone";

const shownToken = (token: unknown): string =>
  typeof token === "string"
    ? JSON.stringify(token.slice(0, 80))
    : token === null || typeof token !== "object"
      ? String(token)
      : "an object";

/** The parts of a token's id. Throws PD2506 for what is none. */
export function tokenIdOf(token: string): TokenId {
  const id = parseTokenId(token);
  if (id !== null) return id;
  const isVolatile = typeof token === "string" && token.startsWith(VOLATILE);
  throw engineError("PD2506", {
    token: shownToken(token),
    why: isVolatile ? " of a run: it was made outside of any" : "",
    mend: isVolatile
      ? 'put "use durable" at the top of the file that calls token(); in tests without an engine there is `resumeToken` of perdure/testing'
      : "pass `token().id` as it was handed out, all of it",
  });
}

export async function resumeToken(context: EngineContext, token: string, value: unknown): Promise<ResumeOutcome> {
  const { store, host } = context;
  const id = tokenIdOf(token);
  const message = tokenMessage(token, plainJson(value), freshId(host));
  const answer = await insist(host, store.name, "deliver", () => store.deliver(id.run, id.incarnation, message));
  if (answer.type === "gone") return "gone";
  // An attempt whose answer was lost may have won: then the body that won is this one.
  const won = answer.type === "accepted" || answer.body === message.body;
  if (won) host.hints?.publish(id.run, "due");
  return won ? "accepted" : "already-resumed";
}
