/** Test runners: the app's stages as tests of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryApp } from "../plugins/temporary-app.ts";
import { execute, type Host, passes, type Run, tool } from "./app.ts";

/** `command` runs the tests of one file. */
const runner = (command: (folder: string, file: string) => readonly string[]): Host => ({
  failsWhenRun: true,
  async open(folder, entry): Promise<Run> {
    const check = entry === "main" ? "app" : entry;
    if (entry !== "main")
      writeFileSync(
        join(folder, `src/${check}.check.ts`),
        `import "./${entry}.ts";\ntest("it loads", async () => {});\n`,
      );
    return async (...stage) => {
      const output = join(folder, "output.json");
      const env = { APP_STAGE: stage.join(" "), APP_OUTPUT: output };
      const { all, failed } = await execute(folder, process.execPath, command(folder, `src/${check}.check.ts`), env);
      if (failed) throw new Error(all);
      return JSON.parse(readFileSync(output, "utf8"));
    };
  },
});

passes(
  "vitest",
  runner((_folder, file) => [tool("vitest/vitest.mjs"), "run", file]),
);

const jestConfig = (plugin: unknown, more = {}) => ({
  testMatch: ["**/*.check.ts"],
  transform: { "\\.[cm]?[jt]sx?$": plugin },
  // Jest's CommonJS cannot load ES modules, so those of perdure are transformed as well.
  transformIgnorePatterns: ["/node_modules/(?!perdure/)"],
  cacheDirectory: "<rootDir>/out/jest",
  ...more,
});

const jest = (config: unknown, ...flags: string[]): Host =>
  runner((folder, file) => {
    writeFileSync(join(folder, "jest.config.json"), JSON.stringify(config));
    return [...flags, tool("jest/bin/jest.js"), "-c", "jest.config.json", file];
  });

passes("jest", jest(jestConfig("@perdure/plugins/jest")));
passes(
  "jest, as ES modules",
  jest(
    jestConfig("@perdure/plugins/jest", {
      extensionsToTreatAsEsm: [".ts"],
      transformIgnorePatterns: ["/node_modules/", "/dist/"],
    }),
    "--experimental-vm-modules",
  ),
);

const swc = {
  jsc: {
    parser: { syntax: "typescript", decorators: true },
    transform: { legacyDecorator: true },
    target: "es2022",
  },
  module: { type: "commonjs" },
  sourceMaps: true,
};
passes("jest before @swc/jest", jest(jestConfig(["@perdure/plugins/jest", { then: ["@swc/jest", swc] }])));

describe("jest", () => {
  it("does not strip the types of a file that needs jest.mock to move, and says who can", async () => {
    const app = temporaryApp();
    writeFileSync(join(app.folder, "jest.config.json"), JSON.stringify(jestConfig("@perdure/plugins/jest")));
    const file = "src/mocked.check.ts";
    writeFileSync(
      join(app.folder, file),
      'import { fetchName } from "./names.ts";\njest.mock("./names.ts");\ntest("mocked", async () => void (await fetchName(1)));\n',
    );
    const command = [tool("jest/bin/jest.js"), "-c", "jest.config.json", file];
    const { all, failed } = await execute(app.folder, process.execPath, command);
    expect(failed).toBe(true);
    expect(all).toContain('["@perdure/plugins/jest", { then: "babel-jest" }]');
    app.remove();
  });
});
