/** `perdure tsc --watch`, of one project and of several. */
import { describe, expect, it } from "vitest";
import { project, VERSIONS } from "./project.ts";

const CHECKOUT = "dist/workflows/src/checkout.js";

describe.each(VERSIONS)("TypeScript %s", (version) => {
  it("checks and writes again on every change", async () => {
    const app = project(version);
    expect((await app.perdure("tsc", "-b", "shared")).code).toBe(0);
    const watching = app.watch("tsc", "-p", "workflows", "--watch");
    try {
      await watching.prints(/Found 0 errors\. Watching for file changes\./);
      expect(app.read(CHECKOUT)).toContain('"ship"');

      app.edit("workflows/src/checkout.ts", "await ship(name);", "await ship(`${name}!`);");
      await watching.prints(/Found 0 errors\. Watching for file changes\./);
      expect(app.read(CHECKOUT)).toContain("ship, [`${f.name}!`]");
      expect(app.read(CHECKOUT)).toContain(".machine(");

      app.edit("workflows/src/services.ts", "card: string, price", "card: number, price");
      const wrong = await watching.prints(/Found \d+ errors?\. Watching for file changes\./);
      expect(wrong).toMatch(/workflows\/src\/checkout\.ts\(16,\d+\): error TS2345/);

      app.edit("workflows/src/services.ts", "card: number, price", "card: string, price");
      app.edit("workflows/src/checkout.ts", "let total = 0;", 'let total = 0; eval("0");');
      const refused = await watching.prints(/Found 1 error\. Watching for file changes\./);
      expect(refused).toMatch(/workflows\/src\/checkout\.ts\(17,18\): error PD1001/);
      expect(app.exists(CHECKOUT)).toBe(false);

      app.edit("workflows/src/checkout.ts", ' eval("0");', "");
      await watching.prints(/Found 0 errors\. Watching for file changes\./);
      expect(app.read(CHECKOUT)).toContain(".machine(");
    } finally {
      await watching.stop();
      app.remove();
    }
  });

  it("leads a change through the projects that refer to it", async () => {
    const app = project(version);
    const watching = app.watch("tsc", "-b", "--watch");
    try {
      await watching.prints(/Found 0 errors\. Watching for file changes\./);
      expect(app.read(CHECKOUT)).toContain('currency: "EUR"');
      app.edit("shared/src/money.ts", '"EUR"', '"XEU"');
      // tsc says so before it starts to watch: a change in between is seen with the next one.
      for (let i = 0; i < 60 && !app.read(CHECKOUT).includes('currency: "XEU"'); i++) {
        if (i % 5 === 4) app.write("shared/src/money.ts", `${app.read("shared/src/money.ts")}\n`);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      expect(app.read(CHECKOUT)).toContain('currency: "XEU"');
      expect(app.read(CHECKOUT)).toContain(".machine(");
    } finally {
      await watching.stop();
      app.remove();
    }
  });
});
