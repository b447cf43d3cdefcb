/** How the engine makes, loads and reads runs: the machine's side of that seam. */
import type { CodeDigest, CodeId } from "../abi/index.ts";
import { isPerdureError } from "../errors.ts";
import type { ChildOperation, EncodedOutcome, VatHost, VatLike } from "./contract.ts";
import { importMissing } from "./imports.ts";
import { CancelledError } from "./operations/cancelled.ts";
import { linkedCodes } from "./registry.ts";
import { closureOf } from "./stamp.ts";
import { decodeOutcome, encodeValue, failureOutcome, type Outcome, type Surroundings } from "./values.ts";
import { type RunIdentity, Vat } from "./vat.ts";

/** `surroundings` decide how arguments and outcomes are copied; runs have them in their host. */
export const machineVats = (surroundings: Surroundings) => ({
  /** Code id of a durable function of a module; undefined: it cannot be started. */
  codeOf(fn: unknown): CodeId | undefined {
    const code = closureOf(fn)?.code;
    return code !== undefined && code.instance === fn && code.kind !== "class" ? code.id : undefined;
  },

  /** Equal text for equal arguments. Throws a coded error for what cannot be copied. */
  argumentText: (args: readonly unknown[]): string => encodeValue(args, surroundings, "arguments"),

  create: (
    host: VatHost,
    request: RunIdentity & { readonly fn: unknown; readonly args: readonly unknown[]; readonly argumentText: string },
  ): VatLike => Vat.create(host, request),

  createChild: (host: VatHost, operation: ChildOperation): VatLike => Vat.createChild(host, operation),

  load: (host: VatHost, request: RunIdentity & { readonly segments: readonly { readonly text: string }[] }): VatLike =>
    Vat.load(host, request),

  missing: (error: unknown, tried: Set<string>): Promise<void> | undefined =>
    isPerdureError(error) ? importMissing(error, tried) : undefined,

  linked: (): ReadonlySet<CodeDigest> => linkedCodes(),

  /** Changes with the linked codes, codecs and names of provided hosts: then a blocked run is worth another try. */
  environment(): string {
    const parts = [
      ...linkedCodes(),
      ...(surroundings.codecs ?? []).map(({ tag }) => `codec ${tag}`),
      ...Object.keys(surroundings.provided).map((name) => `provide ${name}`),
    ];
    let hash = 0x811c9dc5;
    for (const text of parts.sort())
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, "0");
  },

  failure: (failure: Error): EncodedOutcome => failureOutcome(failure, surroundings),

  cancelled: (reason: string | null): EncodedOutcome => ({
    ...failureOutcome(new CancelledError(reason), surroundings),
    status: "cancelled",
  }),

  decode: (outcome: EncodedOutcome): Outcome => decodeOutcome(outcome, surroundings),
});
