/** How many arguments a function can look at, from its text: what it cannot see need not be saved for it. */

const OPENING = "([{";
const CLOSING = ")]}";

/**
 * Upper bound of the arguments that `fn` can observe. Infinity when in doubt: native and bound functions, rest parameters, `arguments`, text that this
 * does not understand.
 */
export function observableArguments(fn: Function): number {
  const text = Function.prototype.toString.call(fn).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ");
  if (/\[native code\]|\barguments\b|\beval\b|\.\.\.|^\s*class\b/.test(text)) return Number.POSITIVE_INFINITY;
  if (/^\s*(async\s+)?[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>/u.test(text)) return 1;
  const open = text.indexOf("(");
  // A computed name of a method may hold anything.
  return /^[\p{ID_Continue}$\s*#]*$/u.test(text.slice(0, Math.max(open, 0))) && open >= 0
    ? countParameters(text, open)
    : Number.POSITIVE_INFINITY;
}

/** Counts the parameters of the list that opens at `open`. A string or regular expression among the defaults is in doubt. */
function countParameters(text: string, open: number): number {
  let depth = 0;
  let count = 0;
  let empty = true;
  for (let i = open; i < text.length; i++) {
    const c = text[i]!;
    if (OPENING.includes(c)) depth++;
    else if (CLOSING.includes(c) && --depth === 0) return empty ? count : count + 1;
    else if ("\"'`/".includes(c)) break;
    else if (c === "," && depth === 1) {
      count++;
      empty = true;
    } else if (c.trim() !== "") empty = false;
    if (depth > 1) empty = false;
  }
  return Number.POSITIVE_INFINITY;
}
