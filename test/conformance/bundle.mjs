// Makes a file of this folder loadable by Node: bundles it (its packages stay packages), so that no loader is needed.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));

export async function bundle(...names) {
  const outdir = join(folder, "dist");
  await build({
    entryPoints: names.map((name) => join(folder, name)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
  return outdir;
}
