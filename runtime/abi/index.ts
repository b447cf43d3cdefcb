/**
 * The contract between generated code and the runtime: what the transformer writes, the runtime reads.
 * Nothing here has behaviour. A change of a type that is persisted or emitted bumps {@link ABI_VERSION}.
 */

/** Version of the generated code's calling convention; a module of another version is refused at load. */
export const ABI_VERSION = 1;

/** Version of the encoding of saved runs. */
export const FORMAT_VERSION = 2;

/** `module#name/path`: a module's path relative to the build's root, then the names of the enclosing functions. */
export type CodeId = string;

/** `codeId@fingerprint`: one version of one code. What a run needs linked, and what a worker links. */
export type CodeDigest = string;

/**
 * A block of a machine. Names are stable (resume points, `finally` regions, jump targets that a pending completion may
 * hold): they are persisted. Numbers are private to one build: never in a saved frame.
 */
export type Label = string | number;

/** Where something stands in the user's file: 1-based line, 1-based column. */
export type Position = readonly [line: number, column: number];

/**
 * Activation record of one call: a plain object with its program counter, the transfer register `$`, and one property
 * for each slot, named as in the source (`total`; a cell is `total$`; `finally1` holds the completion pending there).
 */
export interface Frame {
  pc: Label;
  /** Transfer register: the value awaited, returned or sent between the step function and the driver. */
  $: unknown;
  [slot: string]: unknown;
}

/** What the step function tells its driver; the details are in the frame. Numbers, because this is the hot path. */
export const JUMP = 0;
export const AWAIT = 1;
export const RETURN = 2;
export const YIELD = 3;
export const DELEGATE = 4;
export type Transfer = typeof JUMP | typeof AWAIT | typeof RETURN | typeof YIELD | typeof DELEGATE;

/**
 * Runs one block of the machine: from `frame.pc` to its terminator. `sent` is the value that an `await` yielded (in a
 * resume block; for a `yield`, what `next` was given) or the error caught (in a landing block). It throws what the user's code throws; the driver unwinds
 * by {@link MachineMeta.handlers}, whose regions are never split inside a block.
 */
export type StepFunction = (frame: Frame, sent: unknown) => Transfer;

/** Completion pending in a `finally` slot (ECMA-262 6.2.4), with the route still to go: regions first, then the label. */
export type Completion =
  | { type: "normal"; to: readonly Label[] }
  | { type: "jump"; to: readonly Label[] }
  | { type: "return"; value: unknown; to: readonly Label[] }
  | { type: "throw"; value: unknown };

/** Static facts of one machine. */
export interface MachineMeta {
  /** The function's `name`, when it cannot be inferred from the wrapper; used in stacks and messages too. */
  readonly name: string;
  readonly at: Position;
  /** It is a generator: calls give its object, which runs it. */
  readonly generator?: "sync" | "async";
  /** For each resume label, the slots that are live there: what a saved frame keeps. */
  readonly live: Readonly<Record<string, readonly string[]>>;
  /** For each resume label, where the `await` stands. */
  readonly points: Readonly<Record<string, Position>>;
  /** Handler table: block label to landing block. Static, never in a frame. */
  readonly handlers: Readonly<Record<Label, Label>>;
  /** For resume labels of a `yield`: the regions that a `return()` there passes, inner first. */
  readonly leaves?: Readonly<Record<string, readonly Label[]>>;
  /** For messages: what its closures captured, as the source names it, in the order of the maker's parameters. */
  readonly captures?: readonly string[];
  /** Slots that differ from the source's name, for messages: `total$` to `total`. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Static facts of one function that is no machine. */
export interface CodeMeta {
  readonly name: string;
  readonly at: Position;
  /** As in {@link MachineMeta}. */
  readonly captures?: readonly string[];
}

/** One call or step site: where it stands, and its text shortened for messages. */
export type Site = readonly [line: number, column: number, text: string];

/** What a compiled module says of itself when it is loaded. */
export interface ModuleMeta {
  readonly abi: number;
  /** The user's file, relative to the root, as messages print it. */
  readonly file: string;
  /** Name of the package that it was compiled in, where that has one: two packages may have files of the same path. */
  readonly package?: string;
  /** For each code of this module (name path), the fingerprint of its normalized source with its nested closures. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** For each class of the module itself (name path), the fingerprint of what makes the state of an instance: its heritage, constructor and fields. */
  readonly layouts?: Readonly<Record<string, string>>;
  readonly sites: readonly Site[];
  /** An older version, linked for the runs that still need it: it stands beside the current one and is never entered by a new call. */
  readonly archived?: boolean;
  /** Emitted by a watcher: a later module of the same name replaces this one's codes instead of being refused. */
  readonly watch?: boolean;
}
