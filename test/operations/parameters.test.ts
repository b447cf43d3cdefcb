import { observableArguments } from "perdure/internal/machine/operations/parameters";
import { describe, expect, test } from "vitest";

const all = Number.POSITIVE_INFINITY;
const methods = {
  plain(_a: number) {},
  async later(_a: number, _b: number) {},
  *generate(_a: number) {},
  ["com" + ((x: string) => x)("puted")](_a: number) {},
};

describe("what a function can observe of its arguments", () => {
  test.each([
    ["an arrow with one name", (a: unknown) => a, 1],
    ["an async arrow", async (a: unknown, b: unknown) => [a, b], 2],
    ["none", () => 0, 0],
    ["a declaration", function named(_a: unknown) {}, 1],
    ["an async function", async function (_a: unknown) {}, 1],
    ["a default", (a: unknown, b = 1) => [a, b], 2],
    ["a default of several parts", (a: unknown, b = [1, [2, 3]], c = { d: 1, e: 2 }) => [a, b, c], 3],
    ["patterns", ({ a, b }: any, [c, d]: any) => [a, b, c, d], 2],
    ["a method", methods.plain, 1],
    ["an async method", methods.later, 2],
    ["a generator", methods.generate, 1],
    ["a rest parameter", (...args: unknown[]) => args, all],
    [
      "arguments",
      function () {
        // biome-ignore lint/complexity/noArguments: that is the case
        return arguments.length;
      },
      all,
    ],
    ["a default that is text", (a = ")", b = 1) => [a, b], all],
    ["a computed name", methods[`computed` as "plain"], all],
    ["a bound function", ((a: unknown) => a).bind(null), all],
    ["a native one", Math.max, all],
    ["a class", class {}, all],
  ])("%s", (_name, fn, count) => {
    expect(observableArguments(fn as Function)).toBe(count);
  });
});
