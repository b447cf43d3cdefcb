/**
 * The support table: what becomes of each construct of the language in durable code, with the fixture that shows it. With the rows of
 * `language.ts` and what the lowering refuses it is printed as `docs/language.md`.
 */
import { type DiagnosticCode, messages } from "../diagnostics/messages.ts";
import { LANGUAGE } from "./language.ts";

/**
 * `durable`: its state is a part of the run. `by reference`: saved by name, and found again where the run goes on. `in the process`: not
 * saved, ordinary code.
 */
export type Meaning = "durable" | "by reference" | "in the process";

export interface SupportRow {
  /** In words, Markdown. */
  readonly construct: string;
  readonly means: Meaning;
  /** What one may want to know; Markdown. */
  readonly note?: string;
  readonly fixture: Fixture;
  /** More of them: what stands in code in `construct` occurs in one or the other. */
  readonly also?: readonly Fixture[];
}

/** Below `fixtures`: a file, and where the file has many programs one of them. */
export type Fixture = readonly [file: string, program?: string];

export const SUPPORTED: readonly SupportRow[] = [
  {
    construct: "async functions, arrows and methods",
    means: "durable",
    fixture: ["programs/functions/this-and-parameters.ts", "runsToFirstAwaitAtOnce"],
  },
  {
    construct: "`await` wherever an expression may stand",
    means: "durable",
    note: "operands before it are kept",
    fixture: ["programs/operands/order.ts", "threeOperands"],
  },
  {
    construct: "`if`, `?:`, `&&`, `||`, `??`, logical assignment, optional chains",
    means: "durable",
    fixture: ["programs/conditional/short-circuit.ts", "optionalChainShortCircuitsWhole"],
    also: [
      ["programs/conditional/short-circuit.ts", "mixedLogical"],
      ["programs/conditional/short-circuit.ts", "defaultByOr"],
      ["programs/conditional/short-circuit.ts", "conditionalOneArm"],
      ["programs/conditional/short-circuit.ts", "ifElseChain"],
    ],
  },
  {
    construct: "`for`, `while`, `do`, labels, `break`, `continue`",
    means: "durable",
    note: "variables of each iteration are its own",
    fixture: ["programs/loops/counting.ts", "closuresOwnTheirIteration"],
    also: [
      ["programs/loops/counting.ts", "nestedWhilesWithLabels"],
      ["programs/loops/counting.ts", "doWhile"],
    ],
  },
  {
    construct: "`for of`",
    means: "durable",
    note: "over arrays, strings, typed arrays, maps, sets and the matches of `matchAll` with their position, over durable iterators; iterators of ordinary code cannot be saved",
    fixture: ["programs/loops/iterating.ts", "mapIteratorIsLive"],
  },
  { construct: "`for in`", means: "durable", fixture: ["programs/loops/iterating.ts", "forInSeesDeletion"] },
  {
    construct: "`for await`",
    means: "durable",
    note: "over durable generators and objects, arrays of promises",
    fixture: ["programs/generators/for-await.ts", "overAnAsyncGenerator"],
  },
  {
    construct: "`for await` over a stream, cursor or generator of ordinary code, whose body waits for nothing",
    means: "in the process",
    note: "the whole loop is one step, where types show whose iterator it is ([PD1006](errors/PD1006.md) has the conditions)",
    fixture: ["real/language/loops-of-feeds.ts"],
  },
  {
    construct:
      'what belongs to a connection or descriptor of this process: `await body.json()` of undici, `await object.Body!.transformToString()` of S3, `await client.query("BEGIN")` of pg, `await client.connect()` of what is made here, `await file.readFile("utf8")`',
    means: "in the process",
    note: "with types: the statements from the call that yields it to the last that uses it are one step, where nothing else is waited for or started between them",
    fixture: ["real/http/undici-bodies.ts"],
    also: [
      ["real/aws/s3-body-stream.ts"],
      ["real/databases/pg-transaction-client.ts"],
      ["real/databases/pg-client.ts"],
      ["real/databases/store-quick-start.ts"],
      ["real/messages/file-handle.ts"],
    ],
  },
  { construct: "`switch`", means: "durable", fixture: ["programs/switch/cases.ts", "testsInOrderAsNeeded"] },
  {
    construct: "`try`, `catch`, `finally`",
    means: "durable",
    note: "pending completions too",
    fixture: ["programs/exceptions/finally.ts", "nestedPendingCompletions"],
    also: [["programs/exceptions/finally.ts", "throwThroughFinallysToCatch"]],
  },
  {
    construct: "generators and `yield*`",
    means: "durable",
    fixture: ["programs/generators/sync.ts", "statesAndRegions"],
    also: [["programs/generators/sync.ts", "objectMethodsAndExpressions"]],
  },
  {
    construct: "async generators",
    means: "durable",
    note: "with the requests that wait",
    fixture: ["programs/generators/async.ts", "requestsWaitInOrder"],
  },
  {
    construct: "`using`",
    means: "durable",
    note: "in blocks, bodies, heads of `for` and `for of`. Lowered everywhere, since no Node before 24 parses it. Without `SuppressedError` (Node before 24) an `Error` of that name",
    fixture: ["programs/using/sync.ts", "errorsOfDisposalsAreChained"],
  },
  {
    construct: "`await using`",
    means: "durable",
    note: "a disposal may wait for days; one of ordinary code is a step. A resource that cannot be saved must not live across an `await`: put it into one `step`",
    fixture: ["programs/using/async.ts", "aDisposalMayBeSavedInTheMiddle"],
  },
  {
    construct: "destructuring, with `await` in defaults, keys and targets",
    means: "durable",
    note: "iterators stay open, and are closed",
    fixture: ["programs/semantics/destructuring.ts", "everyDeclarationForm"],
  },
  {
    construct: "parameters: defaults, patterns, rest",
    means: "durable",
    fixture: ["programs/semantics/destructuring.ts", "parametersOfEveryFunction"],
  },
  {
    construct: "`let`, `const`, `var`, their dead zones, functions in blocks",
    means: "durable",
    fixture: ["programs/scopes/bindings.ts", "deadZoneAfterResume"],
    also: [["programs/scopes/bindings.ts", "varIsHoisted"]],
  },
  {
    construct: "closures",
    means: "durable",
    note: "their code by name and version, what they captured by value; variables are shared",
    fixture: ["programs/closures/captured.ts", "closuresShareTheirVariable"],
  },
  {
    construct: "`this`, `arguments`, `new.target`, also in arrows",
    means: "durable",
    note: "`arguments` as strict code has it",
    fixture: ["programs/semantics/objects.ts", "newTargetAndThisInArrows"],
  },
  {
    construct: "names and lengths of functions",
    means: "durable",
    fixture: ["programs/semantics/objects.ts", "namesAndLengths"],
  },
  {
    construct: "classes of the module",
    means: "by reference",
    note: "their instances are durable, private fields included; static fields are state of the module, and what their declarations put there is saved by name",
    fixture: ["programs/classes/instances.ts", "privateFieldsOfTwo"],
  },
  {
    construct: "decorators on classes of the module, their members and the parameters of constructors",
    means: "in the process",
    note: "they may take note of what they stand on (`@Injectable()`, `@Column()`); one that changes it is told when the module is loaded ([PD2005](errors/PD2005.md))",
    fixture: ["decorated/orders.ts", "methodsAreTheWorkflow"],
  },
  {
    construct: "classes declared in durable code",
    means: "durable",
    note: "fields, private names, accessors, static fields and blocks; what was done to the prototype too",
    fixture: ["programs/classes/declared.ts", "everyKindOfMember"],
  },
  {
    construct: "private methods as values",
    means: "durable",
    note: "saved as class and name; not of a class over ordinary code",
    fixture: ["programs/classes/private-methods.ts", "ofAClassOfAFunction"],
  },
  {
    construct: "arrows over `this` before `super(…)`, functions over a class's name in its heritage and keys",
    means: "durable",
    fixture: ["programs/classes/before-super.ts", "arrowBeforeSuper"],
  },
  {
    construct: "`accessor` fields",
    means: "durable",
    note: "lowered: no platform has them",
    fixture: ["programs/classes/declared.ts", "autoAccessors"],
  },
  {
    construct: "`await` in heritage and computed keys",
    means: "durable",
    fixture: ["programs/classes/declared.ts", "heritageAndKeysWithAwaits"],
  },
  {
    construct: "`super`",
    means: "durable",
    note: "in methods, arrows inside them, object literals; awaited keys",
    fixture: ["programs/classes/declared.ts", "superInAllPositions"],
  },
  {
    construct: "classes over built-ins",
    means: "durable",
    fixture: ["programs/classes/built-ins.ts", "privatesOverArray"],
  },
  {
    construct: "object literals: getters, setters, computed keys, spread, `__proto__`",
    means: "durable",
    fixture: ["programs/semantics/objects.ts", "accessorsOfLiteralsAreSaved"],
    also: [["programs/operands/order.ts", "protoInLiteral"]],
  },
  {
    construct: "attributes of properties, symbols, prototypes made at run time, frozen and sealed objects",
    means: "durable",
    fixture: ["programs/semantics/objects.ts", "prototypesMadeAtRunTime"],
  },
  {
    construct: "constructors that are functions, and the `prototype` that they were given",
    means: "durable",
    fixture: ["programs/functions/prototypes-replaced.ts", "withItsConstructorWrittenOut"],
    also: [["programs/functions/prototypes-replaced.ts", "aClassOverAnExchangedOne"]],
  },
  {
    construct: "template literals",
    means: "durable",
    fixture: ["programs/operands/order.ts", "templateToStringTiming"],
  },
  {
    construct: "template objects of tags",
    means: "by reference",
    note: "one for each site, the same after a resume",
    fixture: ["programs/semantics/objects.ts", "oneTemplateObjectForEachSite"],
  },
  { construct: "JSX", means: "durable", fixture: ["programs/jsx/markup.tsx"] },
  {
    construct: "regular expressions, `BigInt`, typed arrays, `Map`, `Set`, `Date`, errors",
    means: "durable",
    note: "as values; [saving.md](saving.md) has them all",
    fixture: ["programs/values/kinds.ts", "identityAndCycles"],
    also: [["programs/steps/calls.ts", "valuesOfAllKinds"]],
  },
  {
    construct: "`Promise`, timers, `queueMicrotask`, `AbortController`",
    means: "durable",
    fixture: ["programs/promises/combinators.ts", "raceWinnerIsKept"],
    also: [
      ["programs/timers/clock.ts", "microtasksBeforeTimers"],
      ["programs/platform/functions.ts", "signalsOfSignals"],
    ],
  },
  {
    construct: "imports, variables and functions of the module, globals",
    means: "by reference",
    fixture: ["programs/values/kinds.ts", "importedAsValues"],
  },
  {
    construct: "built-in functions and prototypes",
    means: "by reference",
    note: "what a program puts on them, or on globals, is state of the process: a function there keeps the variables as they were before the save, which is a warning ([PD1201](errors/PD1201.md))",
    fixture: ["programs/values/kinds.ts", "builtInsAsValues"],
  },
  {
    construct: "`import()`",
    means: "by reference",
    note: "a step; its namespace, and the functions and classes that it exports, are saved by the expression, which is evaluated again where the run is loaded. A durable module that is imported in no other way is imported by the program of each worker, too: before that, a run that waits in its functions is parked ([PD2514](errors/PD2514.md))",
    fixture: ["calls/import/input.ts"],
  },
  {
    construct: "the callback of `step`",
    means: "in the process",
    note: "everything is allowed there",
    fixture: ["programs/classes/super.ts", "superInsideSteps"],
    also: [["programs/steps/expressions.ts", "explicitStep"]],
  },
  {
    construct: "code of the module's own level, static fields and blocks of its classes",
    means: "in the process",
    fixture: ["programs/classes/named-by-keys.ts", "fieldsOfModuleClasses"],
  },
];

/** What is refused before and while code is lowered, where it is found. */
const WHILE_LOWERING: readonly { readonly construct: string; readonly why: string; readonly code: DiagnosticCode }[] = [
  { construct: "text that cannot be parsed", why: "nothing can be said of it", code: "PD1007" },
  {
    construct: '`"use durable"` behind a statement, or in another writing',
    why: "it is no directive, and what it was to make durable would be ordinary code",
    code: "PD1013",
  },
  {
    construct: "`super(…)` in an arrow function of a constructor",
    why: "the arrow's code stands outside the constructor",
    code: "PD1101",
  },
  {
    construct: "`enum` in a durable function, a namespace with functions",
    why: "TypeScript makes their code, after us",
    code: "PD1105",
  },
  {
    construct: "a private name in a computed key of its own class",
    why: "the key is evaluated outside of the class",
    code: "PD1105",
  },
  {
    construct: "a function with the directive that shares variables of an ordinary function",
    why: "those variables are not saved",
    code: "PD1107",
  },
];

/** Every refusal of the compiler, with the folder of its fixture below `fixtures/rejected`. */
export const REFUSED = [...LANGUAGE, ...WHILE_LOWERING]
  .map(({ construct, why, code }) => ({ construct, why, code, fixture: `${code}-${messages[code].slug}` }))
  .sort((a, b) => (a.code < b.code ? -1 : 1));

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** Prints `docs/language.md`. */
export function printLanguage(): string {
  const link = ([file, program]: Fixture): string =>
    `[${program ?? file.replace(/^programs\//, "")}](../fixtures/${file})`;
  const supported = SUPPORTED.map(({ construct, means, note, fixture, also = [] }) => {
    const shown = [fixture, ...also].map(link).join(", ");
    return `| ${cell(construct)} | ${means} | ${cell(note ?? "")} | ${shown} |`;
  });
  const refused = REFUSED.map(
    ({ construct, why, code, fixture }) =>
      `| ${cell(construct)} | ${cell(why)} | [${code}](errors/${code}.md) | [input](../fixtures/rejected/${fixture}/input.ts) |`,
  );
  return `# What durable code may contain

Printed from the tables in \`transformer/2-analyze/language.ts\` and \`support.ts\` by \`npm run generate\`.

Every statement and expression of ECMAScript 2026 and TypeScript, but for what is refused below. *Durable*: its state is a part of the run, and goes on where the run does. *By reference*: saved by
name, and found again there. *In the process*: ordinary code, nothing of it is saved. Each row has the fixture that shows it: a program that does the same natively, compiled outside a run, and in a
run that is saved, dropped and loaded between any two of its jobs.

| construct | what becomes of it | to know | fixture |
|---|---|---|---|
${supported.join("\n")}

Refused, each with a diagnostic at build time that says what to write instead:

| construct | why | code | fixture |
|---|---|---|---|
${refused.join("\n")}

Some values run, and cannot be kept over an \`await\`: proxies, \`WeakMap\`s, functions made from text, iterators that ordinary code made. The run stops there with the path to the variable
([PD4001](errors/PD4001.md)); [saving.md](saving.md) says it value by value.

State that runs share is a warning: written bindings of the module, globals and built-ins ([PD1201](errors/PD1201.md)), collections that durable code fills ([PD1202](errors/PD1202.md)), limiters ([PD1203](errors/PD1203.md)).

Inside the callback of \`step\` everything is allowed: it runs as ordinary code.
`;
}
