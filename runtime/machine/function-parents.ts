/**
 * What functions inherit from (ECMA-262 20.2.3, 27.3.3, 27.4.3, 27.7.3): libraries ask `fn.constructor.name`, or its tag, whether it is async. Compiled functions
 * would have what ordinary ones have, since their texts are those of ordinary functions.
 */
import { AsyncGeneratorFunctionPrototype } from "./generators/async-prototype.ts";
import type { Code, MethodCode } from "./registry.ts";
import { BOUND, closureOf } from "./stamp.ts";

const { getPrototypeOf, setPrototypeOf } = Reflect;

export type GeneratorKind = "sync" | "async";
/** Undefined: no generator. */
type Kind = GeneratorKind | undefined;

const ofAsync = getPrototypeOf(async () => {})!;
const ofGenerators = {
  sync: getPrototypeOf(function* () {})!,
  async: AsyncGeneratorFunctionPrototype,
} as const;

const parentOf = (generator: Kind): object => (generator === undefined ? ofAsync : ofGenerators[generator]);

/** Gives an async function or a generator what such functions inherit from. */
export function giveParent(fn: Function, generator: Kind): void {
  const code = closureOf(fn)?.code;
  if (code?.kind === "method") code.parent = parentOf(generator);
  setPrototypeOf(fn, parentOf(generator));
}

/** Does it inherit from what its definition made it inherit from? */
export function hasUsualParent(fn: Function, code: Code): boolean {
  const parent = getPrototypeOf(fn);
  if (code.id !== BOUND) return parent === usualParent(code);
  // One is made with what its target has by then (ECMA-262 10.4.1.3).
  const [target] = closureOf(fn)!.captured as readonly [Function];
  const of = closureOf(target)?.code;
  return parent === getPrototypeOf(target) && (of === undefined || hasUsualParent(target, of));
}

function usualParent(code: Code): object {
  if (code.kind === "machine") return parentOf(code.generator);
  return (code as Partial<MethodCode>).parent ?? Function.prototype;
}
