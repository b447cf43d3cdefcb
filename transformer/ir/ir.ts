/**
 * The intermediate representation: what is left of a function once suspension is made explicit. This comment is its
 * specification; `verify.ts` checks it.
 *
 * A **machine** is a list of blocks, the first of which is the entry. A **block** runs straight through its operations
 * and ends in exactly one terminator:
 *
 *     jump b                   return $.jump(f, b)
 *     branch [c → b]… else e   if (c) return $.jump(f, b); … return $.jump(f, e)
 *     await v → b              return $.await(f, b, v)            b is a resume block: `sent` is the value
 *     yield v → b              return $.yield(f, b, v)            the same; `return()` at b passes the regions that b leaves
 *     delegate v → b           return $.delegate(f, b, v)         `yield*`: b is reached when the inner iterator is done
 *     start → b                return $.start(f, b)               a generator that was called, before its first `next`
 *     return v                 return $.return(f, v)              only where no region encloses it
 *     leave c via [r…] → b     return $.leave(f, { type: c, … })  through regions, inner first, then to b (or out)
 *     endFinally r             return $.endFinally(f, r)          takes the completion pending in r's slot further
 *     throw v                  throw v
 *
 * - **Operations** cannot suspend. `assign` defines a slot; `evaluate` is any statement text. Text may contain jumps
 *   (a `break` inside a loop that was kept): they appear as label holes and count as successors.
 * - **Handlers** are static: every block names its landing block, or none, and so lies in exactly one region. Entering
 *   or leaving a `try` starts a new block. A landing block gets the error as `sent`.
 * - A **region** is code that must be passed on the way out: a `finally`, or the closing of an iterator. It has one
 *   slot, which holds the pending completion (ECMA-262 6.2.4), so nested regions never overwrite each other.
 * - **Slots** are the frame's variables. A slot is named in the end by `4-flow/slots.ts`; the same object is the same
 *   variable everywhere.
 * - A **savable** block may appear in a saved frame: resume blocks, regions, and targets of jumps that pass a region.
 *   It gets a stable name; every other label is a number, private to one build.
 */
import type { ts } from "@ts-morph/common";

export interface Slot {
  /** The name it would like: the variable's, `t` for temporaries, `finally`, `of`. */
  readonly wanted: string;
  /** The source variable, when the slot holds one, or its cell. */
  readonly variable: string | null;
  /** Always numbered from 1: `t1`, `finally2`. */
  readonly numbered: boolean;
  /** Set by `4-flow/slots.ts`. */
  name: string;
  /** Where it stands among the machine's slots, for as long as an analysis of these needs it. */
  number: number;
}

export type Operation =
  /** `origin`: the identifier in the source that is assigned. */
  | { readonly type: "assign"; readonly slot: Slot; readonly value: Rope; readonly origin?: Slice }
  /** `defines`: slots that have a new value once the text has run to its end (a pattern's). */
  | { readonly type: "evaluate"; readonly code: Rope; readonly defines?: readonly Slot[] };

export type Terminator =
  | { readonly type: "jump"; to: Block }
  | { readonly type: "branch"; readonly cases: { readonly test: Rope; to: Block }[]; otherwise: Block }
  | { readonly type: "await" | "yield" | "delegate"; readonly value: Rope; readonly resume: Block }
  | { readonly type: "start"; readonly resume: Block }
  | { readonly type: "return"; readonly value: Rope | null }
  | { readonly type: "leave"; readonly route: Route; readonly value: Rope | null }
  | { readonly type: "endFinally"; readonly region: Region }
  | { readonly type: "throw"; readonly value: Rope };

/** Where a completion goes: through regions, inner first, then to a block, or out of the function. */
export interface Route {
  readonly type: "normal" | "jump" | "return";
  readonly regions: readonly Region[];
  readonly target: Block | null;
}

export interface Region {
  readonly slot: Slot;
  /** The iterator that is closed; null for a `finally`. Its name is the stem of the region's labels. */
  readonly iterator: Slot | null;
  /** Runs the `finally`, or closes the iterator; the completion is in the slot. Its label is the slot's name. */
  readonly entry: Block;
  /** Takes an error thrown inside. */
  readonly landing: Block;
  /** Where completions that passed it may go next: the successors of its `endFinally`. */
  readonly exits: Set<Block>;
}

export interface Block {
  readonly operations: Operation[];
  end: Terminator | null;
  readonly handler: Block | null;
  /** Reached by an error or a completion, not by a jump alone: never merged into another block. */
  pinned: boolean;
  /** Has a stable name: what it is made of (`charge`, `for`). Two blocks may want the same one. */
  savable: string | null;
  /** For a resume block, the `await` or `yield`; for others the statement they begin. */
  origin: ts.Node | null;
  resumes: boolean;
  /** For a resume block of a `yield`: the regions that a `return()` there passes, inner first. */
  leaves: readonly Region[];
  /** Set by `4-flow/labels.ts`. */
  label: string | number;
  /** Where it stands among the machine's blocks, for as long as an analysis of these needs it. */
  number: number;
}

export interface Machine {
  readonly blocks: Block[];
  readonly regions: Region[];
  readonly slots: Slot[];
  /** Whether kept text jumps anywhere, which few machines' does: only then is it searched for that. */
  jumpsInText: boolean;
}

// Text of operations: see `rope.ts`.

/** A range of the source text. */
export interface Slice {
  readonly type: "slice";
  readonly start: number;
  readonly end: number;
}

/**
 * `f.<slot>`: printed once slots have names. A `write` is neither a use nor, inside an expression, a definition; a `key`
 * is `slot: value`, where a frame is made.
 */
export interface SlotHole {
  readonly type: "slot";
  readonly slot: Slot;
  readonly access: "read" | "write" | "key";
  /** The identifier it stands for, to be mapped. */
  readonly origin?: Slice;
  /** For a `key`. */
  readonly value?: string;
}

/** The label of a block, printed as a literal: a jump out of text that was kept. */
export interface LabelHole {
  readonly type: "label";
  readonly block: Block;
}

/** Names the place that the generated text after it stands for, as far as the next slice. Must not be an identifier's. */
export interface Mark {
  readonly type: "mark";
  readonly at: number;
}

export type Piece = string | Slice | SlotHole | LabelHole | Mark;
export type Rope = Piece | readonly Rope[];
