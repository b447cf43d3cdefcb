/** Fibers that share more than variables: collections that they change while others iterate, queues, streams with several readers, and cancellation. */
import { type Context, fresh, readable } from "./expressions.ts";
import type { Made } from "./statements.ts";

type E = () => string;

/** What every module of programs begins with, for {@link fiberStatements}. */
export const fiberPrelude = `
const queue = (): any => {
  const items: any[] = [];
  const waiting: ((value: any) => void)[] = [];
  return {
    put(value: any): any {
      const taker = waiting.shift();
      taker === undefined ? items.push(value) : taker(value);
      return items.length;
    },
    take(): Promise<any> {
      if (items.length > 0) return Promise.resolve(items.shift());
      return Promise.race([new Promise<any>((resolve) => waiting.push(resolve)), sleep(30).then(() => 9)]);
    },
    async *all(): any {
      for (let i = 0; i < 3; i++) yield await this.take();
    },
  };
};
const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
`;

/** Variables of a program that {@link fiberStatements} share. */
export const fiberVariables = `  const shared: any = { list: [1, 2], map: new Map([[1, 2]]), set: new Set([1]), queue: queue(), stop: new AbortController() };
`;

/** Statements over what the fibers of a program share; `block` writes the statements of a fiber, or of a loop. */
export function fiberStatements(
  context: Context,
  indent: string,
  e: E,
  block: (of: "fiber" | "loop", name?: string) => string,
): (() => Made)[] {
  const { choices } = context;
  const end = `${indent}}`;
  const ms = (): number => 1 + choices.below(9);
  const lines = (...texts: string[]): Made => ({ text: texts.map((text) => `${indent}${text}\n`).join("") });
  const fiber = (head: string, body: string, tail: string): Made =>
    lines(`fibers.push(settled(async () => {\n${indent}${head}\n${body}${indent}${tail}\n${end}));`);
  const change = (): string =>
    choices.pick([
      `if (shared.list.length < 6) shared.list.push(${e()});`,
      `shared.list.splice(${e()} & 1, 1);`,
      `if (shared.map.size < 6) shared.map.set(${e()}, ${e()});`,
      `shared.map.delete(${e()});`,
      `if (shared.set.size < 6) shared.set.add(${e()});`,
      `shared.set.delete(${e()});`,
      `log(shared.list, shared.map, shared.set);`,
    ]);
  const iterated = (): string =>
    choices.pick(["shared.list", "shared.map.values()", "shared.map.keys()", "shared.set", "shared.list.keys()"]);
  const signal = "shared.stop.signal";
  return [
    () => lines(change(), change()),
    () => {
      const [name, turns] = [fresh(context, "s"), fresh(context, "n")];
      // A loop over what others fill would not have to end.
      return lines(
        `let ${turns} = 0;`,
        `for (const ${name} of ${iterated()} as any) {\n${indent}  if (${turns}++ > 3) break;\n${block("loop", name)}${end}`,
      );
    },
    () => lines(`log("left", shared.queue.put(${e()}));`),
    () =>
      context.canAwait
        ? lines(`log("took", await shared.queue.take());`)
        : lines(`fibers.push(settled(() => shared.queue.take()));`),
    () => {
      const stream = fresh(context, "q");
      const reader = (ms: number): string =>
        `fibers.push(settled(async () => [(await ${stream}.next()).value, await get(${readable(context)}, ${ms}), (await ${stream}.next()).value]));`;
      return lines(
        `const ${stream}: any = shared.queue.all();`,
        reader(ms()),
        reader(ms()),
        ...(choices.once(3) ? [`fibers.push(settled(() => ${stream}.return(${readable(context)})));`] : []),
      );
    },
    () => fiber(`try {`, block("fiber"), `} finally { log("stopped", ${signal}.aborted, await get(1, ${ms()})); }`),
    () =>
      fiber(
        `try {\n${indent}  await Promise.race([whenAborted(${signal}), sleep(${ms()})]);`,
        block("fiber"),
        `} catch (error: any) { log("aborted", error?.name ?? error); }`,
      ),
    () => lines(`${choices.pick(["", `if (${e()}) `])}shared.stop.abort(${choices.pick(["", e()])});`),
    () =>
      lines(
        `setTimeout(() => { shared.stop.abort(${readable(context)}); shared.stop = new AbortController(); }, ${ms()});`,
      ),
    () => fiber(`for (let i = 0; i < 3; i++) {\n${indent}  ${signal}.throwIfAborted();`, block("fiber"), "}"),
  ];
}
