/** The chart that the benchmarks draw. */
import { expect, it } from "vitest";
import { logChart } from "./stores/chart.ts";

const chart = logChart({ title: "a < b", x: "steps", y: "ms" }, [
  { name: "one", color: "#111111", points: [[10, 1] as const, [1000, 10] as const] },
  { name: "two", color: "#222222", points: [[10, 1] as const, [1000, 100] as const] },
]);

const coordinates = (color: string): number[][] =>
  new RegExp(`<polyline points="([^"]+)" fill="none" stroke="${color}"`)
    .exec(chart)![1]!
    .split(" ")
    .map((pair) => pair.split(",").map(Number));

it("draws each decade as long as the next, on both axes", () => {
  const [[left, bottom], [right, middle]] = coordinates("#111111") as [[number, number], [number, number]];
  const [, [same, top]] = coordinates("#222222") as [[number, number], [number, number]];
  expect(right).toBe(same);
  expect(right).toBeGreaterThan(left);
  expect(bottom - middle).toBeCloseTo(middle - top, 0);
});

it("labels decades, names lines and escapes what it is given", () => {
  for (const text of [">10<", ">100<", ">1,000<", ">one<", ">two<", "a &lt; b"]) expect(chart).toContain(text);
});
