/** Promises beyond plain awaits: thenables, chains, combinators over anything, promises that several fibers wait for, and the order of their jobs. */
import { type Context, fresh, readable } from "./expressions.ts";
import type { Made } from "./statements.ts";

type E = () => string;

/** What every module of programs begins with, for {@link promiseForms}. */
export const promisePrelude = `
const thenable = (how: any, value: any): any => ({
  get then(): any {
    log("then is read");
    if (how === 5) throw new Error("unreadable");
    return (resolve: any, reject: any): any => {
      log("then is called");
      if (how === 0) resolve(value);
      else if (how === 1) reject(new Error("refused by a thenable"));
      else if (how === 2) queueMicrotask(() => resolve(value));
      else if (how === 3) resolve(thenable(0, value));
      else if (how === 4) void get(value, 2).then(resolve, reject);
      else resolve(Promise.resolve(value).then((x) => (log("inside"), x)));
      if (how > 2) {
        reject(new Error("too late"));
        throw new Error("after it");
      }
    };
  },
});
const told = (error: any): any => {
  log("told", error?.name, error?.message ?? error, error?.errors?.length, error?.cause?.message);
  return 7;
};
`;

/** How a thenable settles: 0 to 6. */
const thenable = (context: Context, value: string): string => `thenable(${context.choices.below(7)}, ${value})`;

/** Promises of services. Where no type tells what a call yields and nothing awaits it, it is refused. */
const service = (context: Context, e: E, ms: number): string =>
  context.typed ? `get(${e()}, ${ms})` : `step(() => get(${readable(context)}, ${ms}))`;
const failing = (context: Context, ms: number): string =>
  context.typed ? `fail("m", ${ms})` : `step(() => fail("m", ${ms}))`;

/** What combinators are given: values, steps, thenables, promises of any state. */
function member(context: Context, e: E, ms: () => number): string {
  const { choices } = context;
  return choices.pick([
    () => service(context, e, ms()),
    () => e(),
    () => thenable(context, readable(context)),
    () => `Promise.resolve(${e()})`,
    () => `Promise.reject(new Error("r" + ${readable(context)}))`,
    () => failing(context, ms()),
    () => `(async () => { log("runs"); return ${readable(context)}; })()`,
    () => `(async () => get(${readable(context)}, ${ms()}))()`,
    () => `sleep(${ms()}).then(() => ${readable(context)})`,
    () => `new Promise<any>((resolve) => setTimeout(resolve, ${ms()}, ${readable(context)}))`,
  ])();
}

const handler = (context: Context, x: string): string =>
  context.choices.pick([
    `(${x}: any) => (log("then", ${x}), ${x})`,
    `(${x}: any) => { throw new Error("thrown in then", { cause: new Error(String(${x})) }); }`,
    `(${x}: any) => get(${x}, 2)`,
    `async (${x}: any) => (await get(${x}, 1), ${readable(context)})`,
    `() => ${thenable(context, readable(context))}`,
    "undefined",
    "3 as any",
  ]);

/** `.then(…)` and the like, one after the other. */
function chain(context: Context): string {
  const { choices } = context;
  let text = "";
  for (let i = choices.below(3); i >= 0; i--) {
    const x = fresh(context, "c");
    text += choices.pick([
      () => `.then(${handler(context, x)})`,
      () => `.then(${handler(context, x)}, ${handler(context, fresh(context, "c"))})`,
      () => `.catch(${handler(context, x)})`,
      () => `.finally(() => { log("finally", ${readable(context)}); })`,
      () => `.finally(() => get(1, ${1 + choices.below(4)}))`,
      () => ".finally(() => { throw new Error('thrown in finally'); })",
    ])();
  }
  return text;
}

/** Expressions that await promises of all sorts; what they reject with is told. */
export function promiseForms(context: Context, e: E, ms: () => number): (() => string)[] {
  const { choices } = context;
  const members = (): string => {
    const count = 1 + choices.below(4);
    return Array.from({ length: count }, () => member(context, e, ms)).join(", ");
  };
  const combinator = (): string => `Promise.${choices.pick(["all", "race", "any", "allSettled"])}`;
  const counted = (of: string): string => `(await ${of}.then((x: any) => (log(x), 1), told))`;
  return [
    () => `(await ${thenable(context, e())})`,
    () => `((await ${combinator()}([${members()}]).catch(told)) as any, 1)`,
    () => counted(`${combinator()}(noisy(${members()}))`),
    () => counted(`Promise.all([${members()}])${chain(context)}`),
    () => counted(`(${member(context, e, ms)} as any, Promise.resolve(${member(context, e, ms)}))${chain(context)}`),
    () =>
      counted(
        `new Promise<any>((resolve, reject) => { log("executor"); ${choices.pick([`resolve(${member(context, () => readable(context), ms)})`, `reject(${readable(context)})`])}; ${choices.pick(["resolve(2);", "reject(3);", "throw 4;", ""])} })${chain(context)}`,
      ),
    () => counted(`(async () => { ${choices.pick(["return", "return await"])} ${member(context, e, ms)}; })()`),
    () =>
      `(await (async () => { try { return await ${member(context, e, ms)}; } catch (error) { return told(error); } finally { log("left"); } })())`,
  ];
}

/** A promise that is made before others wait for it, and settled by whoever comes. */
export function promiseStatements(context: Context, indent: string, e: E): (() => Made)[] {
  const { choices } = context;
  const ms = (): number => 1 + choices.below(6);
  const lines = (...texts: string[]): Made => ({ text: texts.map((text) => `${indent}${text}\n`).join("") });
  const waits = (p: string): string =>
    choices.pick([
      `fibers.push(settled(async () => [await ${p}, await ${p}]));`,
      `fibers.push(settled(() => ${p}${chain(context)}));`,
      `void ${p}${chain(context)}.then((x: any) => { log("heard", x); }, told);`,
      `fibers.push(settled(() => Promise.race([${p}, sleep(${ms()}).then(() => 8)])));`,
    ]);
  return [
    () => {
      const [p, go] = [fresh(context, "p"), fresh(context, "go")];
      const settle = choices.pick(["resolve", "reject"]);
      return lines(
        `let ${go}: any; const ${p}: any = new Promise<any>((resolve, reject) => { ${go} = ${settle}; });`,
        waits(p),
        waits(p),
        `void ${p}.catch(() => {});`,
        choices.pick([
          `${go}(${e()});`,
          `setTimeout(() => ${go}(${readable(context)}), ${ms()});`,
          `fibers.push(settled(async () => { await get(1, ${ms()}); ${go}(${readable(context)}); ${go}(9); }));`,
          // A reason that is a thenable would be an operand of steps, which call it.
          `${go}(${settle === "resolve" ? thenable(context, readable(context)) : readable(context)});`,
        ]),
      );
    },
    () => {
      const p = fresh(context, "p");
      return lines(
        `const ${p}: any = ${choices.pick([service(context, e, ms()), `(async () => { await null; return get(${readable(context)}, ${ms()}); })()`, `sleep(${ms()}).then(() => ${readable(context)})`])};`,
        waits(p),
        waits(p),
        `log(Promise.resolve(${p}) === ${p});`,
      );
    },
    () => {
      const mark = fresh(context, "t");
      return lines(
        `fibers.push(settled(async () => { for (let i = 0; i < 3; i++) { await ${choices.pick(["null", "undefined", "thenable(0, 1)", "(async () => {})()", "Promise.resolve()"])}; log("${mark}", i); } }));`,
        `void Promise.resolve()${chain(context)}.then((x: any) => { log("${mark} chained", x); }, told);`,
      );
    },
  ];
}
