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
  /** The whole file is durable although it has no directive (the plugin's `include`). Default false. */
  readonly include?: boolean;
  /** A watcher runs the build: a module evaluated again with other text replaces its former self. Default false. */
  readonly watch?: boolean;
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
  /** Every classified call: `--explain` prints it. */
  readonly calls: readonly {
    readonly position: readonly [number, number];
    readonly text: string;
    readonly class: string;
    readonly why: string;
  }[];
}

export interface TransformResult {
  /** TypeScript text (types and JSX untouched), or null when the file has nothing durable. */
  readonly code: string | null;
  /** Source map of `code`, version 3; `sources` is the file's base name. */
  readonly map: unknown;
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
}
