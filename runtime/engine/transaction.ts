/**
 * Attempts at `transaction(body)`: in a transaction of the store, which delivers the result as a message in the run's inbox. So the
 * run learns of it as of any mail, once, whichever process it is in by then; what was rolled back settles as any step does.
 */
import type { Attempt, Settlement, StepOperation, VatLike } from "../machine/contract.ts";
import { refused, transactionEnd } from "../machine/operations/settlement.ts";
import type { Lease, StoreFailure } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import { stepMessage } from "./mail.ts";
import { engineError } from "./messages.ts";
import { backoff, pause } from "./retry.ts";

/** The result is in the inbox. */
export const MAILED: Settlement = { status: "fulfilled", mailed: true };

export function attemptTransaction(
  context: EngineContext,
  vat: VatLike,
  lease: Lease,
  operation: StepOperation,
  fenced: () => void,
): Attempt {
  const { store, host, observe } = context;
  let inner: Attempt | undefined;
  let unwanted = false;
  let giveUp: (nothing: null) => void = () => {};
  const givenUp = new Promise<null>((resolve) => (giveUp = resolve));

  /** Gives the message's body, or null after noting what the step settles with once everything is rolled back. */
  async function work(client: unknown, note: (settlement: Settlement) => void): Promise<string | null> {
    if (unwanted) return null;
    try {
      inner = vat.attempt(operation.number, client);
    } catch (error) {
      // Its operands cannot be opened.
      note(refused(error));
      return null;
    }
    // A body that waits for what never comes would keep its locks: once nobody wants it, it is rolled back under it.
    const settlement = await Promise.race([inner.settled, givenUp]);
    if (settlement === null || unwanted) return null;
    const end = transactionEnd(settlement);
    if ("commit" in end) return stepMessage(operation.number, end.commit).body;
    note(end.rollBack);
    return null;
  }

  async function settle(): Promise<Settlement> {
    if (store.transaction === undefined) return refused(engineError("PD2513", { run: lease.run, store: store.name }));
    const { key } = stepMessage(operation.number, null);
    for (let n = 1; !unwanted; n++) {
      const rolledBack: Settlement[] = [];
      const body = (client: unknown) => work(client, (settlement) => rolledBack.push(settlement));
      try {
        const outcome = await store.transaction(lease, key, body, operation.transaction?.isolation);
        if (outcome === "committed" || outcome === "duplicate") return MAILED;
        if (outcome === "fenced") {
          fenced();
          break;
        }
        if (rolledBack.length > 0) return rolledBack.at(-1)!;
      } catch (error) {
        const { thrown, lasting } = error as Partial<StoreFailure>;
        if (thrown !== undefined && inner?.refused !== undefined) return inner.refused(thrown);
        observe({ type: "store-failed", call: "transaction", error });
        if (lasting === true) return refused(error);
        await pause(host, backoff(host, n));
      }
    }
    // Nobody wants the answer any more.
    return new Promise(() => {});
  }

  return {
    key: `${lease.incarnation}/${operation.number}`,
    settled: settle(),
    abort(reason) {
      unwanted = true;
      inner?.abort(reason);
      giveUp(null);
    },
  };
}
