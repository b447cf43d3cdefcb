/** What the processes of a simulation share, and how each of them reaches it. */
import { memory } from "../../store/memory/index.ts";
import type { Store } from "../../store/store.ts";
import { type Network, throughNetwork } from "./network.ts";
import type { SimulatedProcess } from "./process.ts";

export interface Installation {
  /** Processes hear from each other through the store; else by hints of the simulation's. */
  readonly tells?: boolean;
  /** For the simulation itself: no distance, no faults. */
  readonly store: Store;
  /** The store as this process has it. */
  open(process: SimulatedProcess, network: Network): Store;
  /** The simulation is over. */
  readonly close?: () => void;
}

/** One store that all share; each of its calls has its effect at one instant. */
export function sharedMemory(mutated: (store: Store) => Store = (store) => store): Installation {
  const store = mutated(memory());
  return { store, open: (process, network) => throughNetwork(store, process, network) };
}
