/** Engines and files of the benchmarks. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Engine } from "perdure";
import type { Store } from "perdure/internal/store/store";

/** Gives a path for a store file that exists while the body runs, on a real disk where TMPDIR is on one. */
export async function withFile<T>(body: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "perdure-bench-"));
  try {
    return await body(join(folder, "runs.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An engine at work on the store with its default settings, while the body runs. */
export async function working<T>(store: Store, body: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = createEngine({ store });
  const work = engine.work();
  try {
    return await body(engine);
  } finally {
    await engine.stop();
    await work;
  }
}
