/** `import()`: its namespace is used in the turn that receives it, and never saved as something else. */
import * as $ from "perdure/emitted";
import { describe, expect, test } from "vitest";
import { linear, type Part } from "./linear.ts";
import { run, World } from "./world.ts";

const data = "data:text/javascript,export const rate = 2; export const double = (x) => 2 * x;";

const program = (slots: readonly string[], ...parts: (($m: $.ModuleScope) => Part)[]) => {
  const program = linear(
    ($m) => {
      const load = $m.expression("main/import", { name: "import", at: [1, 3] }, () => import(/* @vite-ignore */ data));
      return {
        slots,
        parts: [() => $m.import(0, load, []), ...parts.map((make) => make($m))],
      };
    },
    { codes: ["main/import"], sites: [`import("./data.js")`] },
  );
  return program.main;
};

describe("import()", () => {
  test("is a step, whose namespace is at hand in the turn that receives it", async () => {
    const main = program(
      [],
      ($m) =>
        (_, { double, rate }) =>
          $m.callNow(0, double, [rate]),
    );
    const world = await new World().start(main).drive();
    expect(world.result).toBe(4);
    expect(world.issued).toEqual([`import("./data.js")`]);
  });

  test("what is kept of it as data is kept by value, as any result", async () => {
    const main = program(
      ["rate"],
      () =>
        (f, { rate }) => {
          f.rate = rate;
          return $.Promise.resolve();
        },
      () => (f) => f.rate,
    );
    const world = await new World().start(main).drive();
    expect(world.result).toBe(2);
  });

  test("a namespace that is kept blocks the run, and the message says what to do", async () => {
    const main = program(
      ["kept"],
      () => (f, namespace) => {
        f.kept = namespace;
        return $.Promise.resolve();
      },
      () => (f) => f.kept.rate,
    );
    await expect(run(main)).rejects.toThrow(/PD4001.*namespace.*static import/s);
  });
});
