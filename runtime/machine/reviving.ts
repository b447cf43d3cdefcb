/** Making instances and classes again while a segment is decoded, without running user code. */
let depth = 0;

/** True while the runtime itself constructs: generated constructors and initializers then do nothing. */
export const reviving = (): boolean => depth > 0;

/** Runs `make` as a revival. Nothing in it may call user code. */
export function revive<T>(make: () => T): T {
  depth++;
  try {
    return make();
  } finally {
    depth--;
  }
}
