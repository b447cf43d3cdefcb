/** Why a test of a list does not pass: the headings of the files in `expected`, and no others. */

/** Beside `refused PD####`, whose page in docs/errors says why. */
export const reasons: Readonly<Record<string, string>> = {
  native: "fails without the compiler too: it is not counted",
  "warned PD1201":
    "it changes a built-in or the global object, or leaves a function of the run there: they are no part of a run, and the runtime uses them",
  "parser: TypeScript refuses the syntax": "its tables of Unicode are older, or it judges more than the grammar",
  slow: "no verdict within two minutes, alone",
};

/** Classes of what cannot be saved in principle (PD4001), by what the message says. */
const unsavable: readonly (readonly [says: RegExp, what: string])[] = [
  [/it is a Proxy/, "a Proxy, whose handler is hidden"],
  [/has private names of the class/, "private names on an object of another class"],
  [
    /which extends a built-in/,
    "an instance over a WeakMap, WeakSet or SharedArrayBuffer, or of the harness's own classes",
  ],
  [/iterator of the platform/, "an iterator of the platform, whose position is hidden"],
  [/namespace of a module/, "a module that `import()` was asked for by no string"],
  [/ordinary c(?:ode|lass)/, "a function or class made from text, or in another realm: no name leads to it"],
];

/** What a refusal is listed under. */
export function refusal(code: string, error: string): string {
  const what = code === "PD4001" ? unsavable.find(([says]) => says.test(error))?.[1] : undefined;
  return what === undefined ? `refused ${code}` : `refused ${code}: ${what}`;
}

const REFUSED = /^refused PD\d{4}(?:: (.+))?$/;

export function isReason(text: string): boolean {
  const [refused, what] = REFUSED.exec(text) ?? [];
  return Object.hasOwn(reasons, text) || (refused !== undefined && (!what || unsavable.some((one) => one[1] === what)));
}
