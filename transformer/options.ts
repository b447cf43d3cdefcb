/** What `transform` takes and gives. */
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import type { FileTypes } from "./types/questions.ts";

/** Answers questions about types; made by the plugin core once for a build, shared by all files. */
export interface TypeSource {
  /** The typed program's view of one file, told the text that the host holds; undefined when no tsconfig covers the file. */
  open(fileName: string, text: string): FileTypes | undefined;
}

export interface TransformOptions {
  /** Absolute path of the file. */
  readonly fileName: string;
  /** Absolute path that module names are relative to. */
  readonly root: string;
  /**
   * Name of the module in code ids, for packages that are compiled before they are published: `perdure/patterns/retry.ts`. Default: the path
   * relative to `root`. It must be unique in every program that the module is linked into.
   */
  readonly module?: string;
  /** Name of the package that the file belongs to, so that another package's file of the same name is told. Default: none. */
  readonly package?: string;
  /** The whole file is durable although it has no directive (the plugin's `include`). Default false. */
  readonly include?: boolean;
  /** A watcher runs the build: a module evaluated again with other text replaces its former self. Default false. */
  readonly watch?: boolean;
  /** The host takes `import` in a CommonJS file (esbuild does); elsewhere such a file requires the runtime. Default false. */
  readonly mixesModules?: boolean;
  /** Types for the call table; without it calls are classified by position alone. */
  readonly types?: TypeSource;
}

export interface Manifest {
  readonly abi: number;
  readonly module: string;
  /** Each code of the module: digest, what it is, where it stands. */
  readonly codes: readonly {
    readonly id: string;
    readonly fingerprint: string;
    readonly kind: "machine" | "function" | "class";
    readonly position: readonly [number, number];
    readonly points?: Readonly<Record<string, readonly [number, number]>>;
    readonly live?: Readonly<Record<string, readonly string[]>>;
  }[];
  /** Whether a tsconfig covers the file, so that types were known. */
  readonly typed: boolean;
  /** Every call of the durable code, in source order: `--explain` prints them. Made when it is first read. */
  readonly calls: readonly ManifestCall[];
}

/** What a call in durable code is. `docs/command.md` says what each means. */
export type CallKind = "step" | "durable" | "operation" | "turn" | "now" | "kept" | "part" | "unknown";

export interface ManifestCall {
  /** Line and column, from 1. */
  readonly position: readonly [number, number];
  /** On one line, shortened. */
  readonly text: string;
  /** `unknown`: nobody knows whether it yields a promise; a step if what is called is an `async` function, else it runs at once. */
  readonly kind: CallKind;
  /** The row of the call table (`docs/calls.md`). */
  readonly class: string;
  readonly why: string;
  /** What to do about one that is `unknown`. */
  readonly advice?: string;
}

export interface TransformResult {
  /** TypeScript text (types and JSX untouched), or null when the file has nothing durable. */
  readonly code: string | null;
  /** Source map of `code`, version 3; `sources` is the file's base name. */
  readonly map: unknown;
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
}
