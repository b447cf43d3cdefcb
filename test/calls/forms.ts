/**
 * The ways in which code names what it calls, and the kinds of callees: their product is a set of programs. Each program is one function
 * `<form>`, in the module of its row.
 */

/** A kind of callee: a row of the call table. */
export interface Row {
  readonly name: string;
  /** What is exported, and from where. */
  readonly callee: string;
  readonly from: "./services.ts" | "./ledger.ts";
  /** Its use, given the expression that names it: statements that return what is compared. */
  readonly use: (callee: string) => string;
  /** Where its effects belong. */
  readonly effects: "in a step" | "in the turn";
  /** Forms whose callee nothing can look at before the call is made: the promise is a step. */
  readonly inStep?: readonly string[];
  /** Other types that it may be given: of a union, with overloads, conditional. */
  readonly types: { readonly union: string; readonly overloads: string; readonly conditional: string };
  /** Forms that make no sense for it. */
  readonly without?: readonly string[];
  /** Forms that nothing tells the compiler: the run is blocked with this code, whose message says what to write. */
  readonly refused?: Readonly<Record<string, string>>;
  /** The same where types are known only: they say that the callee is written in durable code, and a cast hides that it is not. */
  readonly refusedWithTypes?: Readonly<Record<string, string>>;
}

const between = "await new Promise((resolve) => setTimeout(resolve, 10));";

export const rows: readonly Row[] = [
  {
    name: "promise",
    callee: "pay",
    from: "./services.ts",
    use: (pay) => `const one = await ${pay}("a");
  const both = await Promise.all([${pay}("b"), ${pay}("c")]);
  const chained = await ${pay}("d").then((text) => text.length).finally(() => {});
  const list: Promise<string>[] = [];
  for (const id of ["e", "f"]) list.push(${pay}(id));
  const first = await Promise.race([${pay}("g"), new Promise((resolve) => setTimeout(resolve, 86_400_000))]);
  const kept = ${pay}("h");
  ${between}
  return [one, both, chained, await Promise.all(list), first, await kept];`,
    effects: "in a step",
    types: {
      union: "((id: string) => Promise<string>) | ((id: string) => Promise<never>)",
      overloads: "{ (id: number): number; (id: string): Promise<string>; (id: string, of: number): Promise<number> }",
      conditional: "<T extends string | number>(id: T) => T extends string ? Promise<string> : number",
    },
  },
  {
    name: "returned",
    callee: "pay",
    from: "./services.ts",
    use: (pay) => `const go = async (id: string) => { ${between} return ${pay}(id); };
  return [await go("a"), await (async () => ${pay}("b"))()];`,
    effects: "in a step",
    types: {
      union: "((id: string) => Promise<string>) | ((id: string) => string)",
      overloads: "{ (id: number): number; (id: string): Promise<string> }",
      conditional: "<T extends string | number>(id: T) => T extends string ? Promise<string> : number",
    },
  },
  {
    name: "callback",
    callee: "pay",
    from: "./services.ts",
    use: (pay) => `const both = await Promise.all(["a", "b"].map(${pay}));
  const settled = await Promise.allSettled(Array.from(["c"], ${pay}));
  const then = await Promise.resolve("d").then(${pay});
  return [both, settled.length, then, await Promise.all(["e"].map((id) => ${pay}(id)))];`,
    effects: "in a step",
    types: {
      union: "((id: string) => Promise<string>) | ((id: string) => Promise<never>)",
      overloads: "{ (id: string): Promise<string>; (id: string, of: number): Promise<string> }",
      conditional: "<T extends string>(id: T) => T extends string ? Promise<string> : number",
    },
  },
  {
    name: "ordinary",
    callee: "cents",
    from: "./services.ts",
    use: (cents) => `const first = ${cents}(1);
  ${between}
  const sum = [2, 3].map((n) => ${cents}(n)).reduce((a, b) => a + b, first);
  return [sum, [4].map(${cents})];`,
    effects: "in the turn",
    types: {
      union: "((amount: number) => number) | ((amount: number) => 0)",
      overloads: "{ (amount: number): number; (amount: string): string }",
      conditional: "<T extends number>(amount: T) => T extends number ? number : never",
    },
  },
  {
    name: "thenable",
    callee: "rows",
    from: "./services.ts",
    use: (rows) => `const one = await ${rows}("users").where("a");
  const both = await Promise.all([${rows}("b"), ${rows}("c").where("d")]);
  const query = ${rows}("e").where("f");
  return [one, both, await query];`,
    effects: "in a step",
    types: {
      union: "((name: string) => services.Query) | ((name: string) => services.Query & { readonly more: true })",
      overloads: "{ (name: string): services.Query; (name: number): null }",
      conditional: "<T extends string>(name: T) => T extends string ? services.Query : never",
    },
    refused: { "passed on": "PD2301", wrapped: "PD2301" },
  },
  {
    name: "executor",
    callee: "watch",
    from: "./services.ts",
    use: (watch) => `const seen = await new Promise<string>((resolve, reject) => {
    ${watch}("a", (error: Error | null, value?: string) => (error ? reject(error) : resolve(value!)));
  });
  try {
    await new Promise((resolve, reject) => ${watch}("bad", (error: Error | null, value?: string) => { if (error) return reject(error); resolve(value); }));
  } catch (error) {
    ${between}
    return [seen, (error as Error).message];
  }
  return seen;`,
    effects: "in a step",
    types: {
      union:
        "((name: string, done: (error: Error | null, value?: string) => void) => void) | ((name: string, done: (error: Error | null, value?: string) => void) => undefined)",
      overloads:
        "{ (name: string, done: (error: Error | null, value?: string) => void): void; (name: string): Promise<string> }",
      conditional:
        "<T extends string>(name: T, done: (error: Error | null, value?: string) => void) => T extends string ? void : never",
    },
    refused: { "passed on": "PD2105", wrapped: "PD2105" },
    refusedWithTypes: { union: "PD2105", overloads: "PD2105", "conditional type": "PD2105" },
  },
  {
    name: "executor-of-durable",
    callee: "attend",
    from: "./ledger.ts",
    use: (attend) => `const seen = await new Promise<string>((resolve, reject) => {
    ${attend}("a", (error: Error | null, value?: string) => (error ? reject(error) : resolve(value!)));
  });
  try {
    await new Promise((resolve, reject) => ${attend}("bad", (error: Error | null, value?: string) => { if (error) return reject(error); resolve(value); }));
  } catch (error) {
    ${between}
    return [seen, (error as Error).message];
  }
  return seen;`,
    effects: "in the turn",
    without: ["wrapped in the module"],
    inStep: ["higher-order", "Map"],
    types: {
      union:
        "((name: string, done: (error: Error | null, value?: string) => void) => void) | ((name: string, done: (error: Error | null, value?: string) => void) => undefined)",
      overloads:
        "{ (name: string, done: (error: Error | null, value?: string) => void): void; (name: string): Promise<string> }",
      conditional:
        "<T extends string>(name: T, done: (error: Error | null, value?: string) => void) => T extends string ? void : never",
    },
  },
  {
    name: "ordinary-with-function",
    callee: "apply",
    from: "./services.ts",
    use: (apply) => `let calls = 0;
  const one = ${apply}((n) => { calls++; return n + 1; }, 1);
  ${between}
  const two = ${apply}((n) => n * one + calls, 2);
  return [one, two, calls];`,
    effects: "in the turn",
    types: {
      union: "((fn: (n: number) => number, n: number) => number) | ((fn: (n: number) => number, n: number) => 0)",
      overloads: "{ (fn: (n: number) => number, n: number): number; (fn: null): null }",
      conditional: "<T extends number>(fn: (n: number) => number, n: T) => T extends number ? number : never",
    },
  },
  {
    name: "constructor",
    callee: "Price",
    from: "./services.ts",
    use: (price) => `const first = new (${price})(3);
  ${between}
  return [first.doubled(), first instanceof services.Price, new (${price})(4).amount];`,
    effects: "in the turn",
    types: {
      union: "typeof services.Price | (new (amount: number) => services.Price)",
      overloads: "{ new (amount: number): services.Price; new (amount: string): services.Price }",
      conditional: "services.Price extends { amount: number } ? typeof services.Price : never",
    },
    without: ["bound", "wrapped", "passed on"],
  },
  {
    name: "built-in",
    callee: "clone",
    from: "./services.ts",
    use: (clone) => `const list = { list: [1] };
  const copy = await ${clone}(list);
  list.list.push(2);
  ${between}
  return [copy.list.length, ${clone}({ a: 1 }).a, (await Promise.all([3].map((n) => ${clone}(n))))[0]];`,
    effects: "in the turn",
    types: {
      union: "(<T>(value: T) => T) | typeof structuredClone",
      overloads: "{ <T>(value: T): T; <T>(value: T, options: object): T }",
      conditional: "<T>(value: T) => T extends never ? never : T",
    },
  },
  {
    name: "fetch",
    callee: "request",
    from: "./services.ts",
    use: (request) => `const response = await ${request}("data:,hello");
  ${between}
  return [response.ok, await response.text(), await ${request}("data:,again").then((r) => r.text())];`,
    effects: "in a step",
    types: {
      union: "typeof fetch | ((url: string) => Promise<Response>)",
      overloads: "{ (url: string): Promise<Response>; (url: number): null }",
      conditional: "<T extends string>(url: T) => T extends string ? Promise<Response> : never",
    },
  },
  {
    name: "durable",
    callee: "settle",
    from: "./ledger.ts",
    use: (settle) => `const one = await ${settle}("a");
  const both = await Promise.all(["b", "c"].map((id) => ${settle}(id)));
  const mapped = await Promise.all(["d"].map(${settle}));
  return [one, both, mapped];`,
    effects: "in a step",
    types: {
      union: "((id: string) => Promise<string>) | ((id: string) => Promise<never>)",
      overloads: "{ (id: number): number; (id: string): Promise<string> }",
      conditional: "<T extends string>(id: T) => T extends string ? Promise<string> : number",
    },
  },
];

/** A way to name it: what stands in the module, and the function's body around the use. */
export interface Form {
  readonly name: string;
  readonly module?: (row: Row) => string;
  readonly body: (row: Row) => string;
}

const named = (name: string, expression: (x: string) => string, module?: (row: Row) => string): Form => ({
  name,
  ...(module ? { module } : {}),
  body: (row) => row.use(expression(row.callee)),
});
const type = (row: Row) => `typeof services.${row.callee}`;

export const forms: readonly Form[] = [
  named("import", (x) => x),
  named(
    "renamed import",
    (x) => `${x}Renamed`,
    ({ callee, from }) => `import { ${callee} as ${callee}Renamed } from "${from}";`,
  ),
  named(
    "default import",
    (x) => `${x}Default`,
    ({ callee }) => `import ${callee}Default from "./default-${callee}.ts";`,
  ),
  named("namespace", (x) => `services.${x}`),
  named("namespace element", (x) => `services["${x}"]`),
  named("optional member", (x) => `services?.${x}`),
  named(
    "re-exported",
    (x) => `${x}Again`,
    ({ callee }) => `import { ${callee} as ${callee}Again } from "./index.ts";`,
  ),
  named(
    "re-exported renamed",
    (x) => `${x}Other`,
    ({ callee }) => `import { other as ${callee}Other } from "./default-${callee}.ts";`,
  ),
  named("member of an object", (x) => `all.${x}`),
  named("member two levels down", (x) => `services.nested.deep.${x}`),
  named("method of a client", (x) => `services.client.${x}`),
  named(
    "constant of the module",
    (x) => `${x}Constant`,
    ({ callee }) => `const ${callee}Constant = ${callee};`,
  ),
  named(
    "destructured in the module",
    (x) => `${x}Taken`,
    ({ callee }) => `const { ${callee}: ${callee}Taken } = services;`,
  ),
  named(
    "wrapped in the module",
    (x) => `${x}Wrapped`,
    (row) =>
      row.name === "constructor"
        ? `const ${row.callee}Wrapped = ${row.callee};`
        : `import { memo } from "./default-${row.callee}.ts";\nconst ${row.callee}Wrapped = memo(${row.callee});`,
  ),
  { name: "destructured", body: (row) => `const { ${row.callee}: own } = services;\n  ${row.use("own")}` },
  { name: "constant", body: (row) => `const own = ${row.callee};\n  ${row.use("own")}` },
  {
    name: "variable",
    body: (row) =>
      `let own: ${type(row)} | undefined;\n  if (Math.max(1, 2) === 2) own = ${row.callee};\n  ${row.use("own!")}`,
  },
  {
    name: "parameter",
    body: (row) => `const go = async (own: ${type(row)}) => { ${row.use("own")} };\n  return go(${row.callee});`,
  },
  {
    name: "default parameter",
    body: (row) => `const go = async (own: ${type(row)} = ${row.callee}) => { ${row.use("own")} };\n  return go();`,
  },
  {
    name: "parameter object",
    body: (row) =>
      `const go = async ({ own }: { own: ${type(row)} }) => { ${row.use("own")} };\n  return go({ own: ${row.callee} });`,
  },
  {
    name: "container as parameter",
    body: (row) =>
      `const go = async (container: typeof services.client) => { ${row.use(`container.${row.callee}`)} };\n  return go(services.client);`,
  },
  {
    name: "closure",
    body: (row) => `const own = ${row.callee};\n  const go = async () => { ${row.use("own")} };\n  return go();`,
  },
  {
    name: "higher-order",
    body: (row) => `const make = () => ${row.callee};\n  ${row.use("make()")}`,
  },
  {
    name: "wrapped",
    body: (row) =>
      `const own = (...args: Parameters<${type(row)}>) => (${row.callee} as any)(...args) as ReturnType<${type(row)}>;\n  ${row.use("(own as any as " + type(row) + ")")}`,
  },
  {
    name: "passed on",
    body: (row) =>
      `const via = <A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R => fn(...args);\n  ${row.use(`((...args: any[]) => via(${row.callee} as any, ...args)) as any as ${type(row)}`.replace(/^(.*)$/, "($1)"))}`,
  },
  {
    name: "class field",
    body: (row) =>
      `class Service { readonly run = ${row.callee}; async go() { ${row.use("this.run")} } }\n  return new Service().go();`,
  },
  {
    name: "parameter property",
    body: (row) =>
      `class Service { constructor(private readonly run: ${type(row)}) {} async go() { ${row.use("this.run")} } }\n  return new Service(${row.callee}).go();`,
  },
  {
    name: "injected client",
    body: (row) =>
      `class Service { readonly client; constructor(client: typeof services.client) { this.client = client; } async go() { ${row.use(`this.client.${row.callee}`)} } }\n  return new Service(services.client).go();`,
  },
  {
    name: "private field",
    body: (row) =>
      `class Service { readonly #run = ${row.callee}; async go() { ${row.use("this.#run")} } }\n  return new Service().go();`,
  },
  {
    name: "static field",
    body: (row) =>
      `class Service { static readonly run = ${row.callee}; static async go() { ${row.use("this.run")} } }\n  return Service.go();`,
  },
  {
    name: "getter",
    body: (row) =>
      `class Service { get run() { return ${row.callee}; } async go() { ${row.use("this.run")} } }\n  return new Service().go();`,
  },
  {
    name: "inherited",
    body: (row) =>
      `class Base { readonly run = ${row.callee}; }\n  class Service extends Base { async go() { ${row.use("this.run")} } }\n  return new Service().go();`,
  },
  {
    name: "this of an object",
    body: (row) =>
      `const service = { run: ${row.callee}, async go() { ${row.use("this.run")} } };\n  return service.go();`,
  },
  {
    name: "table",
    body: (row) =>
      `const table = { one: ${row.callee} };\n  const key = "one" as keyof typeof table;\n  ${row.use("table[key]")}`,
  },
  { name: "array", body: (row) => `const [own] = [${row.callee}] as const;\n  ${row.use("own")}` },
  {
    name: "Map",
    body: (row) => `const map = new Map([["one", ${row.callee}]]);\n  ${row.use('map.get("one")!')}`,
  },
  { name: "bound", body: (row) => `const own: ${type(row)} = ${row.callee}.bind(null) as any;\n  ${row.use("own")}` },
  { name: "any", body: (row) => `const own: any = ${row.callee};\n  ${row.use("own")}` },
  { name: "union", body: (row) => `const own = ${row.callee} as unknown as ${row.types.union};\n  ${row.use("own")}` },
  {
    name: "overloads",
    body: (row) => `const own = ${row.callee} as unknown as ${row.types.overloads};\n  ${row.use("own")}`,
  },
  {
    name: "conditional type",
    body: (row) => `const own = ${row.callee} as unknown as ${row.types.conditional};\n  ${row.use("own")}`,
  },
  {
    name: "generic",
    body: (row) =>
      `const go = async <F extends ${type(row)}>(own: F) => { ${row.use("own")} };\n  return go(${row.callee});`,
  },
  {
    name: "mapped type",
    body: (row) =>
      `const api: { readonly [K in keyof typeof services]: (typeof services)[K] } = services;\n  ${row.use(`api.${row.callee}`)}`,
  },
  {
    name: "intersection",
    body: (row) => `const own: ${type(row)} & { readonly label?: string } = ${row.callee};\n  ${row.use("own")}`,
  },
];

export const formsOf = (row: Row): readonly Form[] => forms.filter(({ name }) => !row.without?.includes(name));
export const functionName = (form: Form): string => `by_${form.name.replace(/\W+/g, "_")}`;

/** The module of a row. */
export function moduleText(row: Row): string {
  const all = formsOf(row);
  return [
    '"use durable";',
    `import { ${row.callee} } from "${row.from}";`,
    `import * as services from "${row.from}";`,
    `import all from "${row.from}";`,
    ...all.flatMap((form) => (form.module ? [form.module(row)] : [])),
    ...all.map((form) => `export async function ${functionName(form)}(): Promise<unknown> {\n  ${form.body(row)}\n}`),
    "",
  ].join("\n");
}

/** Ordinary modules that export the row's callee in other ways. */
export const relayText = (row: Row): string => `import { ${row.callee} } from "${row.from}";
export { ${row.callee} as default, ${row.callee} as other } from "${row.from}";
export const memo = (fn: typeof ${row.callee}): typeof ${row.callee} => ((...args: any[]) => (fn as any)(...args)) as any;
export const unused = ${row.callee};
`;
