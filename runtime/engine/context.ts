/** What the parts of one engine share. */
import type { VatHost } from "../machine/contract.ts";
import type { Store } from "../store/store.ts";
import type { FreshRuns } from "./fresh.ts";
import type { Host } from "./host.ts";
import type { Meter } from "./meter.ts";
import type { Observer } from "./options.ts";
import type { VatFactory } from "./vats.ts";
import type { Watchers } from "./watchers.ts";

export interface EngineContext {
  readonly store: Store;
  readonly host: Host;
  readonly vats: VatFactory;
  readonly vatHost: VatHost;
  readonly observe: Observer;
  readonly meter: Meter;
  readonly watchers: Watchers;
  readonly fresh: FreshRuns;
}
