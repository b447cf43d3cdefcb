/** Provokes messages as newcomers do, with the programs of `fixtures/messages`, and prints each below the lines that it is about. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";
import { asRun } from "../real/drive.ts";
import { root } from "../repository/sources.ts";

const folder = join(root, "fixtures/messages");

interface Provoking {
  readonly code: string;
  readonly name: string;
  /** Its text, without the comment. */
  readonly text: string;
}

/** The programs of a file: a comment that names a code, and the exported function after it. */
function programsOf(file: string): Provoking[] {
  const text = readFileSync(join(folder, file), "utf8");
  return [
    ...text.matchAll(/^\/\/ (PD\d{4})\n(export (?:async function|const) (\w+)[\s\S]*?\n(?:}|};|(?=\n))\n?)/gm),
  ].map(([, code, body, name]) => ({ code: code!, name: name!, text: body!.trimEnd() }));
}

/** What differs from one process to the next. */
const steady = (message: string): string =>
  message.replaceAll(/real-\d+(?:-i)?/g, "order-7").replaceAll(/file:\/\/\S+?:\d+:\d+/g, "…");

async function messageOf(provoke: () => Promise<unknown>): Promise<string> {
  try {
    const ended = await provoke();
    // A run that failed: its error is its result.
    const { value } = Object(ended) as { readonly value?: unknown };
    return value instanceof Error ? steady(value.message) : `it ended: ${JSON.stringify(ended)}`;
  } catch (error) {
    return error instanceof Error ? steady(error.message) : String(error);
  }
}

export interface Provoked extends Provoking {
  readonly message: string;
}

/** Compiles the programs and runs each; `host.ts` is ordinary code, that drives runs. */
export async function provoke(): Promise<Provoked[]> {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const outdir = mkdtempSync(join(root, "tmp", "messages-"));
  try {
    const options = { bundle: true, splitting: true, platform: "node", format: "esm", packages: "external" } as const;
    const entryPoints = ["programs.ts", "host.ts"].map((file) => join(folder, file));
    const outExtension = { ".js": ".mjs" };
    const plugins = [perdure()];
    await build({ ...options, absWorkingDir: folder, entryPoints, outdir, outExtension, plugins, logLevel: "silent" });
    const load = (file: string) => import(pathToFileURL(join(outdir, file)).href);
    const programs = await load("programs.mjs");
    const host = await load("host.mjs");
    const found: Provoked[] = [];
    for (const one of programsOf("programs.ts"))
      found.push({ ...one, message: await messageOf(() => asRun({ main: programs[one.name] }, "never")) });
    for (const one of programsOf("host.ts")) found.push({ ...one, message: await messageOf(() => host[one.name]()) });
    return found;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The compiler's, as `test/diagnostics/rejected.test.ts` keeps them. */
function diagnostics(): string[] {
  const rejected = join(root, "fixtures/rejected");
  return readdirSync(rejected, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) =>
      readFileSync(join(rejected, name, "expected.txt"), "utf8")
        .split("\n\n")[0]!
        .trimEnd(),
    );
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

export function printMessages(provoked: readonly Provoked[]): string {
  const runs = provoked.map(({ text, message }) => `${fenced("ts", text)}\n${fenced("text", message)}`);
  return `# Messages, as they are read

Every diagnostic of the compiler, and what runs and engines say of what newcomers write, each printed as it was provoked: for reading them all in one place.
\`test/diagnostics/messages.test.ts\` provokes them and compares this page (\`UPDATE=1\` writes it). The programs are those of \`fixtures/rejected\` and \`fixtures/messages\`; each code has
[a page](errors/README.md) that says more.

## The build

${diagnostics()
  .map((text) => fenced("text", text))
  .join("\n\n")}

## Runs and engines

${runs.join("\n\n")}
`;
}
