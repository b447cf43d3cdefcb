/** Values between runs and clients: arguments and outcomes, each the text of a heap of its own, so both sides have their own copy. */
import { hiddenStateOf } from "../codec/classes/ordinary-class.ts";
import { decodeFlat, encodeFlat } from "../codec/flat-value.ts";
import { DEFAULT_LIMITS, Heap, type HeapOptions } from "../codec/heap.ts";
import { nameOfIntrinsic } from "../codec/intrinsics.ts";
import type { EncodedOutcome, VatHost } from "./contract.ts";
import { KindContext } from "./kinds/context.ts";
import { portableKinds } from "./kinds/machine-kinds.ts";
import { RunReferences } from "./names.ts";
import { repeatably } from "./pristine.ts";
import { lookingOnce, refreshBindings } from "./references.ts";
import { strangeToRun } from "./strangers.ts";

/** What of the host decides how values are copied. */
export type Surroundings = Pick<VatHost, "provided" | "codecs" | "isProxy" | "hasSlots" | "fetch" | "limits">;

const NOTHING: Surroundings = { provided: {} };
const OWNER = "value";
/** What is copied in a turn may be of its run's classes. */
const strangeTo = strangeToRun(undefined);

/** What the heaps of a host have in common. */
export const heapOptions = ({ provided, codecs, isProxy, hasSlots, limits }: Surroundings) => {
  const references = new RunReferences(provided, isProxy);
  // What a class hides stands in its text; a name it may get later, when its module is linked.
  const hides = new WeakMap<Function, boolean>();
  const whole = new Set(codecs?.filter((one) => one.isWhole).map((one) => one.of));
  const isWhole = (of: Function): boolean => whole.has(of);
  return {
    references,
    isOpenClass(of: Function): boolean {
      let is = hides.get(of);
      if (is === undefined) hides.set(of, (is = hiddenStateOf(of, isWhole) !== undefined));
      return !is && references.nameOf(of.prototype) !== undefined;
    },
    isWhole,
    ...(codecs ? { codecs } : {}),
    ...(isProxy ? { isProxy } : {}),
    ...(hasSlots ? { hasSlots } : {}),
    strangeTo,
    ...(limits ? { limits } : {}),
  };
};

const standalone = (surroundings: Surroundings, context: KindContext): HeapOptions => ({
  ...heapOptions(surroundings),
  kinds: portableKinds(context),
  owner: OWNER,
});

const limitsOf = ({ limits }: Surroundings) => ({ ...DEFAULT_LIMITS, ...limits });

/** An array that is saved for its items: no proxy, no codec's, none that has a name. */
const isOwn = (array: object, { provided, codecs = [], isProxy }: Surroundings): boolean =>
  isProxy?.(array) !== true &&
  codecs.length === 0 &&
  strangeTo(array, false) === undefined &&
  (nameOfIntrinsic(array) ?? new RunReferences(provided).nameOf(array)) === undefined;

/** Throws a coded error, with the path from `name`, for what cannot be copied. `options`: of the heap that the value is encoded in. */
export function encodeValue(
  value: unknown,
  surroundings: Surroundings = NOTHING,
  name = "value",
  options: Pick<HeapOptions, "entersErrors"> = {},
): string {
  return repeatably(() => {
    // Outside of turns nobody has looked since the last one: modules may have been linked.
    refreshBindings();
    const flat = encodeFlat(name, value, OWNER, (array) => isOwn(array, surroundings));
    if (flat !== undefined && flat.length <= limitsOf(surroundings).maxBytes) return flat;
    const heap = new Heap({ ...standalone(surroundings, new KindContext(undefined)), ...options });
    return heap.save("base", { strong: { [name]: value } }).text;
  });
}

/** The same of what is the run's own, whose errors of ordinary code may enter it. */
export const encodeOwn = (value: unknown, surroundings: Surroundings, name: string): string =>
  lookingOnce(() => encodeValue(value, surroundings, name, { entersErrors: true }));

/** A fresh copy of what {@link encodeValue} was given. Throws a coded error for a text that cannot be read here. */
export function decodeValue(text: string, surroundings: Surroundings = NOTHING): unknown {
  return repeatably(() => {
    const flat = decodeFlat(text, OWNER, limitsOf(surroundings).maxBytes);
    if (flat !== undefined) return flat.value;
    const context = new KindContext(undefined);
    const { roots } = Heap.load(standalone(surroundings, context), [text]);
    for (const finish of context.whenLoaded) finish();
    const [root] = roots.values();
    return root;
  });
}

export type Outcome =
  | { readonly status: "fulfilled"; readonly value: unknown }
  | { readonly status: "rejected" | "cancelled"; readonly reason: unknown };

/** A committed outcome, for a client or a parent: the value, or what it was rejected with. */
export function decodeOutcome({ status, text }: EncodedOutcome, surroundings: Surroundings = NOTHING): Outcome {
  const value = decodeValue(text, surroundings);
  return status === "fulfilled" ? { status, value } : { status, reason: value };
}

/** The outcome of something that failed outside any run: a child that could not be made. */
export const failureOutcome = (failure: Error, surroundings: Surroundings = NOTHING): EncodedOutcome => ({
  status: "rejected",
  text: encodeValue(failure, surroundings),
  error: String(failure),
});
