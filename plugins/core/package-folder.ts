/** The root of hosts that run programs instead of building them. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the nearest package.json above the program, not above the folder that it is started in: a service manager starts it from anywhere. */
export function packageFolder(): string {
  const program = process.argv[1];
  const start = program === undefined ? process.cwd() : dirname(program);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return process.cwd();
  }
}
