/** Engines over scripted runs on the memory store, with short times. */
import type { Json } from "perdure/internal/codec/contract";
import { Engine } from "perdure/internal/engine/engine";
import type { Host } from "perdure/internal/engine/host";
import type { EngineEvent, WorkOptions } from "perdure/internal/engine/options";
import { platformHost } from "perdure/internal/engine/platform-host";
import type { Store } from "perdure/internal/store/store";
import { type Program, type ScriptedOptions, scriptedVats } from "perdure/internal/testing/simulator/scripted-vat";
import { memory } from "perdure/memory";

export const QUICK: WorkOptions = { lease: 300, poll: 20, linger: 10, grace: 50, probation: 10, sweep: 50 };

export interface Call {
  run: string;
  name: string;
  args: Json;
  key: string;
}

export interface World {
  store: Store;
  calls: Call[];
  /** Steps that wait here until they are let go, by name. */
  held: Map<string, (() => void)[]>;
  hold: Set<string>;
  events: EngineEvent[];
  engine(parts?: Partial<ScriptedOptions> & { host?: Partial<Host>; store?: Store }): ScriptedEngine;
  close(): Promise<void>;
}
export type ScriptedEngine = Engine & { fn(program: string): (...args: Json[]) => Promise<Json[]> };

export function world(
  programs: Record<string, Program>,
  call?: (call: Call & { signal: AbortSignal }) => Promise<Json> | Json,
): World {
  const store = memory();
  const engines: Engine[] = [];
  const self: World = {
    store,
    calls: [],
    held: new Map(),
    hold: new Set(),
    events: [],
    engine({ host, store: other, ...options } = {}) {
      const vats = scriptedVats({
        programs,
        ...options,
        call: async (made) => {
          const { signal: _, ...recorded } = made;
          self.calls.push(recorded);
          if (self.hold.has(made.name)) {
            await new Promise<void>((resolve) => {
              self.held.set(made.name, [...(self.held.get(made.name) ?? []), resolve]);
            });
          }
          return call === undefined ? `did ${made.name}` : call(made);
        },
      });
      const engine = new Engine({
        store: other ?? store,
        vats,
        surroundings: { provided: {} },
        host: { ...platformHost(), ...host },
        observe: (event) => void self.events.push(event),
      });
      engines.push(engine);
      return Object.assign(engine, { fn: vats.fn });
    },
    async close() {
      for (const waiting of self.held.values()) for (const resolve of waiting) resolve();
      await Promise.all(engines.map((engine) => engine.stop()));
    },
  };
  return self;
}

export async function until(what: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
