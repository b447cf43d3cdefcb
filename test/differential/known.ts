/** What the product refuses for now, with the coded error that says so: never a wrong answer. */

/** Modules that the compiler refuses, by path. */
export const refusedModules: ReadonlyMap<string, RegExp> = new Map([
  ["classes/private-inside.ts", /PD1104/],
  ["classes/super-inside.ts", /PD1101/],
  ["corners/classes-inside.ts", /PD110[14]/],
  ["functions/super-in-literals.ts", /PD1101/],
]);

/** Programs that block in a run, by path and name. */
export const refused: ReadonlyMap<string, RegExp> = new Map([]);
