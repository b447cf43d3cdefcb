/** Ordinary code of {@link ./crowds.ts}. */

export const replacement = async (i: number): Promise<string> => String(i).padStart(12, "0").repeat(85);

/** Milliseconds by which runs woke late, in the order in which they did. */
export const lateness: number[] = [];

export const woke = async (until: number): Promise<void> => void lateness.push(Date.now() - until);
