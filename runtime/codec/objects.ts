/** An Object of the language, functions included (ECMA-262 6.1.7). */
export const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";
