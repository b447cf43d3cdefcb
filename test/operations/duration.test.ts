import { instant, milliseconds } from "perdure/internal/machine/operations/duration";
import { retryPolicy, waitAfter } from "perdure/internal/machine/operations/retry";
import { describe, expect, test } from "vitest";

describe("durations", () => {
  test.each([
    [0, 0],
    [1.9, 1],
    ["250ms", 250],
    ["30s", 30_000],
    ["5 min", 300_000],
    ["1h", 3_600_000],
    ["1h 30m", 5_400_000],
    ["1 hour, 30 minutes", 5_400_000],
    ["3 days", 259_200_000],
    ["1 DAY", 86_400_000],
    ["2 weeks", 1_209_600_000],
    ["1.5h", 5_400_000],
    ["  10s ", 10_000],
  ])("%j is %d ms", (duration, ms) => {
    expect(milliseconds(duration)).toBe(ms);
  });

  test.each([
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [9e15],
    [""],
    ["3"],
    ["days"],
    ["3 dyas"],
    ["1 month"],
    ["-3s"],
    ["3 days later"],
    [null],
    [{}],
  ])("%j is refused with PD2204", (duration) => {
    expect(() => milliseconds(duration as never)).toThrow(/^PD2204: .*\n {2}fix: /);
  });

  test("an instant is now plus a duration, or what a Date names, and at least a millisecond off", () => {
    expect(instant("1s", 5_000)).toBe(6_000);
    expect(instant(new Date(6_234), 5_000)).toBe(6_234);
    expect(instant(new Date(1_234), 5_000)).toBe(5_001);
    expect(instant(0, 5_000)).toBe(5_001);
    expect(instant(8.64e15, 5_000)).toBe(8.64e15);
    expect(() => instant(new Date(Number.NaN), 0)).toThrow("PD2204");
  });
});

describe("retry policies", () => {
  test("a number is attempts in all, with one second, doubled, at most five minutes", () => {
    const policy = retryPolicy(12);
    expect([1, 2, 3, 9, 10, 11, 12].map((attempt) => waitAfter(policy, attempt))).toEqual([
      1e3,
      2e3,
      4e3,
      256e3,
      300e3,
      300e3,
      null,
    ]);
  });

  test("every part may be given", () => {
    const policy = retryPolicy({ attempts: 4, delay: "100ms", factor: 1, maxDelay: 50 });
    expect(policy).toEqual({ attempts: 4, delay: 100, factor: 1, maxDelay: 50 });
    expect(waitAfter(policy, 3)).toBe(50);
  });

  test("the default limit never shortens the delay that was asked for", () => {
    expect(retryPolicy({ attempts: 3, delay: "1h" })).toMatchObject({ delay: 3600e3, maxDelay: 3600e3 });
    expect(retryPolicy({ attempts: 3, delay: "1h", maxDelay: "10 min" })).toMatchObject({ maxDelay: 600e3 });
  });

  test("without a policy nothing is retried", () => {
    expect(waitAfter(undefined, 1)).toBeNull();
  });

  test.each([
    [0],
    [1.5],
    [Number.NaN],
    [{ attempts: 2, factor: 0.5 }],
    [{ attempts: 2, factor: Number.POSITIVE_INFINITY }],
    [{ attempts: 2, delay: "soon" }],
  ])("%j is refused", (retry) => {
    expect(() => retryPolicy(retry as never)).toThrow(/PD22(10|04)/);
  });
});
