/** What workers do now and then for everybody: nothing here is needed for safety, all of it for liveness. */

import type { EngineContext } from "./context.ts";
import type { WorkSettings } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { Revivals } from "./revivals.ts";

const PAGE = 256;

/** One sweep. Failures are reported and left to the next one. True: more is left to forget, and the next sweep should come soon. */
export async function housekeeping(
  context: EngineContext,
  settings: WorkSettings,
  { outbox, revivals }: { readonly outbox: Outbox; readonly revivals: Revivals },
  wanted: () => boolean,
): Promise<boolean> {
  const { store, host, observe } = context;
  try {
    // A worker that ends when it is idle sweeps once.
    await outbox.sweep(PAGE, settings.until === "idle");
    if (wanted()) await reviveBlocked(context, settings.sweep * 2, revivals, wanted);
    return wanted() && (await store.sweep(Math.max(0, host.now() - settings.retention), PAGE)) >= PAGE;
  } catch (error) {
    observe({ type: "store-failed", call: "sweep", error });
    return false;
  }
}

/** Tries blocked runs again that have not yet failed with the code and codecs that are linked here. */
async function reviveBlocked(
  { store, host, vats }: EngineContext,
  first: number,
  revivals: Revivals,
  wanted: () => boolean,
): Promise<void> {
  const here = { environment: vats.environment(), linked: vats.linked(), now: host.now() };
  let after: string | undefined;
  while (wanted()) {
    const page = await store.list({ status: "blocked", limit: PAGE, ...(after !== undefined && { after }) });
    for (const head of page) {
      if (!wanted() || !revivals.isDue(head, here, first)) continue;
      if (await store.revive(head.run, host.now())) host.hints?.publish(head.run, "due");
    }
    if (page.length < PAGE) return;
    after = page.at(-1)!.run;
  }
}
