/** What adapters say that the compiler does not. */
import type { Diagnostic } from "@perdure/transformer";
import type { MessageTable } from "perdure/internal/errors";

/** A warning for hosts that print file and line themselves. */
export const warningText = ({ code, message, fix }: Diagnostic): string => `${code}: ${message}\n  fix: ${fix}`;

/** A warning with its place, for hosts that print the text alone. */
export const placedWarning = (warning: Diagnostic): string =>
  `${warning.fileName}:${warning.line}:${warning.column} warning ${warningText(warning)}`;

/** A durable file reached the build's output by another way; silence would make it run without being saved. */
export const notCompiled = (fileName: string, fix: string): string =>
  `${fileName} says "use durable" but was not compiled: ${fix}`;

/** Errors of the plugins' own options: PD14xx. */
export const messages = {
  PD1401: {
    slug: "no-such-plugin-option",
    text: "perdure() has no option %option%",
    fix: "its options are include, types, root, explain",
    page: `An option that nobody reads would be a setting that is not made: with \`includes\` nothing would be compiled that \`include\` is to name.

    perdure({ includes: "src/workflows/**" })     // before
    perdure({ include: "src/workflows/**" })      // after`,
  },
  PD1402: {
    slug: "plugin-option-not-usable",
    text: "perdure() was given %value% as %option%; it takes %wanted%",
    fix: "pass %wanted%, or leave the option out",
    page: "The options are checked when the plugin is made or the build begins, before any file is compiled.",
  },
  PD1403: {
    slug: "tsconfig-not-found",
    text: "the tsconfig %file%, which the option types names, does not exist",
    fix: "name one that does, relative to the working directory, or leave `types` out: then each file has the nearest tsconfig that covers it; `types: false` is for none",
    page: `Types decide what a call is where its place alone does not say. Without them the same program could be compiled into another one, so a tsconfig that is named has to be
there.`,
  },
} as const satisfies MessageTable;
