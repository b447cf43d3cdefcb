/** The programs of `fixtures/real`, and what their first comment says of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../repository/sources.ts";

export const folder = join(root, "fixtures/real");

export interface RealProgram {
  /** `databases/pg-pool`. */
  readonly name: string;
  readonly file: string;
  /** What it shows: the first line of the comment. */
  readonly title: string;
  readonly packages: readonly string[];
  /** `works`, or `needs` or `refused` with the code of the diagnostic or error that says so, and what it says to do. */
  readonly expects:
    | { readonly verdict: "works" }
    | {
        readonly verdict: "needs" | "refused";
        readonly code: string;
        readonly fix: string;
        /** Why the compiler cannot do without it. */
        readonly because: string;
      };
  /** Compiled without types too, and expected to do the same. */
  readonly untyped: boolean;
}

const tag = (text: string, name: string): string | undefined =>
  new RegExp(`^ \\* @${name} ?(.*)$`, "m").exec(text)?.[1];

function read(file: string): RealProgram | undefined {
  const text = readFileSync(file, "utf8");
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(text)?.[1];
  const expects = comment && tag(comment, "expects");
  if (!comment || expects === undefined) return undefined;
  const [verdict, code = "", ...fix] = expects.split(" ");
  const because = tag(comment, "because");
  if (verdict !== "works" && verdict !== "needs" && verdict !== "refused")
    throw new Error(`${file}: @expects ${expects}`);
  if ((because === undefined) !== (verdict === "works"))
    throw new Error(`${file}: @because is for what does not work, and says why`);
  return {
    name: relative(folder, file).replace(/\.ts$/, ""),
    file,
    title: comment.split("\n")[0]!.slice(3),
    packages: (tag(comment, "packages") ?? "").split(" ").filter((one) => one !== ""),
    expects: verdict === "works" ? { verdict } : { verdict, code, fix: fix.join(" "), because: because! },
    untyped: tag(comment, "untyped") === undefined,
  };
}

export function catalog(): RealProgram[] {
  const found: RealProgram[] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(".ts")) {
        const program = read(path);
        if (program !== undefined) found.push(program);
      }
    }
  };
  walk(folder);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
