/** `using` and `await using`: blocks, loops, and resources whose disposal fails. */
import { type Context, fresh } from "./expressions.ts";

type E = () => string;

/** Statements with resources; `block` writes what uses the given one. */
export function resources(context: Context, e: E, block: (name: string) => string, end: string): (() => string)[] {
  const { choices } = context;
  const ms = (): number => 1 + choices.below(5);
  const isAsync = (): boolean => context.canAwait && choices.once(2);
  const maybe = (made: string): string => choices.pick([made, made, `(${e()} ? ${made} : null)`]);
  return [
    () => {
      const name = fresh(context, "u");
      const declared = isAsync()
        ? `await using ${name}: any = ${maybe(`disposedLater(${e()}, ${ms()})`)};`
        : `using ${name}: any = ${maybe(`disposed(${e()})`)};`;
      return `{\n${declared}\n${block(`${name}?.held`)}${end}`;
    },
    () => {
      const [a, b] = [fresh(context, "u"), fresh(context, "u")];
      const last = context.canAwait
        ? `await using ${b}: any = ${maybe(`disposedLater(${e()}, ${ms()})`)};`
        : `using ${b}: any = null;`;
      return `{\nusing ${a}: any = disposed(${e()});\n${last}\n${block(`${a}.held`)}${end}`;
    },
    () => {
      const name = fresh(context, "u");
      return `for (${isAsync() ? "await using" : "using"} ${name} of [disposed(${e()}), disposed(${e()})]) {\n${block(`${name}.held`)}${end}`;
    },
  ];
}
