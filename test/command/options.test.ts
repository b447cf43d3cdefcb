/** What a tsconfig asks for, it gets: module formats, old targets, JSX, decorators; and the command line refuses what it does not know. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Project, project, type Version } from "./project.ts";

const PAGE = `"use durable";
import { sleep } from "perdure";
declare global { namespace JSX { interface IntrinsicElements { [name: string]: unknown } interface Element { readonly tag: string } } }
function h(tag: string, properties: object | null, ...children: unknown[]) { return { tag, properties, children }; }

export class Page {
  title = "start";
  async load(name: string, wait?: { ms: number }): Promise<JSX.Element> {
    await sleep(wait?.ms ?? 1);
    this.title = name;
    return <h1 title={this.title}>{name.length}</h1>;
  }
}
`;
const RUN = `import { Page } from "./page.js";
void new Page().load("hello").then((page) => console.log(JSON.stringify(page)));
const seen: string[] = [];
function logged(_target: object, key: string) { seen.push(key); }
export class Desk { @logged ask(page: Page): string { return page.title + seen.length; } }
declare const console: { log(text: string): void };
`;
const PRINTED = '{"tag":"h1","properties":{"title":"hello"},"children":[5]}\n';

describe.each(["5", "6", "7"] as const satisfies readonly Version[])("TypeScript %s", (version) => {
  let app: Project;
  beforeAll(() => {
    app = project(version, false);
    app.write("src/page.tsx", PAGE);
    app.write("src/run.ts", RUN);
  });
  afterAll(() => app.remove());

  it.each([
    ["ECMAScript modules, today's JavaScript", { module: "nodenext", target: "esnext" }, "module"],
    ["CommonJS, JavaScript of 2017", { module: "nodenext", target: "es2017" }, "commonjs"],
  ])("writes %s", async (_what, options, type) => {
    const compilerOptions = {
      ...options,
      strict: true,
      types: [],
      lib: ["es2022"],
      skipLibCheck: true,
      jsx: "react",
      jsxFactory: "h",
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      rootDir: "src",
      outDir: "out",
      declaration: true,
      removeComments: true,
      newLine: "crlf",
    };
    app.write("package.json", JSON.stringify({ type }));
    app.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
    expect(await app.perdure("tsc")).toEqual({ code: 0, printed: "" });
    expect(await app.node("out/run.js")).toEqual({ code: 0, printed: PRINTED });
    expect(app.read("out/run.js")).toMatch(/__metadata\("design:paramtypes", \[[\w.]*Page\]\)/);
    const text = app.read("out/page.js");
    expect(text).toContain('.machine("Page.load"');
    expect(text).toContain("\r\n");
    expect(text.includes("require(")).toBe(type === "commonjs");
    const code = text.replace(/sites: .*/, "");
    expect(code.includes("??")).toBe(options.target === "esnext");
    expect(app.read("out/page.d.ts")).toMatch(
      /load\(name: string, wait\?: \{\s+ms: number;\s+\}\): Promise<JSX\.Element>;/,
    );
  });

  it("takes a root, and files that are durable by a glob", async () => {
    app.write("package.json", '{ "type": "module" }');
    const compilerOptions = { module: "nodenext", lib: ["es2022"], types: [], outDir: "plain", rootDir: "plainly" };
    app.write(
      "plainly/jobs/send.ts",
      "export async function send(to: string) {\n  return await Promise.resolve(to);\n}\n",
    );
    app.write("plain.json", JSON.stringify({ compilerOptions, files: ["plainly/jobs/send.ts"] }));
    expect(await app.perdure("tsc", "-p", "plain.json")).toEqual({ code: 0, printed: "" });
    expect(app.read("plain/jobs/send.js")).not.toContain(".machine(");
    const ours = ["--include", "jobs/**", "--root=plainly"];
    expect(await app.perdure("tsc", ...ours, "-p", "plain.json")).toEqual({ code: 0, printed: "" });
    expect(app.read("plain/jobs/send.js")).toContain('"jobs/send.ts"');
  });

  it("refuses an option that tsc does not know, as tsc does", async () => {
    const { code, printed } = await app.perdure("tsc", "--durable");
    expect(printed).toContain("error TS5023: Unknown compiler option '--durable'.");
    expect(code).toBe(1);
  });
});

describe("the command line", () => {
  let empty: Project;
  beforeAll(() => {
    empty = project("none", false);
  });
  afterAll(() => empty.remove());

  it.each([
    [["--help"], /perdure tsc \[options\][\s\S]*perdure explain \[options\]/],
    [["tsc", "--help"], /--watch[\s\S]*--explain[\s\S]*exit codes/],
    [["explain", "-h"], /--project <path>/],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
    [["tsc", "--version"], /^Version 6\./],
  ])("answers perdure %s", async (args, expected) => {
    const { code, printed } = await empty.perdure(...args);
    expect(printed).toMatch(expected);
    expect(code).toBe(0);
  });

  it.each([
    [["build"], "error PD1301: perdure has no command build"],
    [["--watch"], "error PD1302: perdure itself has no option --watch"],
    [["explain", "--watch"], "error PD1302: perdure explain has no option --watch"],
    [["explain", "src/nowhere.js"], /error PD1307: there is no source file .*nowhere\.js\n/],
    [["explain", "."], "error PD1307: there is no source file"],
    [["explain", "-p", "tsconfig.json", "a.ts"], "error PD1302: perdure explain has no option --project beside files"],
    [["tsc", "--root"], "error PD1302: perdure tsc has no option --root without a value"],
    [["tsc"], "error PD1304: there is no tsconfig.json"],
    [["explain", "-p", "elsewhere.json"], "error PD1304: there is no elsewhere.json"],
    [["tsc", "--init"], "error PD1306: --init is left to tsc"],
  ])("refuses perdure %s with a code and a fix", async (args, expected) => {
    const { code, printed } = await empty.perdure(...args);
    expect(printed).toMatch(typeof expected === "string" ? new RegExp(expected.replaceAll(".", "\\.")) : expected);
    expect(printed).toMatch(/\n {2}fix: .+\n {2}see: node_modules\/perdure\/docs\/errors\/PD13\d\d\.md\n$/);
    expect(code).toBe(1);
  });
});
