/** What a test of test262 says of itself: the YAML between its first dashes (INTERPRETING.md of test262). */

export interface Metadata {
  readonly flags: ReadonlySet<string>;
  readonly features: ReadonlySet<string>;
  readonly includes: readonly string[];
  /** How it must fail. `phase` is `parse`, `resolution` or `runtime`; `type` the constructor's name. */
  readonly negative: { readonly phase: string; readonly type: string } | null;
}

const NOTHING: Metadata = { flags: new Set(), features: new Set(), includes: [], negative: null };

export function metadataOf(source: string): Metadata {
  const yaml = /\/\*---([\s\S]*?)---\*\//.exec(source)?.[1]?.replace(/\r\n?/g, "\n");
  if (yaml === undefined) return NOTHING;
  const negative = /^negative:[ \t]*\n((?:[ \t]+.*\n?)+)/m.exec(yaml)?.[1];
  return {
    flags: new Set(listIn(yaml, "flags")),
    features: new Set(listIn(yaml, "features")),
    includes: listIn(yaml, "includes"),
    negative:
      negative === undefined
        ? null
        : { phase: /phase:\s*(\w+)/.exec(negative)?.[1] ?? "", type: /type:\s*(\w+)/.exec(negative)?.[1] ?? "" },
  };
}

/** Both forms of a YAML list: `key: [a, b]`, and one item on each line. */
function listIn(yaml: string, key: string): string[] {
  const inline = new RegExp(`^${key}:\\s*\\[([^\\]]*)\\]`, "m").exec(yaml)?.[1];
  if (inline !== undefined) return inline.split(",").map(trim).filter(Boolean);
  const lines = new RegExp(`^${key}:[ \\t]*\\n((?:[ \\t]+-.*\\n?|[ \\t]*\\n)+)`, "m").exec(yaml)?.[1];
  return (lines ?? "")
    .split("\n")
    .map((line) => trim(line).replace(/^-\s*/, ""))
    .filter(Boolean);
}

const trim = (text: string): string => text.trim();

/** Comments taken away, strings and all: good enough to look for words. */
export const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*/g, "");
