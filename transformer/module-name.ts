/** The name of a module in saved data: its path below the root, with slashes on every platform. */
import * as platform from "node:path";

/**
 * A package that stands beside the root, or above it (workspaces), has the name that it would have in it: where it is put may change.
 *
 * @param paths of the platform whose paths are given
 */
export function moduleName(
  root: string,
  fileName: string,
  paths: Pick<platform.PlatformPath, "relative" | "sep"> = platform,
): string {
  const path = paths.relative(root, fileName).split(paths.sep).join("/");
  return path.replace(/^(?:\.\.\/)+(?:.*?\/)?(?=node_modules\/)/, "");
}
