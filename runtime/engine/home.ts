import type { Commit } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import type { WorkSettings } from "./options.ts";
import type { Outbox } from "./outbox.ts";

/** The worker, as its residents see it. */
export interface HomeOf<Resident> {
  readonly context: EngineContext;
  readonly settings: WorkSettings;
  readonly outbox: Outbox;
  /** Names a commit: never the same twice, in any worker. */
  commitId(): string;
  /** The run has work for a turn. */
  ready(resident: Resident): void;
  /** A turn begins, and has ended. */
  entered(resident: Resident, fn: string): void;
  exited(): void;
  /** Hands over a commit that needs no turn. */
  submit(resident: Resident, commit: Commit): void;
  /** The run is no longer resident. */
  left(resident: Resident): void;
  /** A run that was given back is due at that instant. */
  due(at: number): void;
  /** To be driven alone. */
  suspect(resident: Resident): void;
  /** No longer to be driven alone. */
  cleared(resident: Resident): void;
  /** The run waits and may be given back, or does no longer. */
  idle(resident: Resident, is: boolean): void;
  /** It is known how large the run is. */
  sized(): void;
  /** Others wait for the place of this run, which has had its time. */
  yields(resident: Resident): boolean;
  /** A run has left this process: what it held is disposed of. */
  closing(done: Promise<void>): void;
  /** Not waiting for steps any more: runs are given back as soon as that is possible, or at once. */
  stopping(): "no" | "when-idle" | "now";
}
