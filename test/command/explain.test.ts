/** `--explain`: every call of durable code is there, and reads well; the unclassified ones stand at the end with what to do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { type Explanation, explain } from "@perdure/plugins/internal/core/explain";
import { createTypeSource, type Manifest, transform } from "@perdure/transformer";
import { parse } from "@perdure/transformer/internal/1-parse/parse";
import { selectDurable } from "@perdure/transformer/internal/1-parse/select";
import { durableCode } from "@perdure/transformer/internal/2-analyze/regions";
import { ts } from "@ts-morph/common";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesUnder, root } from "../repository/sources.ts";
import { type Project, project } from "./project.ts";

const fixtures = [
  "fixtures/programs",
  "fixtures/checkout",
  "fixtures/examples",
  "fixtures/calls",
  "fixtures/sourcemaps",
]
  .flatMap((folder) => filesUnder(folder, (name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith("output")))
  .map((path) => ({ path, fileName: join(root, path), text: readFileSync(join(root, path), "utf8") }))
  .filter(({ text }) => /["']use durable["']/.test(text));

/** Every call in durable code, as `line:column kind`: calls, `new` and tagged templates. */
function callsIn(fileName: string, text: string): string[] {
  const { sourceFile } = parse(fileName, text);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) {
      const { line, character } = sourceFile.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${line + 1}:${character + 1} ${node.getText().replace(/\s+/g, " ").slice(0, 40)}`);
    }
    ts.forEachChild(node, visit);
  };
  for (const region of durableCode(selectDurable(sourceFile, false))) ts.forEachChild(region, visit);
  return found;
}

const listed = ({ calls }: Manifest): Set<string> =>
  new Set(calls.map(({ position, text }) => `${position.join(":")} ${text.slice(0, 40)}`));

describe("the manifest", () => {
  it.each([
    ["without types", undefined],
    ["with types", createTypeSource({ tsconfig: join(root, "fixtures/tsconfig.json") })],
  ])("has every call of the fixtures, %s", (_how, types) => {
    let calls = 0;
    const missing: string[] = [];
    const unread: string[] = [];
    for (const { path, fileName, text } of fixtures) {
      const { manifest } = transform(text, { fileName, root, ...(types ? { types } : {}) });
      if (!manifest) continue;
      const known = listed(manifest);
      for (const call of callsIn(fileName, text)) {
        calls++;
        if (!known.has(call)) missing.push(`${path}:${call}`);
      }
      for (const { position, kind, why, advice } of manifest.calls) {
        const reads = /^[\w`'"(.]/.test(why) && !/\[object/.test(why) && !/\s$|\.$/.test(why);
        if (!reads || (kind === "unknown") !== (advice !== undefined)) unread.push(`${path}:${position}: ${why}`);
      }
    }
    expect(calls).toBeGreaterThan(1_000);
    expect(missing).toEqual([]);
    expect(unread).toEqual([]);
  });
});

const ORDERS = `"use durable";
import { sleep, step } from "perdure";
import { audit, charge, log, type Client } from "./services.ts";

export async function settle(client: any, typed: Client, amount: number) {
  const receipt = await charge(amount);
  audit(receipt);
  client.notify(receipt);
  typed.maybe(amount);
  log(\`paid \${amount}\`);
  await step(async () => { await client.flush(amount); });
  await sleep("1 day");
  return Math.max(amount, 0);
}
`;
const SERVICES = `export declare function charge(amount: number): Promise<string>;
export declare const audit: any;
export declare function log(text: string): void;
export interface Client { maybe(amount: number): Promise<void> | undefined }
`;
const EXPECTED = `src/orders.ts
   6:25  step         charge(amount)
                      type is Promise<string>
    7:3  UNKNOWN      audit(receipt)
                      type is any, and nothing awaits it
    8:3  UNKNOWN      client.notify(receipt)
                      type is any, and nothing awaits it
    9:3  UNKNOWN      typed.maybe(amount)
                      type is Promise<void> | undefined, and nothing awaits it
   10:3  at once      log(\`paid \${amount}\`)
                      type is void, and nothing awaits it
   11:9  step         step(async () => { await client.flush(amount); })
                      operation of perdure
  11:34  part         client.flush(amount)
                      runs inside a step: nothing here is saved on the way
   12:9  operation    sleep("1 day")
                      operation of perdure
  13:10  in the turn  Math.max(amount, 0)
                      built-in of the language, or a pure function of the platform
`;
const UNCLASSIFIED = `
3 calls could not be classified:
  src/orders.ts:7:3  audit(receipt)
    type is any, and nothing awaits it
    if it yields a promise, await it here, or give it a type that says so; else nothing is to be done
  src/orders.ts:8:3  client.notify(receipt)
    type is any, and nothing awaits it
    if it yields a promise, await it here, or give it a type that says so; else nothing is to be done
  src/orders.ts:9:3  typed.maybe(amount)
    type is Promise<void> | undefined, and nothing awaits it
    its type Promise<void> | undefined may be a promise: await it here, and it is a step
`;

describe("a project", () => {
  let app: Project;
  beforeAll(() => {
    app = project("7", false);
    const compilerOptions = {
      module: "nodenext",
      strict: true,
      types: [],
      outDir: "out",
      rewriteRelativeImportExtensions: true,
    };
    app.write("package.json", '{ "type": "module" }');
    app.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
    app.write("src/orders.ts", ORDERS);
    app.write("src/services.ts", SERVICES);
  });
  afterAll(() => app.remove());

  it("is explained by the command, the unclassified calls at the end", async () => {
    const { code, printed } = await app.perdure("explain");
    expect(code).toBe(0);
    expect(printed.startsWith(EXPECTED)).toBe(true);
    expect(printed.endsWith(UNCLASSIFIED)).toBe(true);
    const legend = printed.slice(EXPECTED.length, -UNCLASSIFIED.length).trim().split("\n");
    expect(legend.map((line) => line.split(/ {2,}/)[0])).toEqual([
      "step",
      "operation",
      "in the turn",
      "at once",
      "part",
      "UNKNOWN",
    ]);
    expect(app.exists("out")).toBe(false);
  });

  it("is explained after a build with --explain", async () => {
    const { code, printed } = await app.perdure("tsc", "--explain");
    expect({ code, printed }).toEqual({ code: 0, printed: (await app.perdure("explain", "--project", ".")).printed });
    expect(app.read("out/src/orders.js")).toContain(".machine(");
  });

  it("is explained by every plugin, printed or as data", async () => {
    const explained: Explanation[] = [];
    await build({
      absWorkingDir: app.folder,
      entryPoints: [join(app.folder, "src/orders.ts")],
      write: false,
      plugins: [perdure({ explain: (one) => explained.push(one) })],
    });
    expect(explained.map(({ file, typed }) => ({ file, typed }))).toEqual([{ file: "src/orders.ts", typed: true }]);
    expect(explained[0]!.text).toBe(EXPECTED + UNCLASSIFIED);
    expect(explained[0]!.unclassified.map(({ text }) => text)).toEqual([
      "audit(receipt)",
      "client.notify(receipt)",
      "typed.maybe(amount)",
    ]);
  });

  it("says where types were missing", () => {
    const { manifest } = transform(ORDERS, { fileName: join(app.folder, "src/orders.ts"), root: app.folder });
    const { text } = explain(join(app.folder, "src/orders.ts"), app.folder, manifest!);
    expect(text).toContain("src/orders.ts  (no tsconfig covers it: types are unknown)");
    expect(text).toContain("type unknown, awaited: a step, unless its callee turns out durable when it is called");
    expect(text).toContain("With a tsconfig.json that covers this file its type would be known");
  });

  it("with an error in durable code is not explained, and says why", async () => {
    app.write("src/refused.ts", '"use durable";\nexport async function f(x: string) {\n  return eval(x);\n}\n');
    const { code, printed } = await app.perdure("explain");
    expect(code).toBe(1);
    expect(printed).toContain("src/refused.ts:3:10 error PD1001");
  });
});

describe("files that the option include names", () => {
  let app: Project;
  beforeAll(() => {
    app = project("none", false);
    const compilerOptions = {
      module: "nodenext",
      strict: true,
      types: [],
      outDir: "out",
      rewriteRelativeImportExtensions: true,
    };
    app.write("package.json", '{ "type": "module" }');
    app.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
    app.write(
      "src/flows/pay.ts",
      "export async function pay(amount: number): Promise<number> {\n  return amount;\n}\n",
    );
    app.write(
      "src/orders.ts",
      '"use durable";\nimport { pay } from "./flows/pay.ts";\nexport async function order() {\n  return await pay(1);\n}\n',
    );
  });
  afterAll(() => app.remove());

  it("declare durable functions, for the types too", async () => {
    expect((await app.perdure("explain")).printed).toMatch(/4:\d+ +step +pay\(1\)/);
    expect((await app.perdure("explain", "--include", "src/flows/**")).printed).toMatch(/4:\d+ +durable +pay\(1\)/);
  });
});

describe("files that are named", () => {
  let app: Project;
  beforeAll(() => {
    app = project("none", false);
    const typed = `"use durable";
import { ask } from "./services.ts";
export const plain = async (q: string) => (await ask(q)).length;
`;
    app.write("services.ts", "export const ask = async (q: string): Promise<string> => q;\n");
    app.write("typed/services.ts", "export const ask = async (q: string): Promise<string> => q;\n");
    app.write("typed/ask.ts", typed);
    app.write("typed/tsconfig.json", '{ "compilerOptions": { "module": "nodenext", "noEmit": true, "types": [] } }');
    app.write("ask.js", typed.replace("q: string", "q").replace(".ts", ".js"));
    app.write("ordinary.js", "export const nothing = 1;\n");
    app.write("wrong.js", '"use durable";\nexport async function evil(text) {\n  return eval(text);\n}\n');
  });
  afterAll(() => app.remove());

  it("need no tsconfig, and have the types of the one that covers them", async () => {
    const { code, printed } = await app.perdure("explain", "ask.js", "ordinary.js", "typed/ask.ts", "./ask.js");
    expect(code).toBe(0);
    expect(printed).toMatch(/^ask\.js {2}\(no tsconfig covers it: types are unknown\)\n.*step +ask\(q\)/);
    expect(printed).toMatch(/\ntyped\/ask\.ts\n.*step +ask\(q\)\n +type is Promise<string>/);
    expect(printed.match(/ask\.js/g)).toHaveLength(1);
  });

  it("that say nothing of durability have nothing to tell", async () => {
    expect(await app.perdure("explain", "ordinary.js")).toEqual({ code: 0, printed: 'No file says "use durable".\n' });
  });

  it("with errors are told with their lines, beside the others", async () => {
    const { code, printed } = await app.perdure("explain", "wrong.js", "ask.js");
    expect(code).toBe(1);
    expect(printed).toMatch(/wrong\.js:3:10/);
    expect(printed).toMatch(/step +ask\(q\)/);
  });
});
