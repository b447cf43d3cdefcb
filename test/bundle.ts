/** Builds the programs of a fixture folder as a user would, into a folder from which the packages resolve. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { build } from "esbuild";
import { root } from "./repository/sources.ts";

export interface Bundle {
  /** Holds `<entry>.mjs` with its map; the test may keep its files there too. */
  readonly folder: string;
  remove(): void;
}

/** `entries` are file names in `fixtures/<fixture>`, without extension. Drivers of databases are left out, as a user leaves them. */
export async function bundle(fixture: string, ...entries: readonly string[]): Promise<Bundle> {
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp", `${fixture}-`));
  await build({
    absWorkingDir: join(root, "fixtures", fixture),
    entryPoints: entries.map((entry) => join(root, "fixtures", fixture, `${entry}.ts`)),
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: true,
    external: ["pg", "@aws-sdk/client-dynamodb"],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    plugins: [perdure()],
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
