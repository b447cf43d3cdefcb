/** Ordinary code of the runs that are compared with other systems'. */

export const add = async (sum: number, i: number): Promise<number> => sum + i;

const listeners = new Map<string, (said: string) => void>();

/** Resolves with what the run of that id says next. */
export const next = (id: string): Promise<string> => new Promise((resolve) => listeners.set(id, resolve));

export const say = async (id: string, what: string): Promise<void> => {
  listeners.get(id)?.(what);
};
