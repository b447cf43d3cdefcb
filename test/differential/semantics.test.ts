/**
 * The tricky semantics of suspension, each with the programs that hold it natively, as machines and saved between any two jobs (`programs.test.ts`
 * runs them), or with the fixture of its refusal where only sloppy mode has it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programs, root } from "./compile.ts";

interface Item {
  readonly what: string;
  /** `path name` below `fixtures/programs`, without `.ts`. */
  readonly programs: readonly string[];
  /** Folders of `fixtures/rejected`. */
  readonly refused?: readonly string[];
}

const semantics: Readonly<Record<number, Item>> = {
  1: {
    what: "operands before a suspension are read before it, and kept as values",
    programs: [
      "operands/order leftOperandIsReadBefore",
      "operands/order argumentsInOrder",
      "assignment/targets computedTargetOrder",
    ],
  },
  2: {
    what: "receiver and function of a member call are read before its arguments",
    programs: ["operands/order methodAndReceiverAreReadFirst", "operands/order missingMethodThrowsAfterArguments"],
  },
  3: {
    what: "compound assignment reads old value and key once, before",
    programs: ["assignment/targets compoundReadsOldValueFirst", "assignment/targets compoundMemberKeyOnce"],
  },
  4: {
    what: "logical operators and assignments, and ?:, suspend in the arm that is taken only",
    programs: [
      "assignment/targets logicalAssignmentDoesNotWriteWhenShort",
      "conditional/short-circuit andStopsEarly",
      "conditional/short-circuit conditionalOneArm",
    ],
  },
  5: {
    what: "an optional chain has one short circuit; delete of one",
    programs: [
      "conditional/short-circuit optionalChainShortCircuitsWhole",
      "conditional/short-circuit optionalDelete",
      "conditional/long-chains *",
    ],
  },
  6: {
    what: "spread, holes and getters in literals and calls, in their turn",
    programs: [
      "operands/order spreadIsReadInPlace",
      "operands/order arrayLiteralWithHoles",
      "semantics/objects gettersInTheirTurn",
    ],
  },
  7: {
    what: "keys before values, __proto__, home objects, accessor pairs, names from keys",
    programs: [
      "operands/order objectLiteralOrder",
      "operands/order protoInLiteral",
      "values/proto-keys *",
      "closures/named-by-keys methodsThatSaySuper",
      "semantics/objects accessorsOfLiteralsAreSaved",
    ],
  },
  8: {
    what: "ToString of each part of a template in its turn; one strings object for each site, the same after a resume",
    programs: [
      "operands/order templateToStringTiming",
      "semantics/objects oneTemplateObjectForEachSite",
      "semantics/objects templateObjectsAsKeys",
      "semantics/objects tagsOfSuper",
      "semantics/objects tagsInNewAndChains",
    ],
  },
  9: {
    what: "dead zones, after a resume too",
    programs: ["scopes/bindings deadZoneAfterResume", "scopes/bindings typeofInDeadZoneThrows"],
  },
  10: {
    what: "each iteration of a for has variables of its own, copied before the update",
    programs: ["loops/counting closuresOwnTheirIteration", "loops/counting copyIsMadeBeforeTheUpdate"],
  },
  11: {
    what: "dead zone of the heads of for in and for of, closures in them, fresh variables",
    programs: [
      "corners/corners closureOfALoopHeadSeesItsDeadZone",
      "loops/iterating freshBindingEachTime",
      "loops/iterating headIsInItsOwnScope",
    ],
  },
  12: {
    what: "shadowing in blocks and classes",
    programs: ["scopes/bindings shadowsWithClosures", "scopes/bindings siblingsDoNotMix"],
  },
  13: {
    what: "functions in blocks, hoisted (annex B.3.2 is sloppy mode's)",
    programs: ["scopes/bindings functionInBlock", "scopes/bindings laterFunctionWins", "functions/hoisted-twice *"],
  },
  14: {
    what: "classes declared in the body, with fields, private names and static blocks",
    programs: [
      "classes/declared everyKindOfMember",
      "classes/declared staticStateAndBlocks",
      "classes/declared privateStateIsRevivedWithItsMethods",
      "classes/declared identityAcrossSaves",
      "classes/declared oneClassForEachTurnOfALoop",
    ],
  },
  15: {
    what: "await in heritage and keys, in order, in the class's dead zone",
    programs: ["classes/declared heritageAndKeysWithAwaits", "corners/corners classIsInItsDeadZoneInItsKeys"],
    refused: ["PD1122-decorator-on-durable-code"],
  },
  16: {
    what: "super everywhere, with awaited keys and arguments, and its home object after a resume",
    programs: [
      "classes/declared superInAllPositions",
      "corners/classes-inside superInEveryPlace",
      "functions/super-in-literals superInLiterals",
    ],
  },
  17: {
    what: "this, arguments and new.target of arrows",
    programs: [
      "semantics/objects newTargetAndThisInArrows",
      "functions/this-and-parameters thisInArrows",
      "functions/this-and-parameters argumentsInArrow",
    ],
  },
  18: {
    what: "strict arguments do not alias; callee and caller are poisoned",
    programs: ["semantics/objects argumentsOfStrictFunctions", "functions/this-and-parameters argumentsDoNotAlias"],
    refused: ["PD1004-caller-and-callee", "PD1003-sloppy-mode-construct"],
  },
  19: {
    what: "errors of defaults reject (async), throw at the call (generators); a scope of their own",
    programs: [
      "functions/this-and-parameters defaultThatThrowsRejects",
      "functions/this-and-parameters parameterScopeIsSeparate",
      "generators/sync properties",
    ],
  },
  20: {
    what: "iterators of patterns stay open across a suspension and are closed on throw and return",
    programs: [
      "semantics/destructuring everyDeclarationForm",
      "semantics/destructuring closedOnAThrowingDefault",
      "destructuring/patterns iteratorStaysOpen",
    ],
  },
  21: {
    what: "the target's reference before the step, the default only for undefined",
    programs: ["semantics/destructuring targetsOfAssignments", "destructuring/patterns assignmentTargetBeforeStep"],
  },
  22: {
    what: "the rest of an object without the evaluated keys",
    programs: ["semantics/destructuring computedKeysInOrder", "destructuring/patterns restExcludesEvaluatedKeys"],
  },
  23: {
    what: "the pending return value is kept across awaits of finally, which may override it",
    programs: [
      "exceptions/finally pendingReturnOfAwaited",
      "exceptions/finally returnOverridesReturn",
      "exceptions/finally returnOverridesThrow",
    ],
  },
  24: {
    what: "a finally that throws or jumps discards the pending completion",
    programs: [
      "exceptions/finally throwOverridesThrow",
      "exceptions/finally breakOverridesThrow",
      "exceptions/finally nestedPendingCompletions",
    ],
  },
  25: {
    what: "return x and return await x in a try; generators await what they return",
    programs: ["exceptions/try onlyTheAwaitedIsGuarded", "generators/async returnIsAwaitedInEveryState"],
  },
  26: {
    what: "jumps to outer labels through finallys and iterators",
    programs: [
      "corners/corners continueThroughFinallyAndIterators",
      "loops/iterating breakOuterClosesBoth",
      "using/sync jumpsDisposeOnTheirWay",
    ],
  },
  27: {
    what: "patterns, scopes and identity of what is caught",
    programs: [
      "semantics/destructuring catchParameters",
      "exceptions/try catchScope",
      "exceptions/try rethrowKeepsIdentity",
    ],
  },
  28: {
    what: "switch: tests as needed, in order; fall through; one scope",
    programs: [
      "switch/cases testsInOrderAsNeeded",
      "switch/cases defaultInTheMiddle",
      "switch/cases oneScopeForAllCases",
    ],
  },
  29: {
    what: "return() of an iterator: once, its result checked, its error ignored when throwing already",
    programs: [
      "semantics/destructuring errorsOfReturnGiveWay",
      "corners/corners resultOfCloseIsChecked",
      "loops/iterating errorOfCloseIsIgnoredWhenThrowing",
    ],
  },
  30: {
    what: "for await: wraps sync iterators, awaits return(), closes on a rejected value",
    programs: ["generators/for-await closesASyncIterator", "generators/for-await leavesThroughEveryDoor"],
  },
  31: {
    what: "live iterators across a suspension, changes of the collection visible",
    programs: [
      "loops/iterating mapIteratorIsLive",
      "loops/iterating setIteratorIsLive",
      "loops/iterating arrayGrowsDuringIteration",
    ],
  },
  32: {
    what: "for in: keys, position, deleted keys",
    programs: ["loops/iterating forInSeesDeletion", "loops/iterating forInInherited"],
  },
  33: {
    what: "requests to an async generator wait in order; return(v) awaits v in every state",
    programs: ["generators/async requestsWaitInOrder", "generators/async returnIsAwaitedInEveryState"],
  },
  34: {
    what: "yield awaits its operand; return() at a yield before finally",
    programs: ["generators/async yieldAwaitsItsOperand", "generators/async throwInEveryState"],
  },
  35: {
    what: "yield* in async generators",
    programs: ["generators/async delegatesToDurableObjects", "generators/async delegatesToSync"],
  },
  36: {
    what: "a generator that is running; one that is done",
    programs: ["generators/async askedWhileItRuns", "generators/sync statesAndRegions"],
  },
  37: {
    what: "ticks of await and return; thenables are asked once, in a later job",
    programs: [
      "promises/ticks ticksOfAwait",
      "promises/ticks ticksOfReturn",
      "promises/ticks thenOfThenablesIsCalledLater",
    ],
  },
  38: {
    what: "the promise that the caller holds rejects; an async function never throws",
    programs: ["functions/this-and-parameters neverThrowsSynchronously", "promises/combinators sameErrorToAll"],
  },
  39: {
    what: "using and await using",
    programs: [
      "using/sync errorsOfDisposalsAreChained",
      "using/sync eachIterationDisposesOfItsOwn",
      "using/async mixedWithUsingTheOrderIsTheReverseOne",
      "using/async aDisposalMayBeSavedInTheMiddle",
    ],
    refused: ["PD1008-misplaced-using"],
  },
  40: {
    what: "errors across a resume: stack, cause, aggregates, and what is no Error",
    programs: [
      "exceptions/try stackIsKept",
      "exceptions/try aggregate",
      "exceptions/try throwOfAnyValue",
      "values/kinds errorsAsData",
    ],
  },
  41: {
    what: "names of anonymous functions and classes, lengths",
    programs: [
      "semantics/objects namesAndLengths",
      "semantics/destructuring namesOfAnonymousDefaults",
      "closures/captured namesAndLengths",
    ],
  },
  42: {
    what: "sloppy mode: with, direct eval, labelled functions, reserved words; strict this",
    programs: ["functions/this-and-parameters thisIsUndefined", "corners/corners directivesAndUnusedLabels"],
    refused: ["PD1001-direct-eval", "PD1002-with-statement", "PD1003-sloppy-mode-construct"],
  },
};

test("all of them are here", () => {
  expect(Object.keys(semantics).map(Number)).toEqual(Array.from({ length: 42 }, (_, i) => i + 1));
});

test.each(Object.entries(semantics))("%s", (_, item) => {
  for (const one of item.programs) {
    const [path, name] = one.split(" ") as [string, string];
    const text = readFileSync(join(programs, `${path}.ts`), "utf8");
    expect(text, one).toMatch(
      name === "*" ? /^export async function/m : new RegExp(`^export async function ${name}\\(`, "m"),
    );
  }
  for (const folder of item.refused ?? [])
    expect(existsSync(join(root, "fixtures/rejected", folder, "expected.txt")), folder).toBe(true);
});
