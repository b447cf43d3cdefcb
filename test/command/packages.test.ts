/** Two packages of a monorepo, each built in its own folder: their files have the same names, and one program links both. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

let app: Project;
beforeAll(() => {
  app = project("none", false);
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    rootDir: "src",
    outDir: "dist",
    types: ["node"],
    rewriteRelativeImportExtensions: true,
    declaration: true,
  };
  const put = (folder: string, name: string, files: Readonly<Record<string, string>>): void => {
    app.write(`${folder}/package.json`, JSON.stringify({ name, type: "module" }));
    app.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["src"] }));
    for (const [file, text] of Object.entries(files)) app.write(`${folder}/src/${file}`, text);
  };
  put("mail", "@acme/mail", {
    "workflows.ts": `"use durable";
import { send } from "./send.ts";
export async function remind(user: string) {
  return await send(user);
}
`,
    "send.ts": "export const send = async (to: string) => `mail to ${to}`;\n",
  });
  put("app", "app", {
    "workflows.ts": `"use durable";
import { remind } from "../../mail/dist/workflows.js";
import { send } from "./send.ts";
export async function pay(order: string) {
  return [await send(order), await remind("ann")];
}
`,
    "send.ts": "export const send = async (order: string) => `money for ${order}`;\n",
    "main.ts": `import { createEngine } from "perdure";
import { memory } from "perdure/memory";
import { pay } from "./workflows.ts";
const engine = createEngine({ store: memory() });
void engine.work();
console.log(JSON.stringify([await pay("7"), await (await engine.start(pay, ["7"])).result()]));
await engine.stop();
`,
  });
});
afterAll(() => app.remove());

const build = async (...options: string[]): Promise<void> => {
  for (const one of ["mail", "app"])
    expect(await app.perdure("tsc", "-p", `${one}/tsconfig.json`, ...options)).toEqual({ code: 0, printed: "" });
};

it("is refused when each has a root of its own: a run would call the other's functions", async () => {
  await app.perdure("tsc", "-p", "mail/tsconfig.json", "--root", "mail");
  await app.perdure("tsc", "-p", "app/tsconfig.json", "--root", "app");
  const { code, printed } = await app.node("app/dist/main.js");
  expect(code).not.toBe(0);
  expect(printed).toContain(
    "PD2006: two durable modules are named src/workflows.ts: one of @acme/mail, and one of app",
  );
  expect(printed).toContain("perdure tsc --root ../..");
});

it("works with one root above both", async () => {
  await build("--root", ".");
  const both = ["money for 7", "mail to ann"];
  expect(await app.node("app/dist/main.js")).toEqual({ code: 0, printed: `${JSON.stringify([both, both])}\n` });
});
