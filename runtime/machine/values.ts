/** Values between runs and clients: arguments and outcomes, each the text of a heap of its own, so both sides have their own copy. */
import { Heap } from "../codec/heap.ts";
import type { EncodedOutcome } from "./contract.ts";
import { KindContext } from "./kinds/context.ts";
import { portableKinds } from "./kinds/machine-kinds.ts";
import { RunReferences } from "./names.ts";

const OWNER = "value";

const options = (provided: Readonly<Record<string, unknown>>, root: string) => {
  const context = new KindContext(undefined);
  return {
    context,
    root,
    heap: { kinds: portableKinds(context), references: new RunReferences(provided), owner: OWNER },
  };
};

/** Throws a coded error, with the path from `name`, for what cannot be copied. */
export function encodeValue(value: unknown, provided: Readonly<Record<string, unknown>> = {}, name = "value"): string {
  const { heap } = options(provided, name);
  return new Heap(heap).save("base", { strong: { [name]: value } }).text;
}

/** A fresh copy of what {@link encodeValue} was given. Throws a coded error for a text that cannot be read here. */
export function decodeValue(text: string, provided: Readonly<Record<string, unknown>> = {}): unknown {
  const { context, heap } = options(provided, "");
  const { roots } = Heap.load(heap, [text]);
  for (const finish of context.whenLoaded) finish();
  const [root] = roots.values();
  return root;
}

export type Outcome =
  | { readonly status: "fulfilled"; readonly value: unknown }
  | { readonly status: "rejected" | "cancelled"; readonly reason: unknown };

/** A committed outcome, for a client or a parent: the value, or what it was rejected with. */
export function decodeOutcome(
  { status, text }: EncodedOutcome,
  provided: Readonly<Record<string, unknown>> = {},
): Outcome {
  const value = decodeValue(text, provided);
  return status === "fulfilled" ? { status, value } : { status, reason: value };
}

/** The outcome of something that failed outside any run: a child that could not be made. */
export function failureOutcome(failure: Error): EncodedOutcome {
  return { status: "rejected", text: encodeValue(failure) };
}
