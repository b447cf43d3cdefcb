/** What an operator wants to see at a glance. */
import { type Census, DORMANT } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import type { WorkMetrics } from "./meter.ts";
import { parseReason } from "./reason.ts";
import { insist } from "./retry.ts";

export interface Metrics {
  /** What this engine's workers did, and hold. */
  readonly work: Readonly<WorkMetrics>;
  /** All runs of the store by status; null where the store cannot count them (DynamoDB). */
  readonly statuses: Census["statuses"] | null;
  /** Runs that no worker has, that are due, and whose code this process links; null where the store cannot tell. */
  readonly due: number | null;
  /** How long the longest waiting of them has been due, ms; 0 when none is late. Runs due by mail alone are not in it. */
  readonly lag: number;
  /** Runs that no worker has and that are due, but whose code is not linked in this process; null where the store cannot tell. */
  readonly parked: number | null;
  /** Runs that are stuck, blocked or quarantined, by the code of the reason: of each status the first thousand. */
  readonly reasons: Readonly<Record<string, number>>;
}

const PAGE = 250;
const MOST = 1_000;

export async function metricsOf(context: EngineContext): Promise<Metrics> {
  const { store, host, vats, meter } = context;
  const now = host.now();
  const linked = vats.linked();
  const census = await insist(host, store.name, "census", async () => store.census?.(now, linked) ?? null);
  const reasons = await reasonsOf(context, census);
  const since =
    census === null ? await insist(host, store.name, "nextWake", () => store.nextWake(linked)) : census.dueSince;
  return {
    work: { ...meter },
    statuses: census?.statuses ?? null,
    due: census?.due ?? null,
    lag: since === null || since === 0 ? 0 : Math.max(0, now - since),
    parked: census?.unlinked ?? null,
    reasons,
  };
}

async function reasonsOf({ store, host }: EngineContext, census: Census | null): Promise<Record<string, number>> {
  const counts: Record<string, number> = Object.create(null);
  for (const status of DORMANT) {
    if (census !== null && census.statuses[status] === undefined) continue;
    let after: string | undefined;
    for (let seen = 0; seen < MOST; seen += PAGE) {
      const query = { status, limit: PAGE, ...(after !== undefined && { after }) };
      const heads = await insist(host, store.name, "list", () => store.list(query));
      for (const { reason } of heads) {
        const code = parseReason(reason)?.code ?? "unknown";
        counts[code] = (counts[code] ?? 0) + 1;
      }
      if (heads.length < PAGE) break;
      after = heads.at(-1)!.run;
    }
  }
  return counts;
}
