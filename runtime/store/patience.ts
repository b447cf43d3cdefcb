/** How stores that repeat a request wait in between: a simulation has its own time and chance. */
export interface Patience {
  readonly pause: (ms: number) => Promise<void>;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

export const PATIENCE: Patience = {
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};
