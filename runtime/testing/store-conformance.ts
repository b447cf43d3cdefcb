/** The suite that every store must pass; see `docs/stores.md` for the contract that it checks. */
import type { Store } from "../store/store.ts";
import { claiming } from "./conformance/claiming.ts";
import { committing } from "./conformance/committing.ts";
import { creating } from "./conformance/creating.ts";
import { ending } from "./conformance/ending.ts";
import { fencing } from "./conformance/fencing.ts";
import { keeping } from "./conformance/keeping.ts";
import { mailing } from "./conformance/mailing.ts";
import { repeating } from "./conformance/repeating.ts";
import { makeWorld, type StoreCase } from "./conformance/world.ts";

const groups: Readonly<Record<string, readonly StoreCase[]>> = {
  create: creating,
  claim: claiming,
  commit: committing,
  end: ending,
  fence: fencing,
  mail: mailing,
  repeat: repeating,
  keep: keeping,
};

export interface StoreConformance {
  /** Registers one test: `test` of `node:test`, `it` of vitest or jest … */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** A new, empty store for each test; it is closed at its end. */
  readonly make: () => Store | Promise<Store>;
}

/**
 * Registers one test for each sentence of the store contract. Takes any framework's way to register a test, and needs
 * nothing else of it. Each case has a store of its own, so cases may run in any order, or at the same time.
 *
 * A case fails with an ordinary error that says what was promised, what was expected and what was found.
 *
 * @example
 * import { test } from "node:test";
 * import { storeConformance } from "perdure/testing";
 *
 * storeConformance({ test, make: () => myStore({ database: freshDatabase() }) });
 */
export function storeConformance({ test, make }: StoreConformance): void {
  for (const [group, cases] of Object.entries(groups)) {
    for (const { name, run } of cases) {
      test(`${group}: ${name}`, async () => {
        const store = await make();
        try {
          await run(makeWorld(store));
        } finally {
          await store.close();
        }
      });
    }
  }
}
