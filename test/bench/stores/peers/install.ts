/** Installs the peers, in the versions of their lock file, when they are first needed. The repository's own install stays small. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The command runs from a bundle in `dist`, beside this folder. */
export const bundles = dirname(fileURLToPath(import.meta.url));
export const peersFolder = join(bundles, "../peers");

export async function installPeers(): Promise<void> {
  const lock = readFileSync(join(peersFolder, "package-lock.json"), "utf8");
  const stamp = join(peersFolder, "node_modules/.installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("bench:stores installs the peers (420 MB, once)\n");
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: peersFolder,
    shell: process.platform === "win32",
  });
  writeFileSync(stamp, lock);
}

/** A Node of version 22 or later: this one, or the one that came with the peers. */
export function newerNode(): string {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  const path = join(peersFolder, "node_modules/node22/bin/node");
  if (!existsSync(path)) throw new Error("run this figure with Node 22 or later: there is no package of it here");
  return path;
}

export const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(peersFolder, "node_modules", name, "package.json"), "utf8")) as { version: string })
    .version;
