/** Coded errors of calls, steps and other operations: PD22xx at a call, PD23xx of a step under way. */
import { coded, type MessageTable } from "../../errors.ts";

/** What the functions of `perdure` tell. */
export const operationMessages = {
  PD2204: {
    slug: "not-a-duration",
    text: "%value% is not a duration",
    fix: 'pass milliseconds, a text such as "30s", "1h 30m" or "3 days", or (to sleep) a Date',
  },
  PD2205: {
    slug: "start-needs-a-durable-function",
    text: "start() was given %value%, which is not a durable function of a module",
    fix: 'give it a function at the top level of a file with "use durable" that the plugin has transformed',
  },
  PD2207: {
    slug: "not-a-callback",
    text: "%what% was given %value% instead of a function",
    fix: "pass a function, not what one has returned: step(() => charge(order))",
  },
  PD2209: {
    slug: "start-options",
    text: "start() was given the id %value%, which cannot be the id of a run: %why%",
    fix: "pass 1 to 512 characters of well-formed text, of 1,000 bytes at most, or leave it out",
  },
  PD2210: {
    slug: "step-options",
    text: "step() was given the option %option%: %value%",
    fix: "attempts is a whole number from 1, factor a number from 1; delay, maxDelay and timeout are durations",
  },
  PD2212: {
    slug: "pattern-options",
    text: "the option %option% was given %value%, which is not %wanted%",
    fix: "pass %wanted%, or leave the option out",
  },
  PD2214: {
    slug: "transaction-outside-a-run",
    text: "transaction() was called outside a run, where there is no store and so no database",
    fix: "call it in durable code of a run; in a test of the function alone, pass the part that uses the client to it as an argument",
  },
  PD2215: {
    slug: "transaction-options",
    text: "transaction() was given the isolation %value%",
    fix: 'use "read committed", "repeatable read" or "serializable"',
  },
  PD2216: {
    slug: "resource-is-no-object",
    text: "the function that makes a resource() gave %what%",
    fix: "give an object or a function at once: one that connects when it is first used (a pool); or connect inside a step: step(async () => …)",
  },
  PD2217: {
    slug: "resource-cannot-be-made-again",
    text: "a resource of run %run% could not be made again: %error%",
    fix: "mend what its first function needs (a setting, a file, a host), then retry the run",
  },
  PD2218: {
    slug: "resource-has-a-name",
    text: "%function% (%place%): the function that makes a resource() gave a value that has a name already: it is imported, provided, or bound at module level",
    fix: "use that value as it is, without resource(), or make a new one",
  },
  PD2222: {
    slug: "in-a-step",
    text: "%what% was called in a step, where %why%",
    fix: 'put "use durable" at the top of the file that calls it, so that it is part of the run; or %instead%',
  },
} as const satisfies MessageTable;

/** What generated code itself can meet: all that a program bundles which only calls durable functions. */
export const callMessages = {
  PD2201: {
    slug: "promise-from-an-ordinary-call",
    text: "%function% (%place%): the ordinary call `%text%` returned a native promise inside a turn",
    fix: "%mend%",
  },
  PD2202: {
    slug: "durable-closure-entered-outside-a-turn",
    text: "the durable closure %closure%, made in run %run% and handed to ordinary code at %place%, was called outside any turn of that run",
    fix: "make the ordinary call inside step(async () => …), or wait for its promise and call the closure in durable code",
  },
  PD2206: {
    slug: "async-iterator-cannot-be-saved",
    text: "%what% (%place%) cannot be used here: an iterator over platform events cannot be saved",
    fix: "use a loop over sleep(), or iterate inside step(async () => …)",
  },
  PD2211: {
    slug: "platform-signal-in-a-run",
    text: "%what% (%place%) was given a signal of the platform, which aborted outside any turn of the run",
    fix: "race the timer with a token, a sleep or a step instead: Promise.race([…])",
  },
  PD2219: {
    slug: "durable-callee-of-a-step",
    text: "%function% (%place%): the callee of `%text%` is durable, and it is given promises beside what is awaited in its arguments: the call was compiled as a step",
    fix: "make the arguments first, each in a constant of its own, and then the call",
  },
  PD2220: {
    slug: "called-while-made",
    text: "%function% (%place%): %what% while an operand of a step was made that cannot be saved, and each attempt of the step would do so again",
    fix: "make that operand, and use it, inside one step: await step(async () => …); or at module level",
  },
} as const satisfies MessageTable;

/** What a run meets when its steps are made, attempted and settled. */
export const stepMessages = {
  PD2203: {
    slug: "step-and-run-changed-the-same-property",
    text: "%function% (%place%): the step `%text%` changed %path%, which the run has changed too since the step was called",
    fix: 'return the new value from the step and apply it in durable code; where its methods keep what several calls share (a lock, a queue, a count), put "use durable" at the top of the file that declares its class',
  },
  PD2213: {
    slug: "thenable-awaited-elsewhere",
    text: "%function% (%place%) awaits a thenable that ordinary code made elsewhere (%what%): %why%",
    fix: 'await it in the expression that makes it (await db("users").where(filter)); or return it from a synchronous function or method (no #private one) that is called there (types must be known: a tsconfig.json that covers the file); or extend it in a variable that one place awaits and nothing else uses, with callbacks that change nothing outside themselves; or make and await it in one step: await step(async () => { const query = …; return await query; })',
  },
  PD2221: {
    slug: "changed-by-another-step",
    text: "%function% (%place%): the step `%text%` would be given another %made% than the one that `%step%` changes (.%property%): it cannot be saved, so each step makes its own",
    fix: 'make it, use it and return what you need in one step: await step(async () => { … }); or keep what it holds in variables of your own; a class of your own: put "use durable" at the top of its file; a client or pool that all runs may share: bind it at module level',
  },
  PD2301: {
    slug: "step-cannot-be-prepared",
    text: "%function% (%place%): an operand of the step `%text%` cannot be saved: %why%",
    fix: "%mend%",
  },
  PD2302: {
    slug: "step-cannot-be-opened",
    text: "%function% (%place%): the saved operands of the step `%text%` cannot be opened here: %why%",
    fix: "link or provide what is missing, then retry the run",
  },
  PD2303: {
    slug: "step-result-cannot-be-taken-in",
    text: "what a step left behind could not be encoded: %why%",
    fix: "return plain data from the step, and do not put sockets, streams or functions into its arguments",
  },
  PD2304: {
    slug: "step-waits-on-its-copy",
    text: "%function% (%place%): the step `%text%` waits, and has put something into its own copy of what it was given that no save can hold (%why%): what the run does to its own object does not reach that copy",
    fix: 'where the run is to answer it (a bus, a queue, a lock), put "use durable" at the top of the file that declares the class of that object; where it is a client or a connection, bind it at module level, or make and use it in one step: await step(async () => …)',
  },
} as const satisfies MessageTable;

export const error = /* @__PURE__ */ coded(operationMessages);
export const callError = /* @__PURE__ */ coded(callMessages);
export const stepError = /* @__PURE__ */ coded(stepMessages);
