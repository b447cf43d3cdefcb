/**
 * The way to the store: calls take time, their effect is one instant, and either half can be lost. What a process sent before
 * it died still arrives.
 */
import type { Ending, Store, StoreFailure } from "../../store/store.ts";
import type { History } from "./history.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What becomes of one call; decided when it arrives. */
export type Fate = "answered" | "request-lost" | "answer-lost" | "repeated" | "refused";

export interface Network {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  readonly fate: (process: SimulatedProcess, method: string) => Fate;
  /** Called as the process makes a call: a crash may be due. */
  readonly calling: (process: SimulatedProcess, method: string) => void;
}

const failure = (outcome: StoreFailure["outcome"], text: string): StoreFailure =>
  Object.assign(new Error(text), { outcome }) as StoreFailure;

export function throughNetwork(store: Store, process: SimulatedProcess, network: Network): Store {
  const { timeline, random, history } = network;
  const latency = (): number => (random.chance(0.05) ? random.between(50, 400) : random.between(1, 8));

  function call(method: keyof Store, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      network.calling(process, method);
      const answer = (settle: () => void): void => void timeline.at(latency(), process, settle);
      timeline.at(latency(), null, () => {
        const fate = network.fate(process, method);
        if (fate === "refused") return answer(() => reject(failure("refused", "the store is out")));
        if (fate === "request-lost") return answer(() => reject(failure("unknown", "the request was lost")));
        const apply = async (): Promise<unknown> => {
          const value = await (store[method] as (...args: unknown[]) => Promise<unknown>).apply(store, [...args]);
          record(history, process, method, args, value);
          return value;
        };
        const applied = apply();
        applied.catch(() => undefined);
        if (fate === "repeated") timeline.at(random.between(1, 3_000), null, () => void apply().catch(() => undefined));
        if (fate === "answer-lost") return answer(() => reject(failure("unknown", "the answer was lost")));
        applied.then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      });
    });
  }

  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]) => call(property as keyof Store, args);
    },
  });
}

function record(
  history: History,
  process: SimulatedProcess,
  method: string,
  args: readonly unknown[],
  value: unknown,
): void {
  if (method === "claim") {
    for (const { lease } of value as Awaited<ReturnType<Store["claim"]>>)
      history.add({ type: "claim", ...lease, process: process.name });
  } else if (method === "end") {
    if (value === "ended") history.add({ type: "end", process: process.name, ending: args[0] as Ending });
  } else if (method === "commit") {
    const group = args[0] as Parameters<Store["commit"]>[0];
    for (const [index, outcome] of (value as Awaited<ReturnType<Store["commit"]>>).entries()) {
      history.add({ type: "commit", process: process.name, commit: group[index]!, outcome });
    }
  }
}
