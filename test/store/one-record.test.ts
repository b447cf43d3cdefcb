/** The store that `docs/stores.md` shows to those who write one: it is a store, also where requests come twice and replacements collide. */
import { readFileSync } from "node:fs";
import { storeConformance, unreliable } from "perdure/testing";
import { describe, expect, test } from "vitest";
import { oneRecord, type Register } from "../../fixtures/stores/one-record.ts";

function register(collides: () => boolean = () => false): Register {
  let text = "";
  let version = 0;
  return {
    read: async () => ({ text, version: String(version) }),
    async replace(expected, next) {
      if (collides()) version++;
      if (expected !== String(version)) return false;
      version++;
      text = next;
      return true;
    },
  };
}

describe("one-record", () => {
  storeConformance({ test, make: () => oneRecord(register()) });

  describe("whose replacements collide, and whose answers are lost", () => {
    let dice = 1;
    const collides = (): boolean => {
      dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0;
      return dice / 2 ** 32 < 0.3;
    };
    storeConformance({ test, make: () => unreliable(oneRecord(register(collides)), { seed: dice }) });
  });

  test("an answer that never comes is told to be unknown", async () => {
    const silent: Register = {
      read: async () => ({ text: "", version: "0" }),
      replace: () => Promise.reject(new Error("timeout")),
    };
    await expect(oneRecord(silent).renew("w", 0, 1)).rejects.toMatchObject({ outcome: "unknown" });
  });

  test("stands in the documentation as it is tested", () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
    expect(read("docs/writing-a-store.md")).toContain(`\`\`\`ts\n${read("fixtures/stores/one-record.ts")}\`\`\`\n`);
  });
});
