/** Which package a file or the program belongs to. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The root of hosts that run programs instead of building them: the folder of the nearest package.json above the program, not above the folder that it is started in: a service manager starts it from anywhere. */
export function packageFolder(): string {
  const program = process.argv[1];
  const start = program === undefined ? process.cwd() : dirname(program);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return process.cwd();
  }
}

/** Gives the name of the package of a file, if it has one: that of the nearest package.json above it with a name. Each folder is looked at once. */
export function packageNames(): (fileName: string) => { readonly package?: string } {
  const names = new Map<string, string | undefined>();
  const nameOf = (folder: string): string | undefined => {
    if (names.has(folder)) return names.get(folder);
    const above = dirname(folder);
    const name = nameIn(folder) ?? (above === folder ? undefined : nameOf(above));
    names.set(folder, name);
    return name;
  };
  return (fileName) => {
    const name = nameOf(dirname(fileName));
    return name === undefined ? {} : { package: name };
  };
}

function nameIn(folder: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    // There is none, or nothing can be read of it.
    return undefined;
  }
}
