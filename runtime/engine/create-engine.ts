/** `createEngine`: the engine over compiled machines and this platform. */

import type { Limits } from "../codec/contract.ts";
import { distinctCodecs } from "../codec/user-codec.ts";
import type { FetchOptions } from "../machine/contract.ts";
import { machineVats } from "../machine/vats.ts";
import { callback, checkOptions, flag, having, numberFrom, record, required, type Wanted } from "../options/check.ts";
import { complaints } from "./complaints.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import type { Host } from "./host.ts";
import { platformHost } from "./platform-host.ts";

const OPTIONS: { readonly [option in keyof EngineOptions | "host"]-?: Wanted } = {
  store: required(having('a store: `sqlite("runs.db")`, `memory()` …', "create", "claim", "commit")),
  provide: record,
  codecs: {
    wanted: "a list of codecs: `[codec(Decimal)]`",
    fits: (value) => Array.isArray(value) && value.every((one) => typeof one?.tag === "string" && "kind" in one),
  },
  fetch: record,
  limits: record,
  observe: callback,
  host: record,
};
const FETCH: { readonly [option in keyof FetchOptions]-?: Wanted } = { idempotencyKey: flag, bodyLimit: numberFrom(0) };
const LIMITS: { readonly [option in keyof Limits]-?: Wanted } = { maxObjects: numberFrom(1), maxBytes: numberFrom(1) };

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
 * @throws PD2516 and PD2517 for options that cannot be meant.
 * @example
 * // export async function checkout(order: Order, mailer: Mailer) { …; await mailer.send(order.email, "Thank you"); }
 * const engine = createEngine({ store: sqlite("runs.db"), provide: { mailer } });
 * const run = await engine.start(checkout, [order, mailer], { id: `checkout-${order.id}` });
 * void engine.work();
 * const receipt = await run.result();
 */
export function createEngine(options: EngineOptions & { readonly host?: Partial<Host> }): Engine {
  checkOptions("createEngine", options, OPTIONS);
  checkOptions("createEngine({ fetch })", options.fetch, FETCH);
  checkOptions("createEngine({ limits })", options.limits, LIMITS);
  const { store, observe, provide = {}, codecs, fetch, limits } = options;
  const platform = platformHost();
  const host = { ...platform, ...options.host };
  const surroundings = {
    provided: provide,
    ...(fetch && { fetch }),
    ...(limits && { limits }),
    ...(codecs && { codecs: distinctCodecs(codecs) }),
    ...(platform.isProxy && { isProxy: platform.isProxy }),
    ...(platform.hasSlots && { hasSlots: platform.hasSlots }),
  };
  return new Engine({
    store,
    observe: observe ?? complaints(() => host.now()),
    surroundings,
    host,
    vats: machineVats(surroundings),
  });
}
