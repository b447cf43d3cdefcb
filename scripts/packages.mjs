/** The packages as they are published: packed from what was built, without what an earlier build left behind. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const workspaces = ["runtime", "transformer", "plugins"];

/** Deletes built files whose source is gone. */
function sweep(workspace, below = "") {
  const folder = join(root, workspace, "dist", below);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) sweep(workspace, path);
    else {
      const source = path.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
      if (source !== path && !existsSync(join(root, workspace, source))) rmSync(join(root, workspace, "dist", path));
    }
  }
}

/** Packs all packages into `folder`: the name of each, and the path of its tarball. */
export function packPackages(folder) {
  mkdirSync(folder, { recursive: true });
  const tarballs = new Map();
  for (const workspace of workspaces) {
    sweep(workspace);
    const { name } = JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8"));
    const args = ["pack", "--silent", "--pack-destination", folder, "--workspace", workspace];
    const file = execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    tarballs.set(name, join(folder, file.trim()));
  }
  return tarballs;
}
