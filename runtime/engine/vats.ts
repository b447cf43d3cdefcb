/** The seam between the engine and the machine: how runs are made, loaded and read. Tests put scripted runs in its place. */
import type { CodeDigest, CodeId } from "../abi/index.ts";
import type { ChildOperation, EncodedOutcome, VatHost, VatLike } from "../machine/contract.ts";
import type { Incarnation, RunId, Segment } from "../store/store.ts";

export interface RunIdentity {
  readonly run: RunId;
  readonly incarnation: Incarnation;
}

export interface NewRunRequest extends RunIdentity {
  readonly fn: unknown;
  readonly args: readonly unknown[];
  readonly argumentText: string;
}

export interface VatFactory {
  /** Code id of a durable function; undefined when it has no machine. */
  codeOf(fn: unknown): CodeId | undefined;
  /** Equal text for equal arguments: what tells a repeated `start` from another run under the same id. Throws a PerdureError. */
  argumentText(args: readonly unknown[]): string;
  /** A run that has not taken its first turn; `argumentText` is what {@link argumentText} gave. Throws a PerdureError. */
  create(host: VatHost, request: NewRunRequest): VatLike;
  /** The same, for a child run, out of the parent's pending operation. */
  createChild(host: VatHost, operation: ChildOperation): VatLike;
  /** A run at its last commit. Throws a PerdureError when the segments cannot be read here. */
  load(host: VatHost, request: RunIdentity & { readonly segments: readonly Segment[] }): VatLike;
  /** What a load that failed so waits for: modules that saved code had loaded with `import()`, each asked for once. Undefined: it cannot be loaded here. */
  missing?(error: unknown, tried: Set<string>): Promise<void> | undefined;
  /** Digests of all code linked here. */
  linked(): ReadonlySet<CodeDigest>;
  /** Changes when linked code, codecs or names of provided hosts change: a blocked run is then tried again. */
  environment(): string;
  /** The outcome of something that the engine itself has to fail: a child run that cannot be created. */
  failure(error: Error): EncodedOutcome;
  /** The outcome of a run that is ended from outside. */
  cancelled(reason: string | null): EncodedOutcome;
  /** A committed outcome, for a client: the value, or what it was rejected with. */
  decode(outcome: EncodedOutcome): Settled;
}

export type Settled =
  | { readonly status: "fulfilled"; readonly value: unknown }
  | { readonly status: "rejected" | "cancelled"; readonly reason: unknown };

/** A run at its last commit; the modules that its code had loaded with `import()` are loaded before. Throws a PerdureError. */
export async function loadVat(
  vats: VatFactory,
  host: VatHost,
  request: RunIdentity & { readonly segments: readonly Segment[] },
): Promise<VatLike> {
  for (const tried = new Set<string>(); ; ) {
    try {
      return vats.load(host, request);
    } catch (error) {
      const importing = vats.missing?.(error, tried);
      if (importing === undefined) throw error;
      await importing;
    }
  }
}
