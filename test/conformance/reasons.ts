/** Why a test of a list does not pass: the headings of the files in `expected`, and no others. */

/** Beside `refused PD####`, whose page in docs/errors says why. */
export const reasons: Readonly<Record<string, string>> = {
  native: "fails without the compiler too: it is not counted",
  "looks at the text of a function": "the text is the compiled one",
  "patches built-ins that the runtime uses": "the runtime runs in the same realm, and uses what the test has replaced",
  "reflects on prototypes of functions and promises":
    "the run's `Promise` extends the platform's, and a compiled function is an ordinary one for whoever asks the engine",
  "leaves a function of the run on an object outside it":
    "built-ins and modules are no part of a run, and keep the variables as they were before the save",
  "calls an arrow of a constructor from a field while `super()` runs":
    "`this` is handed to the arrows of a constructor once `super()` has returned",
  "gives `import()` a name that nothing declares":
    "the name belongs to the expression of the step, so the promise is rejected where the call would throw",
  "counts what a Proxy is asked": "an operand is looked at before it is refused",
  "counts the lookups of `constructor`": "the run's promises need fewer",
  "private names put on an object of another class are not saved":
    "a base constructor returned a plain object, which is saved as one",
  "parser: TypeScript refuses the syntax": "its tables of Unicode are older, or it judges more than the grammar",
  slow: "no verdict within two minutes, alone",
};

const REFUSED = /^refused PD\d{4}$/;

export const isReason = (text: string): boolean => Object.hasOwn(reasons, text) || REFUSED.test(text);
