/** Random expressions, all of numbers. */
import type { Choices } from "./choices.ts";
import { memberForms } from "./classes.ts";
import { forms, idioms } from "./idioms.ts";
import { promiseForms } from "./promises.ts";
import { statements } from "./statements.ts";

export interface Variable {
  readonly name: string;
  /** `counter` may be incremented only. */
  readonly kind: "let" | "const" | "counter";
}

export interface Loop {
  /** Undefined: no label. */
  readonly label: string | undefined;
  /** What `continue` needs; a labelled block and a switch are none. */
  readonly loop: boolean;
  /** A plain `break` ends it. */
  readonly breakable: boolean;
}

export interface Context {
  readonly choices: Choices;
  /** How many statements and expressions are still to be made, over the whole program. */
  readonly size: { left: number };
  readonly names: { next: number };
  readonly scope: readonly Variable[];
  readonly functions: readonly { name: string; async: boolean }[];
  readonly generators: readonly { name: string; async: boolean }[];
  /** The statements are those of a generator. */
  readonly yields: "sync" | "async" | null;
  readonly loops: readonly Loop[];
  readonly boxes: readonly string[];
  readonly depth: number;
  readonly canAwait: boolean;
  /** Also what is refused in some modes: a module that is loaded in a turn, an operand of a query that awaits. */
  readonly daring: boolean;
  /** Types are known: also what is refused without them. */
  readonly typed: boolean;
  readonly isAsync: boolean;
}

export const fresh = (context: Context, letter: string): string => `${letter}${++context.names.next}`;

const operators = ["+", "-", "*", "%", "<", "===", "|", ">="];
const assignments = ["+=", "-=", "*=", "??=", "||=", "&&="];

export function expression(context: Context, depth: number): string {
  const { choices } = context;
  if (depth <= 0 || context.size.left-- <= 0) return leaf(context);
  const e = (): string => expression(context, depth - 1);
  const ms = (): number => 1 + choices.below(9);
  const makers: (() => string)[] = [
    () => leaf(context),
    () => `(${e()} ${choices.pick(operators)} ${e()})`,
    () => `note(${e()})`,
    () => `(${e()} ? ${e()} : ${e()})`,
    () => `(${e()} ${choices.pick(["&&", "||"])} ${e()})`,
    () => `((${e()}) ?? ${e()})`,
    () => `sum(${e()}, ${e()}, ${e()})`,
    () => `sum(...[${e()}, ${e()}], ${e()}, ...noisy(${e()}))`,
    () => `[${e()}, ${e()}, ${e()}][${e()} & 1]`,
    () => `({ p: ${e()}, [\`q\${${e()}}\`]: ${e()}, ...{ p: ${e()} } } as any).p`,
    () => `\`\${${e()}}|\${${e()}}\`.length`,
    () => `tag\`\${${e()}}x\${${e()}}\``,
    () => `site\`\${${e()}}y\``,
    () => `(${e()}, ${e()})`,
    () => assignment(context, e),
    () => memberAssignment(context, e),
    () => callLocal(context, e),
    () => `(${choices.pick(context.boxes)}).add(${e()})`,
    () => `new ${choices.pick(["Box", "Double"])}(${e()}).${choices.pick(["v", "add(1)"])}`,
    () => `(${maybeBox(context, e)})?.add(${e()})`,
    () => `(${maybeBox(context, e)})?.[${e()} ? "v" : "n"]`,
    // In promise position, where no type says that it yields none, the call would be a step: it begins after what natively follows it.
    () => `sum(applyTo((x: any) => x + ${choices.pick(["1", readable(context)])}, ${e()}), 0)`,
    () => `[${e()}, ${e()}].map((x: any) => x ${choices.pick(operators)} ${readable(context)})[0]`,
    () => `(${pure(context, (inner) => expression(inner, depth - 1))})()`,
    () => `(typeof ${e()}).length`,
    () => `sum(new Visitor((x: any) => x + ${readable(context)}).visit(${leaf(context)}), 0)`,
    () => `named(() => { throw { name: ${leaf(context)} }; })`,
  ];
  const awaiting: (() => string)[] = [
    () => `(await get(${e()}, ${ms()}))`,
    () => `(await ${e()})`,
    () => `(await get(${e()}, ${ms()})) ${choices.pick(["+", "*"])} (await get(${e()}, ${ms()}))`,
    () => `(await sleep(${ms()}), ${e()})`,
    () => `(await new Promise<any>((resolve) => setTimeout(() => resolve(${readable(context)}), ${ms()})))`,
    () => `(await Promise.all([get(${e()}, ${ms()}), ${e()}, get(${e()}, ${ms()})]))[${choices.below(3)}]`,
    () => `(await Promise.race([get(${e()}, ${ms()}), sleep(${ms()})]))`,
    () =>
      `(await Promise.allSettled([get(${e()}, ${ms()}), fail("s", ${ms()})])).filter((it) => it.status === "fulfilled").length`,
    () => `(await Promise.any([get(${e()}, ${ms()}), fail("x", ${ms()})]))`,
    () => `(await fail("f${choices.below(9)}", ${ms()}))`,
    () => `(await fail("c", ${ms()}).catch((error: any) => ${readable(context)} + error.message.length))`,
    () => `(await get(${e()}, ${ms()}).then((x: any) => x + ${readable(context)}))`,
    () => `(await ${choices.pick(context.boxes)}.later(${e()}, ${ms()}))`,
    () => `(await stamp({ n: ${e()} } as any, "n", ${e()}, ${ms()})).n`,
    () => `(await Promise.all([1, 2].map((x) => get(x + ${readable(context)}, ${ms()}))))[${choices.below(2)}]`,
    () =>
      `(await Promise.all([${e()}, 2].map(async (x: any) => x + (await get(${readable(context)}, ${ms()})))))[${choices.below(2)}]`,
    () => `(await (async () => {\n${inner(context)}    })())`,
    () => `(await send(new Command(${held(context, e)}), ${ms()}))`,
    () => `(await table().where(${held(context, e)}).limit(${leaf(context)}))`,
    () => `(await new Promise<any>((resolve) => notify(resolve, ${leaf(context)}, ${ms()})))`,
    () => `(await step(async () => (await get(${readable(context)}, ${ms()})) + 1))`,
    () => `(await client.fetch(\`p\${${e()}}\`, ${ms()})).length`,
    () =>
      context.daring
        ? `((await import("../services.ts")).upper("u").length + ${e()})`
        : // Called first: the script settles services in the order of their calls, steps in that of their beginning.
          `(await step(async () => { const u = get("u", 1); return (await import("../services.ts")).upper(await u).length; }))`,
    () => `(await get([${e()}, ${e()}], ${ms()}))[${choices.below(2)}]`,
    // Negated: as what the arrow returns, without types the call would be a step, which throws after what natively follows it.
    () => `(await (async (x: any) => (x === 3 ? -explode("boom") : x))(${e()}))`,
  ];
  const all = [...makers, ...forms(context, e), ...memberForms(context, e)];
  if (context.canAwait) all.push(...awaiting, ...awaiting, ...idioms(context, e, ms), ...promiseForms(context, e, ms));
  return choices.pick(all)();
}

function leaf(context: Context): string {
  return context.choices.below(3) === 2 ? readable(context) : String(context.choices.below(5));
}

/** An operand that is kept as its expression. */
const held = (context: Context, e: () => string): string => (context.daring ? e() : readable(context));

export function readable(context: Context): string {
  const names = context.scope.map((it) => it.name);
  return names.length === 0 ? "1" : context.choices.pick(names);
}

function assignment(context: Context, e: () => string): string {
  const variables = context.scope.filter((it) => it.kind !== "const");
  if (variables.length === 0) return e();
  const { name, kind } = context.choices.pick(variables);
  if (kind === "counter") return context.choices.pick([`${name}++`, `++${name}`]);
  switch (context.choices.below(4)) {
    case 0:
      return `(${name} = ${e()})`;
    case 1:
      return `(${name} ${context.choices.pick(assignments)} ${e()})`;
    case 2:
      return context.choices.pick([`${name}++`, `--${name}`]);
    default:
      return `([${name} = ${e()}] = [${e()}] as any)[0]`;
  }
}

function memberAssignment(context: Context, e: () => string): string {
  const box = context.choices.pick(context.boxes);
  const member = context.choices.pick([".v", ".n", `[${e()} ? "v" : "n"]`]);
  return `(${box}${member} ${context.choices.pick(["=", ...assignments])} ${e()})`;
}

const maybeBox = (context: Context, e: () => string): string =>
  `${e()} ? ${context.choices.pick(context.boxes)} : undefined`;

function callLocal(context: Context, e: () => string): string {
  const callable = context.functions.filter((it) => !it.async || context.canAwait);
  if (callable.length === 0) return e();
  const f = context.choices.pick(callable);
  return f.async ? `(await ${f.name}(${e()}, ${e()}))` : `${f.name}(${e()})`;
}

/** A synchronous arrow over the scope. */
function pure(context: Context, body: (inner: Context) => string): string {
  return `() => ${body({ ...context, yields: null, canAwait: false, isAsync: false, loops: [] })}`;
}

/** The statements of a nested async arrow. */
function inner(context: Context): string {
  if (context.depth >= 3) return "      return 1;\n";
  return statements(
    { ...context, yields: null, loops: [], depth: context.depth + 1 },
    1 + context.choices.below(3),
    "      ",
  );
}
