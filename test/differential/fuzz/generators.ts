/** Generators and what is done with them: declared over the scope, looped over, driven by hand, delegated to. */
import { type Context, expression, fresh, type Loop } from "./expressions.ts";
import type { Made, statements } from "./statements.ts";

type E = () => string;

/** `function*` or `async function*` over the variables around it. What it yields are numbers. */
export function localGenerator(context: Context, indent: string, body: typeof statements): Made {
  const { choices } = context;
  const isAsync = choices.once(2);
  const name = fresh(context, "g");
  const [p, q] = [fresh(context, "m"), fresh(context, "m")];
  const outside = context.scope.filter((it) => !it.name.startsWith("this"));
  const inner: Context = {
    ...context,
    scope: [...outside, { name: p, kind: "let" }, { name: q, kind: "let" }],
    loops: [],
    yields: isAsync ? "async" : "sync",
    canAwait: isAsync,
    isAsync,
    depth: context.depth + 1,
  };
  const star = isAsync ? "async function*" : "function*";
  const head = choices.pick([
    `${star} ${name}(${p}: any, ${q}: any = ${p}): any {`,
    `const ${name} = ${star} (${p}: any, { length: ${q} = ${p} }: any = []): any {`,
  ]);
  const first = `${indent}  log("began", yield ${expression(inner, 1)});\n`;
  const rest = body(inner, 1 + choices.below(4), `${indent}  `);
  const end = head.startsWith("const") ? "};" : "}";
  const text = `${indent}${head}\n${first}${rest}${indent}  return ${expression(inner, 1)};\n${indent}${end}\n`;
  return { text, adds: { generators: [...context.generators, { name, async: isAsync }] } };
}

/** A call of a generator that may be looped over here; without one, something else that may. */
const source = (context: Context, e: E, isAsync: boolean): string => {
  const known = context.generators.filter((it) => isAsync || !it.async);
  const calls = known.map(({ name }) => `${name}(${e()})`);
  return context.choices.pick([
    ...calls,
    ...calls,
    `noisy(${e()}, ${e()})`,
    isAsync ? `[get(${e()}, ${1 + context.choices.below(5)}), ${e()}]` : `[${e()}, ${e()}]`,
  ]);
};

/** What a generator delegates to. Lists have no `throw`, and then async generators are not what they should be before Node 24 (ECMA-262 27.1.6.2.3). */
const delegate = (context: Context, e: E): string => {
  const isAsync = context.yields === "async";
  const chosen = source(context, e, isAsync);
  return isAsync && chosen.startsWith("[") ? `noisy(${e()}, ${e()})` : chosen;
};

/** `for-of` over a generator, or `for await`. */
export function generatorLoop(
  context: Context,
  e: E,
  body: (target: Loop, name: string) => string,
  end: string,
): string {
  const isAsync = context.canAwait && context.choices.once(2);
  const name = fresh(context, "y");
  const target: Loop = { label: undefined, loop: true, breakable: true };
  return `for ${isAsync ? "await " : ""}(const ${name} of ${source(context, e, isAsync)} as any) {\n${body(target, name)}${end}`;
}

/** A generator driven by hand: answers in the order of the calls, whatever state they meet. */
export function driven(context: Context, indent: string, e: E): string {
  const { choices } = context;
  const callable = context.generators.filter((it) => context.canAwait || !it.async);
  if (callable.length === 0) return `${indent}log("no generator");\n`;
  const { name, async: isAsync } = choices.pick(callable);
  const it = fresh(context, "it");
  const call = (): string => choices.pick([`next(${e()})`, `next(${e()})`, `return(${e()})`, `throw(${e()})`]);
  const wait = context.canAwait ? `${indent}  await get(0, ${1 + choices.below(4)});\n` : "";
  const calls = isAsync
    ? `${indent}  log(await Promise.allSettled([${it}.next(), ${it}.${call()}, ${it}.${call()}]));\n`
    : `${indent}  log(${it}.next(), ${it}.${call()});\n`;
  const last = isAsync ? `${indent}  log(await ${it}.${call()});\n` : `${indent}  log(${it}.${call()});\n`;
  return `${indent}const ${it}: any = ${name}(${e()});\n${indent}try {\n${calls}${wait}${last}${indent}} catch (error: any) {\n${indent}  log("driven", error?.message ?? error);\n${indent}}\n`;
}

/** Statements of a generator that yield: never inside another function. */
export function yielding(context: Context, e: E, block: () => string, end: string): (() => string)[] {
  if (context.yields === null) return [];
  const x = (): string => fresh(context, "w");
  return [
    () => `log("sent", yield ${e()});`,
    () => `log((yield ${e()}) === (yield ${e()}), ${e()});`,
    () => `yield* ${delegate(context, e)} as any;`,
    () => `let [${x()} = yield ${e()}]: any = noisy(undefined, ${e()});`,
    () => `log("inner", yield* ${delegate(context, e)} as any);`,
    () => `if (yield ${e()}) {\n${block()}${end}`,
    () => `return yield ${e()};`,
  ];
}
