/** Node itself, alone and together with tsx: nothing is built, modules are compiled as they are loaded. */
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryApp } from "../plugins/temporary-app.ts";
import { execute, type Host, passes, printing, tool } from "./app.ts";

const plugin = ["--import", "@perdure/plugins/node"];
/** Binaries of further versions of Node, separated as in PATH. */
const others = (process.env.TEST_NODES ?? "").split(delimiter).filter((path) => path !== "");

const started = (
  node: string,
  before: readonly string[],
  type: "module" | "commonjs" = "module",
  extension = "ts",
): Host => ({
  failsWhenRun: true,
  async open(folder, entry) {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "hosts-app", private: true, type }));
    return printing(folder, node, ...before, join(folder, "src", `${entry}.${extension}`));
  },
});

for (const node of [process.execPath, ...others]) {
  const name = node === process.execPath ? "this Node" : node;
  passes(`${name} --import`, started(node, plugin));
  passes(`${name} --import tsx --import`, started(node, ["--import", "tsx", ...plugin]));
  passes(`${name}, tsx --import`, started(node, [tool("tsx/dist/cli.mjs"), ...plugin]));
  passes(`${name}, tsx --import, as CommonJS`, started(node, [tool("tsx/dist/cli.mjs"), ...plugin], "commonjs"));
}
passes("this Node, tsx --import, as CommonJS that an ES module imports", {
  failsWhenRun: true,
  async open(folder, entry) {
    writeFileSync(join(folder, "src", `${entry}.mts`), `import "./${entry}.ts";\n`);
    return started(process.execPath, [tool("tsx/dist/cli.mjs"), ...plugin], "commonjs", "mts").open(folder, entry);
  },
});
passes("this Node --import, as CommonJS", started(process.execPath, plugin, "commonjs"));

describe("node --import", () => {
  it("names code relative to the program's package, wherever it is started from", async () => {
    const app = temporaryApp();
    const file = join(app.folder, "runs.db");
    const run = printing(join(app.folder, "src"), process.execPath, ...plugin, join(app.folder, "src/main.ts"));
    const token = String(await run("begin", file));
    const elsewhere = printing(app.folder, process.execPath, ...plugin, join(app.folder, "src/main.ts"));
    expect(await elsewhere("end", file, token)).toMatchObject({ total: 38 });
    app.remove();
  });

  it("takes options from a file of the user's own", async () => {
    const app = temporaryApp();
    writeFileSync(
      join(app.folder, "perdure.mjs"),
      'import { register } from "@perdure/plugins/node/register";\nregister({ include: "src/legacy.ts", types: false });\n',
    );
    writeFileSync(
      join(app.folder, "src/print.ts"),
      'import { welcome } from "./legacy.ts";\nconsole.log(JSON.stringify([await welcome(1), String(welcome)]));\n',
    );
    const { stdout, all } = await execute(app.folder, process.execPath, ["--import", "./perdure.mjs", "src/print.ts"]);
    expect(all).toBe(stdout);
    const [said, text] = JSON.parse(stdout);
    expect(said).toBe("welcome Grace");
    expect(text).toContain(".enter(");
    app.remove();
  });

  it("warns with the place", async () => {
    const app = temporaryApp();
    writeFileSync(
      join(app.folder, "src/warned.ts"),
      '"use durable";\nlet count = 0;\nexport async function f(): Promise<number> {\n  count = await 1;\n  return count;\n}\n',
    );
    const { all, failed } = await execute(app.folder, process.execPath, [...plugin, "src/warned.ts"], {
      NODE_NO_WARNINGS: "0",
    });
    expect(failed).toBe(false);
    expect(all).toMatch(/PerdureWarning: .*src\/warned\.ts:4:3 warning PD1\d\d\d: /);
    app.remove();
  });
});
