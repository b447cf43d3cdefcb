/**
 * The one place where the TypeScript compiler is loaded. Types come from `import type { ts } from "@ts-morph/common"`;
 * values from the live binding {@link TS}, which {@link loadTypeScript} fills. `require` is used because importing the
 * same file costs twice as much (the lexer for CommonJS exports reads all of it), and lazily because a build without a
 * durable file must not pay at all.
 */
import { createRequire } from "node:module";
import type { ts } from "@ts-morph/common";

/** The compiler API: set once {@link loadTypeScript} has been called, which `transform` does before anything else. */
export let TS: typeof ts;

/** Loads the compiler on its first call. */
export function loadTypeScript(): typeof ts {
  TS ??= (createRequire(import.meta.url)("@ts-morph/common") as { ts: typeof ts }).ts;
  return TS;
}
