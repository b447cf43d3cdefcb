/** Copies of this runtime in one process: what one has linked, another does not know, and takes for ordinary code. */
import { closureOf } from "./stamp.ts";

interface Copy {
  /** Where its code was loaded from. */
  readonly file: string;
  knows(value: unknown): boolean;
}

const KEY = Symbol.for("perdure.copies");
type Copies = Set<WeakRef<Copy>>;

const own: Copy = {
  get file() {
    return (
      /(?:file:\/\/)?([^\s()]+?)(?:\?[^\s()]*)?:\d+:\d+/.exec(new Error().stack ?? "")?.[1] ??
      "a place that is not known"
    );
  },
  knows: (value) => closureOf(value) !== undefined,
};
const reference = new WeakRef(own);

const copies = (): Copies => ((globalThis as { [KEY]?: Copies })[KEY] ??= new Set());

/** Lets the other copies ask this one. Called for each module that is linked: a copy that links none has nothing to know. */
export const announceCopy = (): void => void copies().add(reference);

/** Where the copy that has linked this function was loaded from, and this one; undefined: no other knows it. */
export function otherCopyOf(fn: unknown): { readonly other: string; readonly here: string } | undefined {
  for (const one of copies()) {
    const copy = one.deref();
    if (copy === undefined) copies().delete(one);
    else if (copy !== own && copy.knows(fn)) return { other: copy.file, here: own.file };
  }
  return undefined;
}
