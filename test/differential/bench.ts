/** Builds programs natively and as machines. */
import { join } from "node:path";
import { createTypeSource, type TypeSource, transform } from "@perdure/transformer";
import { makeTree, programs, root, type Strip, type Tree } from "./compile.ts";
import { Coverage } from "./coverage.ts";

/** The transformer has errors for a program. */
export class Refused extends Error {
  override name = "Refused";
}

export interface Bench {
  readonly native: Tree;
  readonly machine: Tree;
  readonly coverage: Coverage;
  /** What the transformer emitted last. */
  emitted(): string;
  close(): void;
}

/** Files with types have their calls classified as in a project with a tsconfig; others by their position alone. */
export async function openBench(options: {
  readonly types: (fileName: string) => boolean;
  /** Breaks what was emitted, on purpose. */
  readonly spoil?: (emitted: string) => string;
  /** How types are taken away; default: by TypeScript. */
  readonly strip?: Strip;
}): Promise<Bench> {
  // A source keeps every file that it has opened, and checks a new one beside them: it is renewed now and then.
  let opened = 0;
  let source = createTypeSource({ tsconfig: join(programs, "tsconfig.json") });
  const typesOf = (fileName: string): { types: TypeSource } | undefined => {
    if (!options.types(fileName)) return undefined;
    if (++opened % 64 === 0) source = createTypeSource({ tsconfig: join(programs, "tsconfig.json") });
    return { types: source };
  };
  const coverage = new Coverage();
  let emitted = "";
  const native = await makeTree("native", null, options.strip);
  const transformed = (text: string, fileName: string): string => {
    const { code, manifest, diagnostics } = transform(text, {
      fileName,
      root,
      ...typesOf(fileName),
    });
    const errors = diagnostics.filter((it) => it.severity === "error");
    if (errors.length > 0) throw new Refused(errors.map((it) => `${it.code} ${it.message}`).join("\n"));
    emitted = (options.spoil ?? String)(code ?? text);
    coverage.add(emitted, manifest);
    return emitted;
  };
  const machine = await makeTree("machine", transformed, options.strip);
  const close = (): void => {
    native.remove();
    machine.remove();
  };
  return { native, machine, coverage, emitted: () => emitted, close };
}
