/**
 * The one place where the TypeScript compiler is loaded. Types come from `import type { ts } from "@ts-morph/common"`;
 * values from the live binding {@link TS}, which {@link loadTypeScript} fills. `require` is used because importing the
 * same file costs twice as much (the lexer for CommonJS exports reads all of it), and lazily because a build without a
 * durable file must not pay at all.
 */
import { createRequire } from "node:module";
import type { ts } from "@ts-morph/common";

/** The compiler API: set once {@link loadTypeScript} has been called, which `transform` does before anything else. */
export let TS: typeof ts;

/** Loads the compiler on its first call. */
export function loadTypeScript(): typeof ts {
  TS ??= quick((createRequire(import.meta.url)("@ts-morph/common") as { ts: typeof ts }).ts);
  return TS;
}

/** What is asked about every node, again and again. */
const ASKED = /^(is|can)[A-Z]|^(forEachChild|getDecorators|getModifiers|SyntaxKind|NodeFlags)$/;

/**
 * The same names, of which those that are asked about every node cost nothing to look up. The compiler's own namespace has 2,249 getters, so V8 keeps it as a
 * hash table, and each `TS.isIdentifier(node)` is a search there: 20 ns, where the question itself takes 2. Objects that serve as
 * prototypes are laid out as classes are, up to a thousand properties, and their constants become part of compiled code.
 */
function quick(all: typeof ts): typeof ts {
  const asked: { [name: string]: unknown } = {};
  for (const name of Object.keys(all)) if (ASKED.test(name)) asked[name] = all[name as keyof typeof ts];
  for (const name of OF_KINDS) asked[name] = byKind(all[name], all.SyntaxKind.Count);
  return Object.create(Object.setPrototypeOf(asked, all));
}

/** Questions about a node's kind alone that the compiler answers by comparing it with twenty others, one after the other. */
const OF_KINDS = [
  "canHaveDecorators",
  "canHaveModifiers",
  "isClassElement",
  "isClassLike",
  "isFunctionLike",
  "isTypeNode",
] as const;

/** The same answers from a table. */
function byKind(is: (node: ts.Node) => boolean, kinds: number): (node: ts.Node | undefined) => boolean {
  const answers = Uint8Array.from({ length: kinds }, (_, kind) => (is({ kind } as ts.Node) ? 1 : 0));
  return (node) => node !== undefined && answers[node.kind] === 1;
}
