/** One object of a snapshot. */
import type { Entry } from "./entry.ts";
import type { Node } from "./graph.ts";

export interface Part extends Node {
  /** The heap's object of that number. */
  readonly entry: Entry | undefined;
}
