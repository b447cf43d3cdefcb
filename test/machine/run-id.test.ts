/** Ids of runs, and those that children are given. */
import { childRunId, whyNoRunId } from "perdure/internal/machine/run-id";
import { describe, expect, test } from "vitest";

const incarnation = (n: number): string => n.toString(16).padStart(32, "0");

describe("an id", () => {
  test.each([
    "order-1",
    "a".repeat(512),
    "é".repeat(500),
    "字".repeat(333),
    "🙂".repeat(250),
    "a/b:c d",
  ])("may be %j", (id) => expect(whyNoRunId(id)).toBe(undefined));

  test.each([
    ["", "it is empty"],
    ["a".repeat(513), "it has 513 characters"],
    ["字".repeat(334), "it has 1002 bytes"],
    ["🙂".repeat(251), "it has 1004 bytes"],
    ["a\0", "it holds U+0000 or a lone surrogate"],
    ["\udc00", "it holds U+0000 or a lone surrogate"],
    [7, "it is a number"],
  ])("cannot be %j", (id, why) => expect(whyNoRunId(id)).toBe(why));

  test("has as many bytes as it has in UTF-8", () => {
    for (const part of ["a", "é", "字", "🙂"])
      for (let count = 200; count <= 512; count++) {
        const id = part.repeat(count);
        if (id.length <= 512) expect(whyNoRunId(id) === undefined, id).toBe(Buffer.byteLength(id) <= 1000);
      }
  });
});

describe("the id of a child", () => {
  test("begins with its parent's", () =>
    expect(childRunId("order-7", 3, "0123456789abcdef")).toBe("order-7-3-01234567"));

  // Each run of a chain starts the next.
  test.each([
    "order",
    "字".repeat(333),
    "🙂".repeat(250),
    `x${"🙂".repeat(40)}`,
  ])("stays short in a chain of runs that begins with %j", (first) => {
    const seen = new Set<string>();
    for (let id = first, n = 0; n < 2_000; n++) {
      id = childRunId(id, 1, incarnation(n));
      expect(whyNoRunId(id)).toBe(undefined);
      expect(Buffer.byteLength(id)).toBeLessThanOrEqual(256);
      expect(id.startsWith(first.slice(0, 20))).toBe(true);
      seen.add(id);
    }
    expect(seen.size).toBe(2_000);
  });
});
