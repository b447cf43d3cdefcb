/** Programs that the product refuses for now, by path and name, with the coded error that says so. Never a wrong answer. */
export const refused: ReadonlyMap<string, RegExp> = new Map([]);
