/** A copy of the fixture app in the repository's folder for temporary files, so that packages resolve as for a user. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../repository/sources.ts";

export function temporaryApp(): { folder: string; remove(): void } {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp", "app-"));
  cpSync(join(root, "fixtures/hosts"), folder, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Waits until `test` holds; throws after ten seconds. */
export async function until(test: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (test()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("waited in vain");
}
