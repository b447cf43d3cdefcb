/** Classes of every kind of member, over the variables around them; an instance of each is used as a box, its methods as functions and generators. */
import { type Context, expression, fresh, readable, type Variable } from "./expressions.ts";
import type { Made } from "./statements.ts";

type E = () => string;

/** What the members of a class may use: the scope, `this`, and one parameter. */
function inMember(context: Context, given: Partial<Context>, more: readonly Variable[]): Context {
  const outside = context.scope.filter(({ name }) => !name.startsWith("this"));
  return {
    ...context,
    ...{ yields: null, canAwait: false, isAsync: false, loops: [], depth: context.depth + 1 },
    ...given,
    scope: [...outside, ...more],
  };
}

export function localClass(context: Context, indent: string, e: E): Made {
  const { choices } = context;
  const [C, o, x] = [fresh(context, "C"), fresh(context, "o"), fresh(context, "m")];
  const own: Variable[] = [
    { name: "this.#p", kind: "let" },
    { name: "this.n", kind: "let" },
  ];
  const parameter: Variable = { name: x, kind: "let" };
  const sync = (variables: readonly Variable[] = own): string =>
    expression(inMember(context, {}, [...variables, parameter]), 1);
  const field = (): string => expression(inMember(context, {}, []), 1);
  const later = (): string => expression(inMember(context, { canAwait: true, isAsync: true }, [...own, parameter]), 1);
  const ms = (): number => 1 + choices.below(6);
  // There `#p` is the class's own, which no object around it has: refused.
  const key = (): string =>
    expression({ ...context, scope: context.scope.filter(({ name }) => name !== "this.#p") }, 2);
  const base = choices.pick(["Box", "Double"]);
  const members: (() => string)[] = [
    () => `[\`k\${${key()}}\`]: any = ${field()};`,
    () => `static [\`s\${${key()}}\`](): any { return ${C}.made; }`,
    () => `static { ${C}.made += ${field()}; log("static", ${C}.#hidden++); }`,
    () =>
      `#raise(${x}: any): any { return (this.#p += ${sync()}); }\n${indent}  raise(${x}: any): any { return this.#raise(${x}) + this.#raise(1); }`,
    () => `get both(): any { return [this.#p, super.v].length + ${readable(context)}; }`,
    () => `set both(${x}: any) { this.#p = ${sync()}; super.v = ${x}; }`,
    () =>
      `async twice(${x}: any): Promise<any> { const half = await super.later(${later()}, ${ms()}); return half + this.#p + (await get(${x}, ${ms()})); }`,
    () => `static async of(${x}: any): Promise<any> { return new ${C}(await get(${x}, ${ms()})).add(${C}.#hidden); }`,
    () => `has(${x}: any): any { return #p in ${x} ? 1 : 0; }`,
    () => `override add(${x}: any): any { const f = () => super.add(${x}) + this.#p; return f() + ${sync()}; }`,
  ];
  const count = 1 + choices.below(4);
  const chosen = new Set<() => string>();
  for (let i = 0; i < count; i++) chosen.add(choices.pick(members));
  const early = choices.once(3);
  const apart = choices.once(3);
  const given = apart && choices.once(2) ? `{ of: ${e()}, ${fresh(context, "k")}: 1 }` : e();
  const lines = [
    `class ${C} extends ${base} {`,
    `  static made: any = ${field()};`,
    `  static #hidden: any = ${field()};`,
    `  #p: any = ${field()};`,
    apart
      ? `  constructor({ of: ${x} = note(${field()}), ...rest }: any, [first, { n = note(${field()}) } = note({}) as any]: any = note([${field()}]), last = (log("last"), ${field()})) { super(${sync([])} + first + n); this.#p += last + Object.keys(rest).length; }`
      : early
        ? `  constructor(${x}: any) { const self = () => this; log(named(() => self().n)); super(${x}); this.#p += self().n + (self() === this ? 1 : 0); }`
        : `  constructor(${x}: any) { super(${sync([])}); this.n = ${sync()}; ${C}.made += new.target === ${C} ? 1 : 5; }`,
    ...[...chosen].map((make) => `  ${make()}`),
    `  *items(${x}: any): any { log("item", yield this.#p); try { yield ${sync()}; } finally { this.n += ${x}; } return ${sync()}; }`,
    `  async *stream(${x}: any): any { yield this.n; log("part", yield get(${sync()}, ${ms()})); yield* this.items(${later()}); }`,
    "}",
    `const ${o}: any = new ${C}(${given});`,
  ];
  return {
    text: lines.map((line) => `${indent}${line}\n`).join(""),
    adds: {
      boxes: [...context.boxes, o],
      generators: [...context.generators, { name: `${o}.items`, async: false }, { name: `${o}.stream`, async: true }],
    },
  };
}

/** A constructor from before there were classes, whose `prototype` is exchanged; what it constructs is a box below another prototype. */
export function localConstructor(context: Context, indent: string, e: E): Made {
  const { choices } = context;
  const [F, o] = [fresh(context, "F"), fresh(context, "o")];
  const base = (): string => `${choices.pick(["Box", "Double"])}.prototype`;
  const add = `add: { value(this: any, x: any): any { return Box.prototype.add.call(this, x) + ${readable(context)}; }, writable: true }`;
  const prototype = (): string =>
    choices.pick([
      () => `{ constructor: ${F}, __proto__: ${base()} }`,
      () => `Object.create(${base()}, { ${add} })`,
      () =>
        `Object.create(Object.create(${base()}, { ${add} }), { constructor: { value: ${F}, writable: true, configurable: true } })`,
    ])();
  const lines = [
    `function ${F}(this: any, v: any): any { return Reflect.construct(${choices.pick(["Box", "Double"])}, [v], new.target as any); }`,
    `${F}.prototype = ${prototype()};`,
    `const ${o}: any = new (${F} as any)(${e()});`,
    ...(choices.once(2) ? [`${F}.prototype = ${prototype()};`] : []),
  ];
  return {
    text: lines.map((line) => `${indent}${line}\n`).join(""),
    adds: { boxes: [...context.boxes, o] },
  };
}

/** The functions of a member call, read before its arguments are evaluated; a class and its accessors by name. */
export function memberForms(context: Context, e: E): (() => string)[] {
  const { choices } = context;
  const box = (): string => choices.pick(context.boxes);
  return [
    () => {
      const b = box();
      return `(${b}.add(((${b}.add = (x: any) => x * 2 + ${readable(context)}), ${e()})))`;
    },
    () => `(${box()}.both = ${e()})`,
    () => `(${box()}.both ?? ${e()})`,
    () => `(${box()}.raise?.(${e()}) ?? 0)`,
    () =>
      `(${choices.pick(["brand === Brand.none()", "Brand.is(brand)", "brand.isEmpty", "brand === Brand.of(brand.id)"])} ? ${e()} : ${e()})`,
    () => `(${box()}.has?.(${box()}) ?? 3)`,
    () => `[${e()}, ...Object.values({ ...${box()} })].length`,
  ];
}
