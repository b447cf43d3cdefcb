/** Which terminators and call classes the compiled programs reached: read off the emitted text and the manifests. */
import type { Manifest } from "@perdure/transformer/internal/options";

const terminators: Readonly<Record<string, RegExp>> = {
  jump: /return \$\.jump\(/g,
  branch: /\bif \(.*\) return \$\.jump\(/g,
  await: /return \$\.await\(/g,
  yield: /return \$\.yield\(/g,
  delegate: /return \$\.delegate\(/g,
  return: /return \$\.return\(/g,
  leave: /return \$\.leave\(/g,
  endFinally: /return \$\.endFinally\(/g,
  throw: /^\s*throw /gm,
};

export class Coverage {
  readonly terminators = new Map<string, number>(Object.keys(terminators).map((name) => [name, 0]));
  /** Rows of the call table. */
  readonly calls = new Map<string, number>();
  /** Emitted forms of calls: `call`, `step`, `made` … */
  readonly forms = new Map<string, number>();

  add(emitted: string, manifest: Manifest | null): void {
    for (const [name, pattern] of Object.entries(terminators))
      count(this.terminators, name, emitted.match(pattern)?.length ?? 0);
    for (const [, form] of emitted.matchAll(/\$m\.(\w+)\(/g)) count(this.forms, form!, 1);
    for (const call of manifest?.calls ?? []) count(this.calls, call.class, 1);
  }

  toString(): string {
    const line = (map: ReadonlyMap<string, number>): string => [...map].map(([name, n]) => `${name} ${n}`).join(", ");
    return `terminators: ${line(this.terminators)}\nrows: ${line(this.calls)}\nforms: ${line(this.forms)}`;
  }
}

const count = (map: Map<string, number>, name: string, n: number): void => void map.set(name, (map.get(name) ?? 0) + n);
