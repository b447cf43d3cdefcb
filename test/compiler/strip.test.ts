/** What the hosts that do not strip types themselves run: text that every supported Node parses. */
import { createStripper } from "@perdure/transformer";
import { expect, it } from "vitest";

const run = (text: string): unknown => {
  const { code } = createStripper()(text, { fileName: "/nowhere/a.ts", module: "commonjs" });
  const exports: { result?: unknown } = {};
  new Function("exports", "log", code)(exports, () => {});
  return exports.result;
};

it("lowers what not every Node parses: using, accessor and decorators", () => {
  expect(
    run(`const seen: string[] = [];
    { using it = { [Symbol.dispose]() { seen.push("closed"); } }; seen.push("open"); }
    export const result = seen;`),
  ).toEqual(["open", "closed"]);
  expect(run(`class A { accessor x = 1; static accessor y = 2; } export const result = new A().x + A.y;`)).toBe(3);
  expect(
    run(`const twice = (m: () => number, _: unknown) => function (this: unknown) { return 2 * m.call(this); };
    class A { @twice m() { return 4; } } export const result = new A().m();`),
  ).toBe(8);
});

it("leaves classes with private names, fields and static blocks as they are", () => {
  const { code } = createStripper()(`class A { #a: number = 1; static s = 2; static { this.s++; } b = this.#a; }`, {
    fileName: "/nowhere/a.ts",
    module: "esm",
  });
  expect(code.replace(/\s+/g, " ").trim()).toContain(
    "class A { #a = 1; static s = 2; static { this.s++; } b = this.#a; }",
  );
});
