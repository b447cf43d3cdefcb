/** What is wrong in the end: with the ledger of the services, and with what the store keeps of the runs. */
import { createEngine, type Store } from "perdure";
import type { Order, Outcome } from "../../fixtures/checkout/orders.ts";
import { type Entry, faultsOf } from "../../fixtures/checkout/service/ledger.ts";
import type { Progress } from "./progress.ts";

export const runOf = (order: Order): string => `checkout-${order.id}`;

const AT_ONCE = 32;

/** Empty: each order was charged, refunded, shipped and reviewed as its outcome says, once, and nothing is left over. */
export async function judge(
  store: Store,
  orders: readonly Order[],
  entries: readonly Entry[],
  { claims }: Progress,
  signal: AbortSignal,
): Promise<string[]> {
  const engine = createEngine({ store });
  const entriesOf = new Map<string, Entry[]>();
  for (const entry of entries) entriesOf.set(entry.order, [...(entriesOf.get(entry.order) ?? []), entry]);
  const faults: string[] = [];
  const statuses = new Set<string>();
  const judgeOne = async (order: Order): Promise<void> => {
    const run = runOf(order);
    const head = await store.read(run);
    if (head?.status !== "done") {
      faults.push(`${run}: ${head === null ? "was never started" : `is ${head.status} ${head.reason ?? ""}`}`);
      return;
    }
    const outcome = await engine.run<Outcome>(run).result();
    statuses.add(outcome.status);
    const mine = entriesOf.get(order.id) ?? [];
    for (const fault of faultsOf(order, outcome, mine)) faults.push(`${run}: ${fault}`);
    // Guarantee 3: a step is issued again only by a worker that claimed the run after another had lost it.
    const times = claims.get(run) ?? 0;
    for (const { operation, sku, requests } of mine) {
      if (requests > times)
        faults.push(`${run}: ${operation} ${sku} was asked for ${requests} times by ${times} claims`);
    }
    if (head.owner !== null) faults.push(`${run} has ended and is owned by ${head.owner}`);
  };
  for (let n = 0; n < orders.length; n += AT_ONCE) {
    signal.throwIfAborted();
    await Promise.all(orders.slice(n, n + AT_ONCE).map(judgeOne));
  }
  if (orders.length >= 100 && statuses.size < 3) faults.push(`all orders ended as ${[...statuses].join(" or ")}`);
  const left = await store.pendingOutbox(10);
  if (left.length > 0) faults.push(`messages of ${left.map(({ run }) => run).join(", ")} never left`);
  return faults;
}
