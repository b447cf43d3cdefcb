/** What a build with a native TypeScript works on. */
import type { ts } from "@ts-morph/common";
import type { DurableSources } from "./durable-sources.ts";
import type { Reporter } from "./reporting.ts";
import type { ApiCompiler, NativeCompiler } from "./typescript.ts";

export interface NativeBuild {
  readonly native: NativeCompiler;
  /** Writes the JavaScript. */
  readonly carried: ApiCompiler;
  readonly files: DurableSources;
  readonly reporter: Reporter;
  /** Options of the command line that go to the native compiler as they are. */
  readonly options: readonly string[];
}

export interface NativeProject {
  /** Undefined: the files of the command line, which stand among the options. */
  readonly configPath: string | undefined;
  readonly parsed: ts.ParsedCommandLine;
  /** The command line's own options, which go before the tsconfig's. */
  readonly override: ts.CompilerOptions;
}
