/** Before `perdure` is packed: copies `docs/` into the package, since every message of the product names its page there. */
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copy = join(root, "runtime/docs");
rmSync(copy, { recursive: true, force: true });
cpSync(join(root, "docs"), copy, { recursive: true });
