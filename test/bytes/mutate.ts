/** Values that whoever can write a store may put in the place of what was saved there. */

/** A linear congruential generator: the same seed, the same values (Knuth, TAOCP vol. 2, 3.3.4). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0;
    this.below(2);
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** Made when it is drawn: some are long. */
const TEXTS: readonly (() => string)[] = [
  () => "",
  () => "x",
  () => "__proto__",
  () => "constructor",
  () => "null",
  () => "[]",
  () => "{}",
  () => "5",
  () => '"text"',
  () => "[[1]]",
  () => '{"__proto__":{"polluted":true}}',
  () => '{"constructor":{"prototype":{"polluted":true}}}',
  () => '{"type":"__proto__"}',
  () => '{"type":"start","seq":1,"create":null}',
  () => '{"type":"message","seq":1,"to":5,"incarnation":null,"message":{}}',
  () => '{"id":"x","parts":1e9}',
  () => '{"id":"__proto__","parts":-1}',
  () => '{"perdure":2,"checksum":"00000000","body":{}}',
  () => `perdure-sealed:1:k:${"A".repeat(40)}`,
  () => "perdure-sealed:1:__proto__:",
  () => nested("[", "]", 20_000),
  () => nested('{"a":', "}", 20_000).replace("{}", "{}1"),
  () => "9".repeat(400),
  () => "x".repeat(100_000),
  () => "\u{10ffff}".repeat(100),
  () => "1e999",
];

export const NUMBERS: readonly number[] = [
  ...[0, 1, -1, 2, 3, 7, 1.5, -0.5, 100, 1_000_000, 1e12, 2 ** 31, 2 ** 32, 2 ** 53 - 1],
  ...[2 ** 53, 2 ** 63 - 1024, -(2 ** 53), 1e300, -1e300],
];

const JSON_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 2 ** 53, 1e300, "", "x", "__proto__", "constructor", "done", "running"],
  ...[[], {}, [[]], [1], ["r", "Array"], { length: 1e9 }, JSON.parse('{"__proto__":{"polluted":true}}')],
];

interface Spot {
  readonly owner: Record<string, unknown>;
  readonly key: string;
}

function spotsIn(value: unknown): Spot[] {
  const spots: Spot[] = [];
  const stack: unknown[] = [value];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at !== "object" || at === null) continue;
    for (const key of Object.keys(at)) {
      spots.push({ owner: at as Record<string, unknown>, key });
      stack.push((at as Record<string, unknown>)[key] ?? undefined);
    }
  }
  return spots;
}

/** One value inside of a JSON text is exchanged, left out or repeated. */
function mutatedJson(chance: Chance, text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const spots = spotsIn(value);
  if (spots.length === 0) return JSON.stringify(chance.of(JSON_VALUES));
  const { owner, key } = chance.of(spots);
  const how = chance.below(4);
  if (how === 0) delete owner[key];
  else if (how === 1) owner[key] = chance.of(spots).owner[chance.of(spots).key];
  else owner[key] = chance.of(JSON_VALUES);
  try {
    return JSON.stringify(value);
  } catch {
    // It holds itself now.
    return "[";
  }
}

/** Characters are cut out, put in or exchanged. */
function mutatedCharacters(chance: Chance, text: string): string {
  let changed = text;
  for (let n = chance.below(3); n >= 0; n--) {
    const at = chance.below(changed.length + 1);
    const insert = chance.of(["", "", "0", "-", "[", "]", "{", "}", '"', ",", ":", "__proto__", "\\", "é", "1e99"]);
    changed = changed.slice(0, at) + insert + changed.slice(at + chance.below(4));
  }
  return changed;
}

export function mutatedText(chance: Chance, text: string): string {
  switch (chance.below(4)) {
    case 0:
      return chance.of(TEXTS)();
    case 1:
      return text.slice(0, chance.below(text.length + 1));
    case 2:
      return mutatedJson(chance, text) ?? mutatedCharacters(chance, text);
    default:
      return mutatedCharacters(chance, text);
  }
}
