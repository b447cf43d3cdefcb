/** What the product refuses for now, with the coded error that says so: never a wrong answer. */

/** Modules that the compiler refuses, by path. */
export const refusedModules: ReadonlyMap<string, RegExp> = new Map([]);

/** Programs that block in a run, by path and name. */
export const refused: ReadonlyMap<string, RegExp> = new Map([
  // Iterators made by the platform: a live one as a value, or one that a call yields to a loop.
  ["fibers/patterns.ts callbacksAcrossFibers", /PD4001.*iterator of the platform/],
  ["fibers/patterns.ts sharedIteratorOfFibers", /PD4001.*iterator of the platform/],
  ["loops/iterating.ts argumentsAreIterable", /PD4001.*iterator of the platform/],
  ["loops/iterating.ts iteratorByHand", /PD4001.*iterator of the platform/],
  ["loops/iterating.ts mapViews", /PD4001.*iterator of the platform/],
  ["loops/iterating.ts twoFibersOverOneMap", /PD4001.*iterator of the platform/],
  ["values/kinds.ts iteratorsOfCollections", /PD4001.*iterator of the platform/],
  // Bound functions.
  ["closures/captured.ts boundFunctions", /PD4001.*bound function/],
  ["functions/this-and-parameters.ts callApplyBindAsync", /PD2301.*bound function/s],
  // A `const` operand whose initializer awaits.
  ["steps/expressions.ts commandInAConstant", /PD2301/],
  ["values/kinds.ts importedAsValues", /PD2101/],
  ["promises/ticks.ts ticksOfReturn", /stands at an unnamed block/],
]);

/** Programs that observe something else than natively, by path and name: open bugs. One that is mended leaves this list. */
export const open: ReadonlySet<string> = new Set([
  "classes/instances.ts classExpressionNames",
  "classes/instances.ts staticThis",
  "closures/captured.ts namesAndLengths",
  "functions/this-and-parameters.ts parameterScopeIsSeparate",
  "operands/order.ts namesInLiteral",
  "operands/order.ts taggedTemplateObjectIsOnePerSite",
  "steps/expressions.ts queryInAConstant",
  "timers/clock.ts abortableSleep",
]);

/** Refusals that random programs run into, by their text. */
export const refusals: readonly RegExp[] = [
  /stands at an unnamed block/,
  /PD4001: run \(value\)/,
  /PD4001.*iterator of the platform/,
  // A receiver or operand that holds an await is not kept as its expression.
  /PD2301.*an instance of the ordinary class/,
];
