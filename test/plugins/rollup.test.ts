/** The Rollup adapter in watch mode: whoever loads a file himself must say that it is to be watched. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { perdure } from "@perdure/plugins/rollup";
import { watch as rolldown } from "rolldown";
import { watch as rollup } from "rollup";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryApp, until } from "./temporary-app.ts";

const app = temporaryApp();
afterAll(app.remove);

describe.each([
  ["Rollup", rollup],
  ["Rolldown", rolldown],
])("watched by %s", (name, watch) => {
  const file = join(app.folder, `src/watched-${name}.ts`);
  const output = join(app.folder, `out/watched-${name}.js`);
  const put = (word: string): void =>
    writeFileSync(file, `"use durable";\nexport async function say() {\n  return await ${word};\n}\n`);
  const built = (): string => {
    try {
      return readFileSync(output, "utf8");
    } catch {
      return "";
    }
  };

  it("compiles again what was edited, also what was refused", async () => {
    put('"first"');
    const external = /^perdure/;
    const watching = watch({ input: file, external, output: { file: output }, plugins: [perdure() as never] });
    const refused: string[] = [];
    watching.on("event", (event) => {
      if (event.code === "ERROR") refused.push(event.error.message);
    });
    try {
      await until(() => built().includes('"first"'));
      put("eval('1')");
      await until(() => refused.length > 0);
      expect(refused[0]).toContain("PD1001");
      put('"second"');
      await until(() => built().includes('"second"') && built().includes(".machine("));
    } finally {
      await watching.close();
    }
  });
});
