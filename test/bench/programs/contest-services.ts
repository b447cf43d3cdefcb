/** Ordinary code of the runs that are compared with other systems'. */

export const add = async (sum: number, i: number): Promise<number> => sum + i;

const listeners = new Map<string, (where: string) => void>();

/** Resolves with what the run of that id says next. */
export const reaches = (id: string): Promise<string> => new Promise((resolve) => listeners.set(id, resolve));

export const reached = async (id: string, where: string): Promise<void> => {
  listeners.get(id)?.(where);
};
