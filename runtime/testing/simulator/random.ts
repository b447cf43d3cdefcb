/** A seeded generator (sfc32: Doty-Humphrey, PractRand): the whole of a simulation follows from its seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Integer in [low, high]. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  bytes(count: number): Uint8Array;
  /** Another generator, independent of how much this one is used later. */
  fork(): Random;
}

export function seeded(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9 ^ seed, 0x243f6a88 + seed, 0xb7e15162 ^ (seed << 7), 1];
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) word();
  const random: Random = {
    next: () => word() / 2 ** 32,
    between: (low, high) => low + Math.floor(random.next() * (high - low + 1)),
    chance: (probability) => random.next() < probability,
    pick: (items) => items[random.between(0, items.length - 1)]!,
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 255),
    fork: () => seeded(word()),
  };
  return random;
}
