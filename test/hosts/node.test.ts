/** Node itself, alone and together with tsx: nothing is built, modules are compiled as they are loaded. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryApp, until } from "../plugins/temporary-app.ts";
import { execute, type Host, passes, printing, thrown, tool } from "./app.ts";

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

  it.each([process.execPath, ...others])("maps stacks without being asked to (%s)", async (node) => {
    const app = temporaryApp();
    const { stdout } = await execute(app.folder, node, [...plugin, "src/main.ts", "stack"]);
    expect(JSON.parse(stdout)).toEqual({ outside: `no tea for 4 at ${thrown}`, inside: `no cup for 9 at ${thrown}` });
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

describe.each(["module", "commonjs"])("tsx watch, in a package of type %s", (type) => {
  it("starts again when a durable file was edited, also one that was refused", async () => {
    const app = temporaryApp();
    const put = (name: string, text: string): void => writeFileSync(join(app.folder, name), text);
    const durable = (word: string): string =>
      `"use durable";\nexport async function say() {\n  return await ${JSON.stringify(word)};\n}\n`;
    put("package.json", JSON.stringify({ name: "hosts-app", private: true, type }));
    put("src/say.ts", '"use durable";\nexport const say = async (): Promise<string> => eval("1");\n');
    put("src/watched.ts", 'import { say } from "./say.ts";\nvoid say().then((word) => console.log(word));\n');
    const args = [tool("tsx/dist/cli.mjs"), "watch", ...plugin, "src/watched.ts"];
    const watching = spawn(process.execPath, args, { cwd: app.folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [watching.stdout, watching.stderr])
      stream.on("data", (text) => {
        said += text;
      });
    try {
      await until(() => said.includes("PD1001"));
      put("src/say.ts", durable("first"));
      await until(() => said.includes("first"));
      put("src/say.ts", durable("second"));
      await until(() => said.includes("second"));
    } finally {
      watching.kill();
      app.remove();
    }
  });
});
