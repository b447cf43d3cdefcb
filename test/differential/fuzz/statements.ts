/** Random statements. */

import { localClass, localConstructor } from "./classes.ts";
import { type Context, expression, fresh, type Loop, readable } from "./expressions.ts";
import { fiberStatements } from "./fibers.ts";
import { driven, generatorLoop, localGenerator, yielding } from "./generators.ts";
import { localBox } from "./idioms.ts";
import { promiseStatements } from "./promises.ts";
import { resources } from "./resources.ts";

/** `count` statements, each on lines that start with `indent`. Declarations are visible to those after them. */
export function statements(context: Context, count: number, indent: string): string {
  let text = "";
  let inner = context;
  for (let i = 0; i < count; i++) {
    if (inner.size.left-- <= 0) break;
    const made = statement({ ...inner, depth: inner.depth + 1 }, indent);
    text += made.text;
    inner = { ...inner, ...made.adds, depth: inner.depth };
  }
  return text;
}

export interface Made {
  readonly text: string;
  /** What the following statements see in addition. */
  readonly adds?: Partial<Context>;
}

function statement(context: Context, indent: string): Made {
  const { choices } = context;
  const e = (depth = 2): string => expression(context, depth);
  const more = `${indent}  `;
  const block = (inner: Context = context, count = 1 + choices.below(3)): string => statements(inner, count, more);
  const fiber: Context = { ...context, yields: null, canAwait: true, isAsync: true, loops: [] };
  const line = (text: string): Made => ({ text: `${indent}${text}\n` });
  const simple: (() => Made)[] = [
    () => line(`log(${e()});`),
    () => declare(context, indent, e),
    () => declare(context, indent, e),
    () => line(`${e()};`),
    () => pattern(context, indent, e),
    () => line(`readers.push(() => ${readable(context)});`),
    () => counterReader(context, indent),
    () => localFunction(context, indent),
    () => localBox(context, indent, e),
    () => localClass(context, indent, e),
    () => localConstructor(context, indent, e),
    () => line(context.canAwait ? "await null;" : "yield;"),
    ...yielding(context, e, block, `${indent}}`).map((make) => () => line(make())),
    () => ({ text: driven(context, indent, e) }),
  ];
  const jumps: (() => Made)[] = [
    () => line(`return ${e()};`),
    () => line(`throw ${choices.pick([`new Error("t" + ${e()})`, e()])};`),
    () => jump(context, indent),
    () => jump(context, indent),
    () => jump(context, indent),
  ];
  const sharing = fiberStatements(context, indent, e, (of, name) =>
    of === "fiber"
      ? block(fiber)
      : block(entering(context, { label: undefined, loop: true, breakable: true }, [{ name: name!, kind: "const" }])),
  );
  const nested: (() => Made)[] = [
    () => line(`if (${e()}) {\n${block()}${indent}} else {\n${block()}${indent}}`),
    () => line(`if (${e()}) {\n${block()}${indent}}`),
    () => tryStatement(context, indent, more),
    () => tryStatement(context, indent, more),
    () => tryStatement(context, indent, more),
    () => loop(context, indent, more, e),
    () => loop(context, indent, more, e),
    () => loop(context, indent, more, e),
    () => switchStatement(context, indent, e),
    () => labelledBlock(context, indent, more),
    () => line(`{\n${block()}${indent}}`),
    () => line(`fibers.push(settled(async () => {\n${block(fiber)}${indent}}));`),
    () => localGenerator(context, indent, statements),
    () => localGenerator(context, indent, statements),
    () =>
      line(
        generatorLoop(
          context,
          e,
          (target, name) => block(entering(context, target, [{ name, kind: "const" }])),
          `${indent}}`,
        ),
      ),
    () => deadZone(context, indent, more),
    ...sharing,
    ...promiseStatements(context, indent, e),
    // Rarely: no Node before 24 parses them.
    () =>
      choices.once(3)
        ? line(
            choices.pick(
              resources(
                context,
                e,
                (name) => block({ ...context, scope: [...context.scope, { name, kind: "const" }] }),
                `${indent}}`,
              ),
            )(),
          )
        : labelledBlock(context, indent, more),
  ];
  const makers =
    context.depth > 4 ? simple : context.depth > 1 ? [...simple, ...jumps, ...nested] : [...simple, ...nested];
  return choices.pick(makers)();
}

function declare(context: Context, indent: string, e: () => string): Made {
  const kind = context.choices.pick(["let", "const", "var"] as const);
  const name = fresh(context, kind === "const" ? "k" : "x");
  const text = `${indent}${kind} ${name}: any = ${e()};\n`;
  return { text, adds: { scope: [...context.scope, { name, kind: kind === "const" ? "const" : "let" }] } };
}

function pattern(context: Context, indent: string, e: () => string): Made {
  const [a, b, c] = [fresh(context, "p"), fresh(context, "p"), fresh(context, "p")];
  // A rest element is an object or array: it is bound, not read.
  const shapes: (() => [string, ...string[]])[] = [
    () => [`let [${a}, ${b} = ${e()}, ...${c}]: any = noisy(${e()}, undefined, ${e()});`, a, b],
    () => [`let { ${a}, [\`k\${${e()}}\`]: ${b} = ${e()}, ...${c} }: any = { ${a}: ${e()}, k1: 7 };`, a, b],
    () => [
      `let { ${a}: [${b} = ${e()}] = [${e()}], ${c} = ${e()} }: any = ${context.canAwait ? "await get({}, 2)" : "{}"};`,
      b,
      c,
    ],
    () => [
      `let ${a}: any, ${b}: any, ${c}: any; [${a}, { ${b} = ${e()} }, ${c} = ${e()}] = [${e()}, {}] as any;`,
      a,
      b,
      c,
    ],
  ];
  const [text, ...names] = context.choices.pick(shapes)();
  const scope = [...context.scope, ...names.map((name) => ({ name, kind: "let" as const }))];
  return { text: `${indent}${text}\n`, adds: { scope } };
}

function counterReader(context: Context, indent: string): Made {
  const counters = context.scope.filter((it) => it.kind === "counter");
  if (counters.length === 0) return { text: `${indent}readers.push(() => a++);\n` };
  return { text: `${indent}readers.push(() => ${context.choices.pick(counters).name}++);\n` };
}

function localFunction(context: Context, indent: string): Made {
  const async = context.choices.once(2);
  const name = fresh(context, "f");
  const [p, q] = [fresh(context, "m"), fresh(context, "m")];
  const scope = [
    ...context.scope.filter((it) => !async || !it.name.startsWith("this")),
    { name: p, kind: "let" as const },
    ...(async ? [{ name: q, kind: "let" as const }] : []),
  ];
  const inner: Context = {
    ...context,
    ...{ scope, loops: [], yields: null, canAwait: async, isAsync: async, depth: context.depth + 1 },
  };
  if (!async) {
    const text = `${indent}const ${name} = (${p}: any): any => ${expression(inner, 2)};\n`;
    return { text, adds: { functions: [...context.functions, { name, async }] } };
  }
  const body =
    context.depth > 3 ? `${indent}  return ${p};\n` : statements(inner, 1 + context.choices.below(3), `${indent}  `);
  const head = context.choices.pick([
    `async function ${name}(${p}: any, ${q}: any = ${p}): Promise<any> {`,
    `const ${name} = async (${p}: any, ${q} = ${p} as any): Promise<any> => {`,
    `async function ${name}({ length: ${p} = 2 }: any, [${q}]: any = [arguments.length]): Promise<any> {`,
  ]);
  const text = `${indent}${head}\n${body}${indent}  return ${expression(inner, 1)};\n${indent}}${head.startsWith("const") ? ";" : ""}\n`;
  return { text, adds: { functions: [...context.functions, { name, async }] } };
}

function jump(context: Context, indent: string): Made {
  const targets: string[] = [];
  const innermost = context.loops.at(-1);
  const breakable = context.loops.some((it) => it.breakable);
  if (breakable) targets.push("break;");
  if (context.loops.some((it) => it.loop)) targets.push("continue;");
  for (const it of context.loops) {
    if (it.label === undefined) continue;
    targets.push(`break ${it.label};`);
    if (it.loop) targets.push(`continue ${it.label};`);
  }
  if (innermost === undefined || targets.length === 0) return { text: `${indent}log("no loop");\n` };
  const condition = context.choices.once(3) ? "" : `if (${expression(context, 1)}) `;
  return { text: `${indent}${condition}${context.choices.pick(targets)}\n` };
}

const entering = (context: Context, loop: Loop, add: Context["scope"] = []): Context => ({
  ...context,
  loops: [...context.loops, loop],
  scope: [...context.scope, ...add],
});

function tryStatement(context: Context, indent: string, more: string): Made {
  const { choices } = context;
  const shape = choices.below(3);
  const body = statements(context, 1 + choices.below(3), more);
  let text = `${indent}try {\n${body}${indent}}`;
  if (shape !== 1) {
    const name = fresh(context, "e");
    const handler = statements(context, choices.below(3), more);
    text += ` catch (${name}: any) {\n${more}log("caught", ${name}?.message ?? ${name});\n${handler}${indent}}`;
  }
  if (shape !== 0)
    text += ` finally {\n${more}log("finally");\n${statements(context, choices.below(3), more)}${indent}}`;
  return { text: `${text}\n` };
}

function loop(context: Context, indent: string, more: string, e: () => string): Made {
  const { choices } = context;
  const labelled = choices.once(3);
  const label = labelled ? fresh(context, "L") : undefined;
  const target: Loop = { label, loop: true, breakable: true };
  const prefix = labelled ? `${indent}${label}: ` : indent;
  const body = (add: Context["scope"] = []): string =>
    statements(entering(context, target, add), 1 + choices.below(3), more);
  const i = fresh(context, "i");
  const counter = [{ name: i, kind: "counter" as const }];
  const item = [{ name: i, kind: "let" as const }];
  const n = 1 + choices.below(3);
  switch (choices.below(8)) {
    case 0:
      return { text: `${prefix}for (let ${i} = 0; ${i} < ${n}; ${i}++) {\n${body(counter)}${indent}}\n` };
    case 1:
      return {
        text: `${prefix}for (let ${i} = 0; ${i} < ${n} && ${e()} !== 100; ${i} += 1 + ((${e()}) === 1 ? 1 : 0)) {\n${body(counter)}${indent}}\n`,
      };
    case 2:
      return { text: `${indent}let ${i} = 0;\n${prefix}while (${i}++ < ${n}) {\n${body()}${indent}}\n` };
    case 3:
      return {
        text: `${indent}let ${i} = 0;\n${prefix}do {\n${body()}${indent}} while (${i}++ < ${n} && ${e()} !== 100);\n`,
      };
    case 4:
      return { text: `${prefix}for (let ${i} of [${e()}, ${e()}]) {\n${body(item)}${indent}}\n` };
    case 5:
      return {
        text: `${prefix}for (const ${i} of ${choices.pick([`noisy(${e()}, 2, 3)`, `new Set([${e()}, 5])`, `new Map([[${e()}, 1]]).keys()`])}) {\n${body([{ name: i, kind: "const" }])}${indent}}\n`,
      };
    case 6:
      return { text: `${prefix}for (let [${i} = ${e()}] of [[${e()}], []] as any) {\n${body(item)}${indent}}\n` };
    default: {
      const v = fresh(context, "v");
      return {
        text: `${prefix}for (const ${i} in { k1: ${e()}, k2: 2 }) {\n${more}let ${v}: any = ${i}.length;\n${body([{ name: v, kind: "let" }])}${indent}}\n`,
      };
    }
  }
}

function switchStatement(context: Context, indent: string, e: () => string): Made {
  const { choices } = context;
  const inner = entering(context, { label: undefined, loop: false, breakable: true });
  const count = 1 + choices.below(3);
  const fallback = choices.below(count + 1);
  let cases = "";
  // Twice in parentheses: TypeScript takes `case (a = b): {` for the head of an arrow function.
  for (let i = 0; i < count; i++) {
    cases += `${indent}  ${i === fallback ? "default" : `case ((${e()}))`}: {\n${statements(inner, 1 + choices.below(2), `${indent}    `)}${choices.once(3) ? "" : `${indent}    break;\n`}${indent}  }\n`;
  }
  return { text: `${indent}switch (${e()}) {\n${cases}${indent}}\n` };
}

function labelledBlock(context: Context, indent: string, more: string): Made {
  const label = fresh(context, "L");
  const inner = entering(context, { label, loop: false, breakable: false });
  return { text: `${indent}${label}: {\n${statements(inner, 2 + context.choices.below(2), more)}${indent}}\n` };
}

/** A closure that is called in the dead zone of the variable that it reads. */
function deadZone(context: Context, indent: string, more: string): Made {
  const [f, x] = [fresh(context, "z"), fresh(context, "x")];
  const between = statements(context, context.choices.below(2), more);
  return {
    text: `${indent}{\n${more}const ${f} = () => ${x};\n${more}log(named(${f}));\n${between}${more}let ${x}: any = ${expression(context, 1)};\n${more}log(${f}());\n${more}${x}++;\n${more}readers.push(${f});\n${indent}}\n`,
  };
}
