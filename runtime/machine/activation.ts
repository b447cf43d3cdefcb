/** One call of a machine inside a run: its code, its frame, and the promise that it settles. What a save keeps of a function. */
import type { Frame, Position } from "../abi/index.ts";
import type { MachineCode } from "./registry.ts";

/** It is also the reaction of what it awaits: no other object stands between. */
export class Activation {
  readonly code: MachineCode;
  /** Of a generator that is completed: nothing. */
  frame: Frame;
  promise: Promise<unknown>;
  /** What it awaits while it is suspended: the way down from the run's result to what is stuck. */
  awaiting: Promise<unknown> | undefined = undefined;
  /** Where it was resumed last: the nearest line that is known while a block without a name runs. */
  point: string | undefined = undefined;
  /** While it runs: the one below it on the stack. */
  caller: Activation | undefined = undefined;

  constructor(code: MachineCode, frame: Frame, promise: Promise<unknown>) {
    this.code = code;
    this.frame = frame;
    this.promise = promise;
  }

  /** Where it stands: at its `await`. */
  get position(): Position {
    return this.code.points[String(this.frame.pc)] ?? this.code.at;
  }
}
