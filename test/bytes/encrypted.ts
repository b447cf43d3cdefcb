/** Sealed texts that were changed, cut, exchanged or put there by somebody without a key: an encrypted store reads what was written, or refuses. */

import { encrypted } from "perdure/encryption";
import type { RunHead, Store } from "perdure/internal/store/store";
import { memory } from "perdure/memory";
import { type Chance, mutatedText } from "./mutate.ts";
import { furnish, interrogate, type Tally } from "./trial.ts";

const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];

/** Counts texts on their way out of the store, and changes the one whose turn it is, wherever it is found again. */
function tampering(store: Store, dice: Chance): { store: Store; what(): string } {
  let left = dice.below(12);
  let victim: string | undefined;
  let instead = "";
  const others: string[] = [];
  const text = (sealed: string): string => {
    if (victim === undefined && left-- === 0) {
      victim = sealed;
      instead = dice.below(3) === 0 && others.length > 0 ? dice.of(others) : mutatedText(dice, sealed);
    }
    others.push(sealed);
    return sealed === victim ? instead : sealed;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return value.startsWith("perdure-sealed:") ? text(value) : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one)]));
  };
  const tampered = new Proxy(store, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function" || property === "close") return method;
      return async (...args: unknown[]) => walk(await Reflect.apply(method, target, args));
    },
  });
  return { store: tampered, what: () => `${victim?.slice(0, 60)} became ${instead.slice(0, 60)}` };
}

/** What was written, or nothing: a reader never gets a text that nobody with a key has sealed for that place. */
const ORIGINAL = /^(?:"\d"|\{"type":"cancel","reason":null\}|\{"code":.*|\{"status":"fulfilled","value":1\}|1)$/;
const checkTexts = ({ result, reason }: Pick<RunHead, "result" | "reason">): void => {
  for (const one of [result, reason])
    if (one !== null && !ORIGINAL.test(one)) throw new Error(`nobody wrote ${one.slice(0, 80)}`);
};

export async function fuzzEncrypted(chance: (n: number) => Chance, count: number, tally: Tally): Promise<void> {
  for (let n = 0; n < count; n++) {
    const inner = memory();
    const leases = await furnish(encrypted(inner, { keys }));
    const { store: tampered, what } = tampering(inner, chance(n));
    const store = encrypted(tampered, { keys });
    try {
      for (const lease of leases.values()) {
        const loaded = await store.load(lease).catch(() => null);
        if (loaded === null || loaded === "fenced") continue;
        checkTexts(loaded.head);
        for (const { text } of loaded.segments)
          if (!ORIGINAL.test(text)) throw new Error(`nobody wrote ${text.slice(0, 80)}`);
        for (const { body } of loaded.inbox)
          if (!ORIGINAL.test(body)) throw new Error(`nobody wrote ${body.slice(0, 80)}`);
      }
      for (const head of await store.list({})) checkTexts(head);
      await interrogate(store, leases, tally);
    } catch (cause) {
      throw new Error(`encrypted, mutation ${n}: ${what()}`, { cause });
    }
  }
}
