/** Ends a run from outside, as it stands: none of its code is loaded for that, so nothing that is wrong with it is in the way. */
import type { ChildOperation, EncodedOutcome, Operation, Parent } from "../machine/contract.ts";
import { ENDED, type Ending, type Outgoing, type RunHead, type RunId, type StoreFailure } from "../store/store.ts";
import { firstSeq } from "./commit.ts";
import type { EngineContext } from "./context.ts";
import { freshId } from "./host.ts";
import { cancelMessage, childMessage } from "./mail.ts";
import { Outbox } from "./outbox.ts";
import { insist } from "./retry.ts";
import { readOutcome, readParent } from "./saved-texts.ts";
import { loadVat } from "./vats.ts";

/** How often its child runs are looked for at the very commit that is its last. One that commits all the time is ended with those of the last look. */
const LOOKS = 8;

/** What it sends is delivered here for so long, ms; workers deliver what is left. */
const DELIVERY = 5_000;

const STATUS = { fulfilled: "done", rejected: "failed", cancelled: "cancelled" } as const;

/** False: it had ended. `read`: its head, or an error when there is no such run. */
export async function terminate(
  context: EngineContext,
  run: RunId,
  reason: string | null,
  read: () => Promise<RunHead>,
): Promise<boolean> {
  const { store, host, vats } = context;
  const commitId = freshId(host);
  const outcome = vats.cancelled(reason);
  let children: readonly ChildOperation[] = [];
  for (let n = 1; ; n++) {
    let head = await read();
    const looked = n <= LOOKS ? await look(context, run) : null;
    if (looked?.head.incarnation === head.incarnation) ({ head, children } = looked);
    if (ENDED.has(head.status)) return false;
    const ending: Ending = {
      ...{ run, incarnation: head.incarnation, commitId, position: head.position, now: host.now() },
      status: STATUS[head.result === null ? "cancelled" : readOutcome(head.result, run).status],
      result: head.result === null ? JSON.stringify(outcome) : null,
      outbox: outgoing(head, children, outcome, reason),
    };
    const answer = await insist(host, store.name, "end", () => store.end(ending));
    // Somebody was quicker: a turn, or another end.
    if (answer !== "ended") continue;
    host.hints?.publish(run, "known");
    await deliver(context, ending);
    return true;
  }
}

/** The run and its children at one commit. Null where its saved state cannot be read here: then nobody here knows of any. */
async function look(
  { store, host, vats, vatHost }: EngineContext,
  run: RunId,
): Promise<{ head: RunHead; children: readonly ChildOperation[] } | null> {
  const saved = await insist(host, store.name, "inspect", () => store.inspect(run)).catch((error: unknown) => {
    if ((error as Partial<StoreFailure>).unreadable === true) return null;
    throw error;
  });
  if (saved === null || ENDED.has(saved.head.status)) return null;
  const { head, segments } = saved;
  const request = { run, incarnation: head.incarnation, segments };
  // Its code may be gone: a reason to terminate it.
  const vat = await loadVat(vats, { ...vatHost, inspecting: true }, request).catch(() => null);
  return vat && { head, children: [...vat.operations.values()].filter(isChild) };
}

const isChild = (operation: Operation): operation is ChildOperation => operation.type === "child";

/** Word to the run that started it, and to those that it has started. */
function outgoing(
  { run, parent, result, position }: RunHead,
  children: readonly ChildOperation[],
  outcome: EncodedOutcome,
  reason: string | null,
): readonly Outgoing[] {
  const entries: Outgoing[] = [];
  const send = (entry: Omit<Outgoing & { type: "message" }, "type" | "seq">) =>
    entries.push({ type: "message", seq: firstSeq(position + 1) + entries.length, ...entry });
  for (const { run: to, incarnation, cancelling } of children)
    if (cancelling === undefined) send({ to, incarnation, message: cancelMessage(reason) });
  const told = result === null ? parentIn(parent, run) : null;
  if (told !== null) {
    const { run: to, incarnation, operation } = told;
    send({ to, incarnation, message: childMessage(operation, outcome) });
  }
  return entries;
}

/** Null: nobody to tell, or nobody knows whom. */
function parentIn(parent: string | null, run: RunId): Parent | null {
  try {
    return parent === null ? null : readParent(parent, run);
  } catch {
    return null;
  }
}

async function deliver(context: EngineContext, { run, incarnation, outbox }: Ending): Promise<void> {
  const { host } = context;
  const until = host.now() + DELIVERY;
  const delivery = new Outbox(context, () => host.now() < until);
  delivery.deliver(run, incarnation, outbox);
  await delivery.settled();
}
