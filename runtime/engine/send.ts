/** Sending a message to a run from outside: a conditional create in its inbox, so it needs no worker and no lease. */
import { checkArgument, checkOptions, name as nameText } from "../options/check.ts";
import type { Incarnation, RunId } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { freshId } from "./host.ts";
import { namedMessage } from "./mail.ts";
import { plainJson } from "./plain-json.ts";
import { insist } from "./retry.ts";

export interface SendOptions {
  /** Names the message: of those that are sent to one run under one name, the first with this key is taken. Default: a fresh one. */
  readonly key?: string;
}

/** `accepted`: it is in the run's inbox. `already-sent`: an earlier call with this key won. `gone`: the run has ended. */
export type SendOutcome = "accepted" | "already-sent" | "gone";

const OPTIONS = { key: nameText };

export async function sendMessage(
  { store, host }: EngineContext,
  to: { readonly run: RunId; readonly incarnation: Incarnation | null },
  name: string,
  value: unknown,
  options: SendOptions,
): Promise<SendOutcome> {
  checkArgument("send", "the name of the message", name, nameText);
  checkOptions("send", options, OPTIONS);
  const by = freshId(host);
  const message = namedMessage(name, options.key ?? by, plainJson(value === undefined ? null : value), by);
  const answer = await insist(host, store.name, "deliver", () => store.deliver(to.run, to.incarnation, message));
  if (answer.type === "gone") return "gone";
  // An attempt whose answer was lost may have won: then the body that won is this one.
  const won = answer.type === "accepted" || answer.body === message.body;
  if (won) host.hints?.publish(to.run, "due");
  return won ? "accepted" : "already-sent";
}
