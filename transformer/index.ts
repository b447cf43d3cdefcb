/** Rewrites durable modules: async functions into serializable state machines, closures into code and captured cells. */
import { compile } from "./compile.ts";
import type { TransformOptions, TransformResult } from "./options.ts";

export { type Diagnostic, PAGES } from "./diagnostics/diagnostic.ts";
export { type ReportOptions, report as formatDiagnostic } from "./diagnostics/report.ts";
export type { CallKind, Manifest, ManifestCall, TransformOptions, TransformResult, TypeSource } from "./options.ts";
export { createStripper, type Stripped, type StripRequest } from "./strip.ts";
export { createTypeSource, type TypeSourceOptions } from "./types/service.ts";

/**
 * Compiles one file. A file without anything durable gives `code: null`; so does one with errors, which are in
 * `diagnostics`: nothing is thrown, and nothing is compiled by halves.
 *
 * @example
 * const { code, map, diagnostics } = transform(text, { fileName: "/app/src/orders.ts", root: "/app" });
 */
export function transform(source: string, options: TransformOptions): TransformResult {
  const { code, map, manifest, diagnostics } = compile(source, options);
  return { code, map, manifest, diagnostics };
}
