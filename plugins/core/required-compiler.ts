/** The compiler at once, for hosts whose hooks see every file that the process loads: also the compiler's own. */
import { createRequire } from "node:module";
import type { Compiler } from "./core.ts";

export interface RequiredCompiler {
  load(): Compiler;
  /** Its modules mention the directive too: while they are loaded, no file is to be looked at. */
  readonly isLoading: boolean;
}

export function requiredCompiler(): RequiredCompiler {
  const require = createRequire(import.meta.url);
  let isLoading = false;
  return {
    load() {
      isLoading = true;
      try {
        return require("@perdure/transformer") as Compiler;
      } finally {
        isLoading = false;
      }
    },
    get isLoading() {
      return isLoading;
    },
  };
}
