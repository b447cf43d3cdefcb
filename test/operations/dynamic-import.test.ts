/** `import()`: its namespace is saved by the expression that loaded it, and never as something else. */
import * as $ from "perdure/emitted";
import { isPerdureError } from "perdure/internal/errors";
import { importMissing } from "perdure/internal/machine/imports";
import { RunReferences } from "perdure/internal/machine/names";
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

  test("a namespace that is kept is saved by name, and so is a function of it", async () => {
    const main = program(
      ["kept", "double"],
      () => (f, namespace) => {
        f.kept = namespace;
        f.double = namespace.double;
        return $.Promise.resolve();
      },
      () => (f) => [f.kept.rate, f.double(4), f.kept.double === f.double],
    );
    const world = new World({ reload: true }).start(main);
    await world.drive();
    expect(world.result).toEqual([2, 8, true]);
  });

  test("a namespace of something that is no string blocks the run, and the message says what to do", async () => {
    const { main } = linear(
      ($m) => {
        const load = $m.expression(
          "main/import",
          { name: "import", at: [1, 3] },
          (from: string) => import(/* @vite-ignore */ from),
        );
        return {
          slots: ["kept"],
          parts: [
            () => $m.import(0, load, [[`${data}//array`]]),
            (f, namespace) => {
              f.kept = namespace;
              return $.Promise.resolve();
            },
            (f) => f.kept.rate,
          ],
        };
      },
      { codes: ["main/import"], sites: [`import(from)`] },
    );
    await expect(run(main)).rejects.toThrow(/PD4001.*namespace.*a string/s);
  });
});

describe("a process that has not loaded the module", () => {
  const file = "test/imports.ts";
  const $m = $.module(file, { abi: 1, file, fingerprints: { load: "1" }, sites: [] });
  $m.expression(
    "load",
    { name: "import", at: [1, 3] },
    (from: string, options: undefined) => import(/* @vite-ignore */ from, options),
  );
  const references = new RunReferences({});
  const resolve = (name: string): unknown => references.resolve(name);
  const missing = (name: string): unknown => {
    try {
      return resolve(name);
    } catch (error) {
      return error;
    }
  };

  test.each([
    ["the namespace", "", (found: any) => found.rate === 3],
    ["what it exports", "::triple", (found: any) => found(3) === 9],
  ])("imports it before it loads a run that refers to %s", async (what, suffix, test) => {
    const source = `data:text/javascript,export const rate = 3; export const triple = (x) => 3 * x; //${encodeURI(what)}`;
    const name = `import:${file}#load@1(${JSON.stringify([source, null])})${suffix}`;
    const error = missing(name);
    if (!isPerdureError(error)) throw error;
    expect(error.code).toBe("PD4012");
    await importMissing(error, new Set());
    expect(resolve(name)).toSatisfy(test);
  });

  test("tells why it cannot, and tries once in each load", async () => {
    const name = `import:${file}#load@1(${JSON.stringify(["data:text/javascript,throw new Error('down')", null])})`;
    const error = missing(name);
    const tried = new Set<string>();
    if (!isPerdureError(error)) throw error;
    await importMissing(error, tried);
    expect(importMissing(error, tried)).toBeUndefined();
    expect(missing(name)).toMatchObject({ code: "PD4012", cause: { message: "down" } });
    expect(importMissing(error, new Set())).toBeInstanceOf(Promise);
  });

  test.each([
    ["another version of the expression", `import:${file}#load@2(["data:text/javascript,"])`],
    ["an expression that is not here", `import:${file}#gone@1(["data:text/javascript,"])`],
    ["another name", "src/orders.ts:charge"],
  ])("does not evaluate %s", (_, name) => {
    const error = missing(name);
    if (!isPerdureError(error)) throw error;
    expect(importMissing(error, new Set())).toBeUndefined();
  });
});
