/**
 * The source of a generated program's decisions: a list of numbers, replayed and then continued by a seeded generator.
 * A program shrinks by shrinking that list (MacIver & Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP
 * 2020), so every shrunk program is one that the generator could have made. Choice 0 is always the simplest.
 */
export class Choices {
  readonly taken: number[] = [];
  private readonly given: readonly number[];
  private readonly random: (() => number) | null;

  constructor(given: readonly number[], random: (() => number) | null) {
    this.given = given;
    this.random = random;
  }

  /** A number below `bound`. */
  below(bound: number): number {
    const at = this.taken.length;
    const value =
      at < this.given.length ? this.given[at]! : this.random === null ? 0 : Math.floor(this.random() * 2 ** 32);
    const choice = value % bound;
    this.taken.push(choice);
    return choice;
  }

  /** True once in `n`; false is the simplest. */
  once(n: number): boolean {
    return this.below(n) === n - 1;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** sfc32 (Chris Doty-Humphrey's PractRand), seeded by a counter: small, fast and the same everywhere. */
export function seeded(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
