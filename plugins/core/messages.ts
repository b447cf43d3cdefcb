/** What adapters say that the compiler does not. */
import type { Diagnostic } from "@perdure/transformer";

/** A warning for hosts that print file and line themselves. */
export const warningText = ({ code, message, fix }: Diagnostic): string => `${code}: ${message}\n  fix: ${fix}`;

/** A warning with its place, for hosts that print the text alone. */
export const placedWarning = (warning: Diagnostic): string =>
  `${warning.fileName}:${warning.line}:${warning.column} warning ${warningText(warning)}`;

/** A durable file reached the build's output by another way; silence would make it run without being saved. */
export const notCompiled = (fileName: string, fix: string): string =>
  `${fileName} says "use durable" but was not compiled: ${fix}`;
