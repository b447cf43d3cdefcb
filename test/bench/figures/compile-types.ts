/** A cold build with types of few durable modules in a large project, start-up included, against checking the project. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figure, sideBySide } from "../figure.ts";
import { writeProject } from "../project.ts";

const MODULES = 1000;
const DURABLE = 10;

/** Both sides are a process of their own, and load the same copy of TypeScript in the same way. */
const OURS = `
  const { createTypeSource, transform } = await import(process.env.TRANSFORMER);
  const types = createTypeSource();
  for (const fileName of JSON.parse(process.env.FILES)) {
    const { code, manifest, diagnostics } = transform(readFileSync(fileName, "utf8"), { fileName, root: process.env.ROOT, types });
    if (code === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
    if (!manifest.calls.some(({ why }) => why.includes("Promise"))) throw new Error("no call was classified");
  }`;
const TSC = `
  const { ts } = createRequire(process.env.TRANSFORMER)("@ts-morph/common");
  const { getLibFiles, libFolderInMemoryPath } = createRequire(process.env.TRANSFORMER)("@ts-morph/common");
  const library = new Map(getLibFiles().map(({ fileName, text }) => [libFolderInMemoryPath + "/" + fileName, text]));
  const config = process.env.ROOT + "/tsconfig.json";
  const parsed = ts.getParsedCommandLineOfConfigFile(config, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} });
  const host = ts.createCompilerHost(parsed.options, true);
  const { readFile, fileExists, getSourceFile } = host;
  host.getDefaultLibLocation = () => libFolderInMemoryPath;
  host.getDefaultLibFileName = (options) => libFolderInMemoryPath + "/" + ts.getDefaultLibFileName(options);
  host.readFile = (path) => library.get(path) ?? readFile(path);
  host.fileExists = (path) => library.has(path) || fileExists(path);
  host.getSourceFile = (path, options) =>
    library.has(path) ? ts.createSourceFile(path, library.get(path), options) : getSourceFile(path, options);
  const program = ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options, host });
  const problems = ts.getPreEmitDiagnostics(program);
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems.slice(0, 9), host));
  if (program.getSourceFiles().length < ${MODULES}) throw new Error("not the whole project");`;
/** The processor time of the whole process is its last line. */
const FRAME = (body: string): string => `
  import { readFileSync } from "node:fs";
  import { createRequire } from "node:module";
  ${body}
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);`;

export const compileTypes: Figure = {
  name: "compile-types",
  reach: { at: "most", ratio: 0.6 },
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), "perdure-bench-"));
    try {
      const files = writeProject(folder, MODULES, DURABLE);
      const TRANSFORMER = fileURLToPath(import.meta.resolve("@perdure/transformer"));
      const env = { ...process.env, ROOT: folder, FILES: JSON.stringify(files), TRANSFORMER };
      const run = (body: string) => () => {
        const args = ["--input-type=module", "--eval", FRAME(body)];
        const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
        if (status !== 0) throw new Error(stderr);
        return Number(stdout.trim().split("\n").at(-1));
      };
      const { ours, tsc } = await sideBySide(3, { ours: run(OURS), tsc: run(TSC) });
      return {
        ratio: ours / tsc,
        value: ours,
        unit: `ms of processor time, cold, for ${DURABLE} durable modules of ${MODULES} with types`,
        against: "what tsc --noEmit does on the project, with the same copy of TypeScript",
        beside: { "tsc ms": tsc },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
