/** Next.js: a route handler that starts and drives runs, built by Turbopack, which takes loaders only, and by webpack. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { temporaryApp } from "../plugins/temporary-app.ts";
import { root } from "../repository/sources.ts";
import { execute, tool } from "./app.ts";

const route = `import { perform } from "../../../src/app.ts";
import { refused } from "../../../src/refused.ts";
export async function POST(request: Request): Promise<Response> {
  const [stage, ...args]: string[] = await request.json();
  if (stage === "refused") return Response.json(await refused("1"));
  return Response.json(await perform(stage!, ...args));
}
`;
const layout =
  "export default ({ children }: { children: unknown }) => <html><body>{children as string}</body></html>;\n";
const harmless = '"use durable";\nexport const refused = async (text: string): Promise<number> => Number(text);\n';
const wrong =
  '"use durable";\nexport async function refused(text: string): Promise<unknown> {\n  return eval(text);\n}\n';

/** As users write it, but for what the repository's own layout needs: its packages are two folders up. */
const configuration = (lines: string): string => `import { perdure } from "@perdure/plugins/webpack";
export default {
  serverExternalPackages: ["perdure"],
  typescript: { ignoreBuildErrors: true },
  ${lines},
};
`;
const turbopack = `turbopack: { root: ${JSON.stringify(root)}, rules: { "*.{ts,tsx}": { loaders: [{ loader: "@perdure/plugins/webpack-loader", options: { root: import.meta.dirname } }] } } }`;
const webpack = "webpack: (config) => ({ ...config, plugins: [...config.plugins, perdure()] })";

const servers: ChildProcess[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

describe.each([
  ["Turbopack", "--turbopack", turbopack],
  ["webpack", "--webpack", webpack],
])("Next.js, built by %s", (_, flag, lines) => {
  const app = temporaryApp();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(app.folder, path)), { recursive: true });
    writeFileSync(join(app.folder, path), text);
  };
  const next = (...args: string[]) =>
    execute(app.folder, process.execPath, [tool("next/dist/bin/next"), ...args], environment);
  const environment = { NEXT_TELEMETRY_DISABLED: "1", CI: "1" };

  /** Starts the server of the build, and asks it. */
  async function ask(...stage: string[]): Promise<unknown> {
    const port = await freePort();
    const args = [tool("next/dist/bin/next"), "start", "-p", String(port)];
    const env = { ...process.env, ...environment, NODE_ENV: "production" } as const;
    servers.push(spawn(process.execPath, args, { cwd: app.folder, env, stdio: "ignore" }));
    const request = { method: "POST", body: JSON.stringify(stage) };
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(`http://localhost:${port}/api/perform`, request);
        return await response.json();
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  beforeAll(async () => {
    put("next.config.mjs", configuration(lines));
    put("app/layout.tsx", layout);
    put("app/api/perform/route.ts", route);
    put("src/refused.ts", harmless);
    const { all, failed } = await next("build", flag);
    expect(failed, all).toBe(false);
    return app.remove;
  });

  it("runs in memory, calls classified by their types", async () => {
    expect(await ask("memory")).toMatchObject({ total: 38, approvedBy: "Ada" });
  });

  it("begins a run on an SQLite file in one process and ends it in another", async () => {
    const file = join(app.folder, "runs.db");
    rmSync(file, { force: true });
    const token = String(await ask("begin", file));
    expect(token).toMatch(/^half\./);
    for (const server of servers.splice(0)) server.kill("SIGKILL");
    expect(await ask("end", file, token)).toMatchObject({ total: 38, approvedBy: "Grace" });
  });

  it("fails the build with the compiler's diagnostic at its place", async () => {
    put("src/refused.ts", wrong);
    const { all, failed } = await next("build", flag);
    expect(failed).toBe(true);
    expect(all).toMatch(/src\/refused\.ts:3:(9|10)\b/);
    expect(all).toContain("PD1001");
  });
});
