/** `perdure tsc` with every TypeScript: what it writes, what it prints, how it ends. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Project, project, VERSIONS } from "./project.ts";

const CHECKOUT = "workflows/src/checkout.ts";
const EXPECTED = '{"receipts":["receipt-1","receipt-2"],"total":"24.50 EUR"}\n';
const outputs = ["shared/src/money", "workflows/src/services", "workflows/src/checkout", "app/src/main"];

describe.each(VERSIONS)("TypeScript %s", (version) => {
  let ours: Project;
  let plain: Project;
  beforeAll(async () => {
    ours = project(version);
    plain = project(version);
    const [built, reference] = await Promise.all([ours.perdure("tsc", "-b"), plain.tsc("-b")]);
    expect(reference).toEqual({ code: 0, printed: "" });
    expect(built).toEqual({ code: 0, printed: "" });
  });
  afterAll(() => {
    ours.remove();
    plain.remove();
  });

  it("builds projects that refer to each other, and what it built runs durably", async () => {
    expect(await ours.node("dist/app/src/main.js")).toEqual({ code: 0, printed: EXPECTED });
    expect(ours.read("dist/workflows/src/checkout.js")).toContain('.machine("checkout"');
    // Plain tsc is the proof that the engine would have noticed.
    expect((await plain.node("dist/app/src/main.js")).code).not.toBe(0);
  });

  it("writes the declarations of the source, and ordinary JavaScript, as tsc does", () => {
    for (const path of outputs) {
      expect(ours.read(`dist/${path}.d.ts`)).toBe(plain.read(`dist/${path}.d.ts`));
      expect(ours.read(`dist/${path}.d.ts.map`)).toBe(plain.read(`dist/${path}.d.ts.map`));
      if (path.endsWith("checkout")) continue;
      expect(ours.read(`dist/${path}.js`)).toBe(plain.read(`dist/${path}.js`));
      expect(JSON.parse(ours.read(`dist/${path}.js.map`))).toEqual(JSON.parse(plain.read(`dist/${path}.js.map`)));
    }
  });

  it("knows other files: const enums have their value, imports of types are gone", () => {
    const text = ours.read("dist/workflows/src/checkout.js");
    expect(text).toContain('currency: "EUR"');
    expect(text).toContain('import { charge, ship } from "./services.js"');
  });

  it("builds nothing anew when nothing changed, but what tsc has overwritten", async () => {
    const before = ours.read("dist/workflows/src/checkout.js");
    expect((await ours.perdure("tsc", "-b")).code).toBe(0);
    expect(ours.read("dist/workflows/src/checkout.js")).toBe(before);
    expect((await ours.tsc("-b", "--force")).code).toBe(0);
    expect(ours.read("dist/workflows/src/checkout.js")).not.toContain(".machine(");
    expect((await ours.perdure("tsc", "-b")).code).toBe(0);
    expect(ours.read("dist/workflows/src/checkout.js")).toBe(before);
  });

  it("reports type errors and its own as tsc does, with the exit codes of tsc", async () => {
    const app = project(version);
    try {
      app.edit("tsconfig.base.json", '"declarationMap": true,', "");
      expect((await app.perdure("tsc", "-b")).code).toBe(0);
      app.edit(CHECKOUT, "let total = 0;", 'let total: string = 0; eval("total");');
      const built = await app.perdure("tsc", "-p", "workflows");
      expect(built.printed).toMatch(
        /^workflows\/src\/checkout\.ts\(17,7\): error TS2322: Type 'number' is not assign/m,
      );
      expect(built.printed).toMatch(/^workflows\/src\/checkout\.ts\(17,26\): error PD1001: .*\n {2}fix: /m);
      expect(built.code).toBe(2);
      // What stood there was another program.
      expect(app.exists("dist/workflows/src/checkout.js")).toBe(false);
      const services = app.read("dist/workflows/src/services.js");

      // The error stays an error when nothing changes.
      const again = await app.perdure("tsc", "-p", "workflows");
      expect(again.printed).toContain("error PD1001");
      expect(again.code).toBe(2);

      const checked = await app.perdure("tsc", "-p", "workflows", "--noEmit");
      expect(checked.printed).toContain("error TS2322");
      expect(checked.printed).toContain("error PD1001");
      expect(checked.code).not.toBe(0);

      app.edit(CHECKOUT, "let total: string = 0;", "let total = 0;");
      app.edit("workflows/src/services.ts", "let receipts = 0;", "let receipts = 10;");
      const refused = await app.perdure("tsc", "-p", "workflows", "--noEmitOnError");
      expect(refused.printed).toMatch(/^workflows\/src\/checkout\.ts\(17,18\): error PD1001: /);
      expect(refused.code).toBe(1);
      expect(app.read("dist/workflows/src/services.js")).toBe(services);

      app.edit(CHECKOUT, 'eval("total");', "");
      expect(await app.perdure("tsc", "-b")).toEqual({ code: 0, printed: "" });
      expect((await app.node("dist/app/src/main.js")).printed).toContain("receipt-11");
    } finally {
      app.remove();
    }
  });
});
