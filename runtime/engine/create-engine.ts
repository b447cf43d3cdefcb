/** `createEngine`: the engine over compiled machines and this platform. */
import { machineVats } from "../machine/vats.ts";
import type { StoreFailure } from "../store/store.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import type { Host } from "./host.ts";
import type { Observer } from "./options.ts";
import { platformHost } from "./platform-host.ts";

/**
 * An engine over a store: it starts runs, talks to them, and drives them once `work()` is called. Several engines, in any
 * number of processes, may share a store.
 *
 * `provide` names objects of the host (clients, connections) that durable code gets as arguments or through imports; runs keep
 * the name and never the object, so a worker that has no object of that name cannot load them. `host` replaces parts of the
 * platform: its clock, timers, randomness, failpoints, hints.
 *
 * @example
 * const engine = createEngine({ store: sqlite("runs.db"), provide: { mailer } });
 * const run = await engine.start(checkout, [order], { id: `checkout-${order.id}` });
 * void engine.work();
 * const receipt = await run.result();
 */
export function createEngine(options: EngineOptions & { readonly host?: Partial<Host> }): Engine {
  const { host, provide = {}, codecs, ...rest } = options;
  const platform = platformHost();
  const surroundings = {
    provided: provide,
    ...(codecs && { codecs }),
    ...(platform.isProxy && { isProxy: platform.isProxy }),
  };
  return new Engine({
    observe: complain(),
    ...rest,
    surroundings,
    host: { ...platform, ...host },
    vats: machineVats(surroundings),
  });
}

/** Without an observer, errors of the store that last until somebody mends them are printed, each once: a worker only waits. */
function complain(): Observer {
  const told = new Set<string>();
  return (event) => {
    if (event.type !== "store-failed" || (event.error as Partial<StoreFailure>).lasting !== true) return;
    const text = String(event.error);
    if (told.has(text)) return;
    told.add(text);
    (globalThis as { console?: { error(text: string): void } }).console?.error(text);
  };
}
