/** Explains the durable files of projects (those of the projects that they refer to, and their own), or single files. */
import { resolve } from "node:path";
import * as transformer from "@perdure/transformer";
import { CompileFailure, createSession } from "../core/core.ts";
import { type Explanation, explain, printExplanations } from "../core/explain.ts";
import { durableFiles } from "../core/files.ts";
import { type DurableSources, hasErrors } from "./durable-sources.ts";
import { error } from "./errors.ts";
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
      if (hasErrors(file))
        errors.push(...file.diagnostics.map((one) => transformer.formatDiagnostic(one, text, { root })));
    }
  }
  return explained(explanations.values(), errors);
}

/**
 * Single files, each with the types of the tsconfig that covers it, if one does: as the plugins see them.
 *
 * @param root absolute path that file names are relative to
 */
export function explainFiles(fileNames: readonly string[], include: readonly string[], root: string): Explained {
  const explanations: Explanation[] = [];
  const errors: string[] = [];
  const files = durableFiles(include, root);
  const session = createSession(transformer, files, { explain: (one) => void explanations.push(one) }, root);
  for (const fileName of new Set(fileNames.map((name) => resolve(name)))) {
    const text = carriedTypeScript().system.readFile(fileName);
    if (text === undefined || !files.candidate(fileName)) throw error("PD1307", { path: fileName });
    try {
      if (files.concerns(fileName, text)) session.compile(fileName, text);
    } catch (failure) {
      if (!(failure instanceof CompileFailure)) throw failure;
      errors.push(failure.message);
    }
  }
  return explained(explanations, errors);
}

function explained(explanations: Iterable<Explanation>, errors: readonly string[]): Explained {
  const sorted = [...explanations].sort((a, b) => (a.file < b.file ? -1 : 1));
  return { text: printExplanations(sorted), errors: errors.map((one) => `${one}\n`).join("\n") };
}
