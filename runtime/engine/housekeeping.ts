/** What workers do now and then for everybody: nothing here is needed for safety, all of it for liveness. */

import type { EngineContext } from "./context.ts";
import type { WorkSettings } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import { parseReason } from "./reason.ts";

const PAGE = 256;

/** One sweep. Failures are reported and left to the next one. True: more is left to forget, and the next sweep should come soon. */
export async function housekeeping(
  context: EngineContext,
  settings: WorkSettings,
  outbox: Outbox,
  wanted: () => boolean,
): Promise<boolean> {
  const { store, host, observe } = context;
  try {
    // A worker that ends when it is idle sweeps once.
    await outbox.sweep(PAGE, settings.until === "idle");
    if (wanted()) await reviveBlocked(context, wanted);
    return wanted() && (await store.sweep(Math.max(0, host.now() - settings.retention), PAGE)) >= PAGE;
  } catch (error) {
    observe({ type: "store-failed", call: "sweep", error });
    return false;
  }
}

/** Tries blocked runs again that have not yet failed with the code and codecs that are linked here. */
export async function reviveBlocked({ store, host, vats }: EngineContext, wanted: () => boolean): Promise<void> {
  const environment = vats.environment();
  let after: string | undefined;
  while (wanted()) {
    const page = await store.list({ status: "blocked", limit: PAGE, ...(after !== undefined && { after }) });
    for (const head of page) {
      if (!wanted() || parseReason(head.reason)?.tried?.includes(environment)) continue;
      if (await store.revive(head.run, host.now())) host.hints?.publish(head.run, "due");
    }
    if (page.length < PAGE) return;
    after = page.at(-1)!.run;
  }
}
