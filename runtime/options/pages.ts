/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD2516: `What cannot be meant is refused where it is passed, before anything is done with it. Two ways there are usual: a variable of the environment that is not set (its text is
\`undefined\`, as a number it is NaN), and arguments that are not in a list.

    engine.work({ concurrency: Number(process.env.CONCURRENCY) });            // before: NaN
    engine.work({ concurrency: Number(process.env.CONCURRENCY ?? 256) });     // after

    engine.start(checkout, order);                                           // before
    engine.start(checkout, [order]);                                         // after`,
  PD2517: `An option that nobody reads would be a setting that is not made. TypeScript finds most of them; code without types, and objects that were put together before, do not
tell.

    engine.work({ concurency: 10 });      // before
    engine.work({ concurrency: 10 });     // after`,
} as const satisfies MessagePages;
