/** Explains the durable files of projects: those of the projects that they refer to, and their own. */
import { formatDiagnostic } from "@perdure/transformer";
import { type Explanation, explain, printExplanations } from "../core/explain.ts";
import { type DurableSources, hasErrors } from "./durable-sources.ts";
import { projectsInOrder } from "./staleness.ts";
import { carriedTypeScript } from "./typescript.ts";

export interface Explained {
  readonly text: string;
  /** Files with errors are not explained; what is wrong with them, as the compiler prints it. */
  readonly errors: string;
}

/** @param root absolute path that file names are relative to */
export function explainProjects(configPaths: readonly string[], files: DurableSources, root: string): Explained {
  const compiler = carriedTypeScript();
  const explanations = new Map<string, Explanation>();
  const errors: string[] = [];
  for (const { configPath, parsed } of projectsInOrder(compiler, configPaths)) {
    for (const fileName of parsed.fileNames) {
      if (explanations.has(fileName)) continue;
      const text = compiler.system.readFile(fileName);
      if (text === undefined || !files.concerns(fileName, text)) continue;
      const known = files.latest.get(fileName);
      const file = known?.text === text ? known : files.transform(fileName, text, configPath);
      if (file.manifest) explanations.set(fileName, explain(fileName, root, file.manifest));
      if (hasErrors(file)) errors.push(...file.diagnostics.map((one) => formatDiagnostic(one, text, { root })));
    }
  }
  const sorted = [...explanations.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  return { text: printExplanations(sorted), errors: errors.map((one) => `${one}\n`).join("\n") };
}
