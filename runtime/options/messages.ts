/** Coded errors of what host code passes to the product: to an engine, a store, a trigger. */
import { coded, type MessageTable } from "../errors.ts";

export const messages = {
  PD2516: {
    slug: "argument-not-usable",
    text: "%call% was given %value% as %argument%; it takes %wanted%",
    fix: "pass %wanted%%hint%",
  },
  PD2517: {
    slug: "no-such-option",
    text: "%call% has no option %option%",
    fix: "%mend%",
  },
} as const satisfies MessageTable;

export const optionError = coded(messages);
