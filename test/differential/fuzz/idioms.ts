/** What people write around awaits beyond plain operands: timers, tokens, listeners, classes and objects with methods. */
import { type Context, fresh, readable } from "./expressions.ts";

type E = () => string;

const within = (...lines: string[]): string => `(await (async () => { ${lines.join(" ")} })())`;

/** Expressions that await, of numbers. */
export function idioms(context: Context, e: E, ms: () => number): (() => string)[] {
  const { choices } = context;
  return [
    () => within("const t = token<any>();", `resumeLater(t.id, (${e()}) | 0, ${ms()});`, "return await t;"),
    () =>
      within(
        "const control = new AbortController();",
        `setTimeout(() => control.abort(), ${ms()});`,
        `for (let i = 0; i < 3 && !control.signal.aborted; i++) await get(${e()}, ${ms()});`,
        "return control.signal.aborted ? 1 : 0;",
      ),
    () => within(`let s: any = ${e()};`, `await step(async () => { s += await get(2, ${ms()}); });`, "return s;"),
    () => within(`const query = table().where(${readable(context)});`, 'log("made");', "return await query;"),
    () =>
      within(
        "let ticks: any = 0;",
        `return await new Promise<any>((resolve) => { const t = setInterval(() => { if (++ticks > 2) { clearInterval(t); resolve(ticks + ${readable(context)}); } }, ${ms()}); });`,
      ),
    () => `(await new Promise<any>((resolve) => queueMicrotask(() => resolve(${readable(context)}))))`,
    () => `(await (get as any).bind(null, ${e()}, ${ms()})())`,
    () => `(await Promise.all([${e()}, ${e()}].map(get as any)) as any)[${choices.below(2)}]`,
    () => `(await (${e()} ? ${choices.pick(context.boxes)} : undefined)?.later?.(${e()}, ${ms()}))`,
    () => `(await new Double(${e()}).inherited("${choices.pick(["v", "n"])}", ${ms()}))`,
    () => `(await get(${e()}, ${ms()}).finally(() => { log("at last", ${readable(context)}); }))`,
    () => `(await new Promise<any>((resolve) => setTimeout(resolve, ${ms()}, ${readable(context)})))`,
    ...(context.typed ? [...lazies(context, e, ms), ...lazies(context, e, ms)] : []),
  ];
}

/** Lazy thenables that functions return, and lists of them: types tell what they are. */
function lazies(context: Context, e: E, ms: () => number): (() => string)[] {
  return [
    () =>
      within(
        `const query = (x: any, more: any) => { log("made"); let q = table().where(x); if (more) q = q.where(${readable(context)}); return q; };`,
        `return (await query(${e()}, ${e()})) + (await query(${e()}, 0).limit(${readable(context)}));`,
      ),
    () =>
      within(
        `let q = ${e()} ? table().where(${readable(context)}) : table();`,
        `[${e()}, 2].forEach((x: any) => { q = q.where(x); log("each", x); });`,
        `q = ${e()} ? q.limit(${readable(context)}) : q;`,
        `const all = [1, Number(${e()})].reduce((whole, x) => (x ? whole.where(x) : whole), table());`,
        `return (await q) + (await all.limit(${readable(context)}));`,
      ),
    () => `(await batch([${e()}, ${e()}].map((x: any) => table().where(x).limit(${readable(context)}))))`,
    () =>
      within(
        "const queries = [];",
        `for (const x of [${e()}, ${e()}]) { queries.push(table().where(x)); log(await get(x, ${ms()})); }`,
        `if (${e()}) queries.push(table().limit(${readable(context)}), table().where(1));`,
        "return await batch(queries);",
      ),
    () =>
      within(
        `const open = (x: any) => { log("opened"); return x ? account(x, ${readable(context)}) : account(${readable(context)}).with(1); };`,
        `const kept = open(${e()});`,
        `return (await open(${e()}).with(${readable(context)}).read(${ms()})) + (await kept.read(${ms()})) + (await kept.with(2).read(${ms()})) + (await kept.balance.read(${ms()}));`,
      ),
    () =>
      within(
        "const open = (x: any) => account(x);",
        `return (await open(${e()}).balance.read(${ms()})) + (await account(${e()}, ${readable(context)}).balance.read(${ms()}));`,
      ),
    () =>
      within(
        `const of: any = { 1: client, 2: { fetch: async (path: any, at: any) => get(path, at) }, 3: {} };`,
        `const found = of[${e()}];`,
        `return ((await found?.fetch?.("p", ${ms()})) ?? "none").length + ${readable(context)};`,
      ),
    () =>
      within(
        `const fetch: any = client.fetch.bind(client, \`b\${${readable(context)}}\`);`,
        `const first = (await client.fetch.call(client, "c", ${ms()})).length + ${readable(context)};`,
        `return first + (await fetch(${ms()})).length;`,
      ),
    () =>
      within(
        "const query = (x: any) => table().where(x);",
        `const queries = [query(${e()}), ...(${e()} ? [1, 2].map(query) : []), ...[${readable(context)}].flatMap((x: any) => [table().limit(x), query(x)])];`,
        `return (await batch(queries)) + (await batch(queries.slice(1).concat([3].map(query))));`,
      ),
  ];
}

/** Expressions in whose parts may be awaits. */
export function forms(context: Context, e: E): (() => string)[] {
  const { choices } = context;
  const box = (): string => choices.pick(context.boxes);
  return [
    () => `(${choices.pick(["-", "!", "~", "+"])}(${e()}) as any)`,
    () => `(void ${e()} as any)`,
    () => `((${e()}) in ({ 1: ${e()}, 2: 0 } as any) ? 1 : 0)`,
    () => `(delete ({ p: ${e()} } as any)[${e()} ? "p" : "q"] ? 1 : 0)`,
    () => choices.pick([`${box()}.n++`, `--${box()}[${e()} ? "v" : "n"]`, `(${box()}.n += ${e()})`]),
    () => `new Box(...([${e()}, ${e()}] as [any])).add(${e()})`,
    () => `new (class extends Box { [\`m\${${e()}}\`]: any = 1; })(${e()}).v`,
    () => `({ [\`m\${${e()}}\`](x: any): any { return x + ${readable(context)}; }, m1: () => 9 } as any).m1(${e()})`,
    () => `(${e()} ? ${box()} : undefined)?.add?.(${e()})`,
    () => `((${e()} || undefined) as any)?.[${e()}]?.[${e()}]`,
    () => `[...noisy(${e()}, ${e()}), ${e()}].length`,
  ];
}

interface Made {
  readonly text: string;
  readonly adds: Partial<Context>;
}

/** A class or an object literal with the members of a `Box`, over the variables around it. */
export function localBox(context: Context, indent: string, e: E): Made {
  const { choices } = context;
  // In its members, `this` is another.
  context = { ...context, scope: context.scope.filter((it) => !it.name.startsWith("this")) };
  const o = fresh(context, "o");
  const adds = { boxes: [...context.boxes, o] };
  if (choices.once(2)) {
    const text = `${indent}const ${o}: any = { n: ${e()}, v: ${e()}, add(by: any) { return (this.v += by + ${readable(context)}); }, async later(by: any, ms: any) { this.n = await get(by, ms); return this.v + this.n + arguments.length; }, get twice() { return this.v * 2; } };\n`;
    return { text, adds };
  }
  const C = fresh(context, "C");
  const seen = choices.pick(context.scope)?.name ?? "1";
  const text = `${indent}class ${C} extends ${choices.pick(["Box", "Double"])} {
${indent}  #own: any = ${seen};
${indent}  static made: any = ${context.canAwait ? "0" : "1"};
${indent}  constructor(x: any) {
${indent}    super(x);
${indent}    this.n = ${seen};
${indent}    ${C}.made += new.target === ${C} ? 1 : 5;
${indent}  }
${indent}  get own(): any {
${indent}    return this.#own + super.v;
${indent}  }
${indent}  #raise(by: any): any {
${indent}    return (this.#own += by);
${indent}  }
${indent}  override async later(by: any, ms: any): Promise<any> {
${indent}    return this.#raise(await super.later(by, ms)) + this.own + ${C}.made;
${indent}  }
${indent}}
${indent}const ${o}: any = new ${C}(${e()});
`;
  return { text, adds };
}
