/** The durable files of a build, each transformed when it is asked for, and again when its project has changed. */
import { createTypeSource, type Diagnostic, type Manifest, type TypeSource, transform } from "@perdure/transformer";
import { type Explanation, explain } from "../core/explain.ts";
import { durableFiles, withoutDirective } from "../core/files.ts";
import { packageNames } from "../core/package-folder.ts";
import type { SourceMap, Transformed } from "./source-map.ts";

export interface DurableOptions {
  /** Globs of files that are durable without a directive. */
  readonly include: readonly string[];
  /** What code ids are relative to. */
  readonly root: string;
  /** Is told how a file's calls were read, whenever that has changed. */
  readonly explained?: ((explanation: Explanation) => void) | undefined;
}

export interface DurableFile {
  /** Null where the file turned out to have nothing durable, or has errors. */
  readonly transformed: Transformed | null;
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface DurableSources {
  /** Cheap: by path and text. */
  concerns(fileName: string, text: string): boolean;
  /** @param tsconfig whose types are used; undefined: the one that covers the file */
  transform(fileName: string, text: string, tsconfig: string | undefined): DurableFile;
  /** What was transformed last, by file name, with its text. */
  readonly latest: ReadonlyMap<string, DurableFile & { readonly text: string }>;
}

export function durableSources({ include, root, explained }: DurableOptions): DurableSources {
  const { concerns, included } = durableFiles(include, root);
  const sources = new Map<string, TypeSource>();
  const packageOf = packageNames();
  const texts = new Map<string, string>();
  const latest = new Map<string, DurableFile & { text: string }>();
  return {
    latest,
    concerns,
    transform(fileName, text, tsconfig = "auto") {
      let types = sources.get(tsconfig);
      if (!types) {
        types = createTypeSource({ tsconfig, included });
        sources.set(tsconfig, types);
      }
      const { code, map, manifest, diagnostics } = transform(text, {
        fileName,
        root,
        include: included(fileName),
        ...packageOf(fileName),
        types,
      });
      const transformed = code === null ? null : { source: text, code: withoutDirective(code), map: map as SourceMap };
      const file = { transformed, manifest, diagnostics, text };
      if (explained && manifest) {
        const explanation = explain(fileName, root, manifest);
        if (texts.get(fileName) !== explanation.text) explained(explanation);
        texts.set(fileName, explanation.text);
      }
      latest.set(fileName, file);
      return file;
    },
  };
}

export const hasErrors = (file: DurableFile): boolean => file.diagnostics.some((one) => one.severity === "error");
