/** `createEngine`: the engine over compiled machines and this platform. */

import { distinctCodecs } from "../codec/user-codec.ts";
import type { PerdureError } from "../errors.ts";
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
 * `provide` names objects of the host (clients, connections, configuration) that runs keep by name and never by value. Durable code gets
 * such an object as any other value, and needs no special form to call it: as an argument of the run (`engine.start(checkout, [order, mailer])`),
 * or as something that such an object holds. Its own properties, one level deep, are saved by name too (`this.aws.s3.send(…)` works when
 * `aws` is provided). Objects that durable code imports, or that a durable module binds, need not be provided: they have names already. A
 * worker in which nothing is provided under a name cannot load runs that hold it: they are blocked, and go on in one that has it. What stands under a name may be
 * exchanged between two loads of a run: another connection, a test's double.
 *
 * `fetch: { idempotencyKey: true }` sends the key of the step with each `fetch` of durable code that may have an effect, so that a service that knows the header
 * does once what is asked for twice. `fetch: { bodyLimit }` is the largest body, in bytes, that is read so that it can be saved (8 MiB).
 *
 * `limits: { maxObjects, maxBytes }` bound what one run may hold; beyond them it is blocked with PD4002 at its last save.
 *
 * `host` replaces parts of the platform: its clock, timers, randomness, failpoints, hints.
 *
 * @example
 * // export async function checkout(order: Order, mailer: Mailer) { …; await mailer.send(order.email, "Thank you"); }
 * const engine = createEngine({ store: sqlite("runs.db"), provide: { mailer } });
 * const run = await engine.start(checkout, [order, mailer], { id: `checkout-${order.id}` });
 * void engine.work();
 * const receipt = await run.result();
 */
export function createEngine(options: EngineOptions & { readonly host?: Partial<Host> }): Engine {
  const { host, provide = {}, codecs, fetch, limits, ...rest } = options;
  const platform = platformHost();
  const surroundings = {
    provided: provide,
    ...(fetch && { fetch }),
    ...(limits && { limits }),
    ...(codecs && { codecs: distinctCodecs(codecs) }),
    ...(platform.isProxy && { isProxy: platform.isProxy }),
    ...(platform.hasSlots && { hasSlots: platform.hasSlots }),
  };
  return new Engine({
    observe: complain(),
    ...rest,
    surroundings,
    host: { ...platform, ...host },
    vats: machineVats(surroundings),
  });
}

/**
 * Without an observer, errors of the store that last until somebody mends them are printed, each once: a worker only waits. So are runs whose code was edited
 * since they were saved, and what disposals of resources throw.
 */
function complain(): Observer {
  const told = new Set<string>();
  return (event) => {
    const isLasting = event.type === "store-failed" && (event.error as Partial<StoreFailure>).lasting === true;
    if (!isLasting && event.type !== "dispose-failed" && event.type !== "parked") return;
    const text = String(event.error);
    // Runs that stand in the same code are one piece of news.
    const news = event.type === "parked" ? (event.error as PerdureError).details.code! : text;
    if (told.has(news)) return;
    told.add(news);
    (globalThis as { console?: { error(text: string): void } }).console?.error(text);
  };
}
