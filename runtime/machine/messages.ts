/** Coded errors of the run: PD20xx generated code and registry, PD21xx promises and turns, PD24xx saving. Operations have their own table. */
import { coded, type MessageTable } from "../errors.ts";

/** What generated code itself can meet. */
export const machineMessages = {
  PD2001: {
    slug: "code-defined-twice",
    text: "%code% is defined twice with different text: in %file% and in %other%",
    fix: "link each durable module once; two modules of one name get different ones by a root that both stand under: `perdure tsc --root ../..` where each is built, or the plugin's `root`",
  },
  PD2006: {
    slug: "module-name-of-two-packages",
    text: "two durable modules are named %module%: one of %other%, and one of %package%",
    fix: "build both with a root that both stand under, so that their names differ: `perdure tsc --root ../..` in each package, or `perdure({ root })` in the plugin",
  },
  PD2002: {
    slug: "module-of-another-abi",
    text: "%file% was compiled for ABI %found%, this runtime has ABI %expected%",
    fix: "install versions of perdure and @perdure/transformer that belong together, and build again",
  },
  PD2003: {
    slug: "code-without-fingerprint",
    text: "%file% defines %code% but its fingerprints do not list it",
    fix: "build again; if it happens again, report a bug in the transformer",
  },
  PD2005: {
    slug: "decorator-changes-durable-code",
    text: "decorator @%decorator% (%place%) puts something else in the place of %what%, which is durable code",
    fix: "do in the method what the decorator does around it, or decorate a class of an ordinary module that calls this one; a decorator that only takes note may stay",
  },
  PD2101: {
    slug: "native-promise-in-a-run",
    text: "%function% (%place%) awaits or adopts a native promise, which cannot be saved",
    fix: "make the call that yields it where it is awaited, or wrap it: step(() => …); where it is a property of what another call gave (result.text of a stream), make that and await it inside one step: await step(async () => { const result = …; return await result.text; })",
  },
  PD2102: {
    slug: "promise-of-another-run",
    text: "%function% (%place%) uses a promise that belongs to run %owner%",
    fix: "keep promises out of module-level variables; runs talk through tokens and child runs",
  },
  PD2103: {
    slug: "promise-settled-outside-a-turn",
    text: "a promise of run %run% (awaited %place%) was resolved or rejected by ordinary code, outside any turn",
    fix: "await the ordinary work in a step: step(() => new Promise((resolve) => emitter.once(…, resolve)))",
  },
  PD2107: {
    slug: "generator-resumed-outside-its-run",
    text: "generator %function% of run %run% was resumed outside the turns of that run",
    fix: "give ordinary code what the generator yields ([...generator]), not the generator; runs share nothing",
  },
  PD2108: {
    slug: "iteration-over-ordinary-async-iterator",
    text: "%function% (%place%) iterates over an async iterator of ordinary code, which lives in this process only",
    fix: "make it and read it to the end inside one step, and return what you need: await step(async () => { const source = …; for await (const item of source) …; return … })",
  },
} as const satisfies MessageTable;

/** What only an engine meets, which starts, drives and loads runs. */
export const runMessages = {
  PD2004: {
    slug: "not-a-durable-function",
    text: "%function% is not a durable function of a module, so it cannot be started",
    fix: 'put "use durable" into its file, and perdure() of @perdure/plugins/esbuild, /vite, /rollup or /webpack into the build\'s plugins (Next.js: /webpack-loader into its turbopack rules), or run `node --import @perdure/plugins/node`',
  },
  PD2104: {
    slug: "unhandled-rejection",
    text: "the promise rejected at %place% was handled by nobody: %error%",
    fix: "await the promise, or add a catch",
  },
  PD2106: {
    slug: "uncaught-error",
    text: "the callback at %place% threw, and nobody can catch that: %error%",
    fix: "catch it in the callback, or await a promise (sleep, step) instead of giving a callback",
  },
  PD2105: {
    slug: "run-is-stuck",
    text: "the run waits for something that nothing can settle: %lines%",
    fix: "resolve the promise from durable code or a token; if ordinary code is to resolve it, make it a step: step(() => new Promise(…)); or cancel the run",
  },
  PD2401: {
    slug: "code-not-linked",
    text: "the saved run needs %code%, which is not linked here",
    fix: "link the module in this version (or an archived build of it), then retry the run",
  },
  PD2402: {
    slug: "segment-without-a-run",
    text: "the saved segments of %run% hold no run",
    fix: "restore the run from a backup of the store; if you find no damage there, report this as a defect with the segment",
  },
} as const satisfies MessageTable;

export const error = /* @__PURE__ */ coded(machineMessages);
export const runError = /* @__PURE__ */ coded(runMessages);
