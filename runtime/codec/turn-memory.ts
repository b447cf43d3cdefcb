/**
 * What the snapshots of one turn have encoded: `items.map((item) => charge(item, items))` gives each of a thousand steps the same thousand objects.
 * An object is recalled only while each of its fields is what it was; nobody tells of changes, so they are read again and compared.
 */
import type { Recalled } from "./collector.ts";
import type { Entry } from "./entry.ts";
import { refsIn } from "./graph.ts";
import type { Part } from "./part.ts";

interface Remembered extends Recalled {
  readonly node: Part;
  readonly entry: Entry;
  readonly fields: readonly unknown[];
}

export class TurnMemory {
  readonly #remembered = new Map<object | symbol, Remembered>();

  /** Numbers may change hands after a save: what was encoded under the old ones is forgotten. */
  clear(): void {
    if (this.#remembered.size > 0) this.#remembered.clear();
  }

  recall(value: object | symbol): (Recalled & { readonly node: Part }) | undefined {
    const remembered = this.#remembered.get(value);
    if (remembered === undefined) return undefined;
    const { fields, entry } = remembered;
    const now = entry.kind.fields!(value as object);
    if (now === undefined || now.length !== fields.length) return undefined;
    for (let i = 0; i < now.length; i++) if (!Object.is(now[i], fields[i])) return undefined;
    return remembered;
  }

  /** Right after the part was encoded, by the kind of its heap. `entryOf`: what stands under a number in the same snapshot. */
  remember(part: Part, entryOf: (id: number) => Entry | undefined): void {
    const { entry } = part;
    if (entry === undefined) return;
    const fields = entry.kind.fields?.(entry.value as object);
    if (fields === undefined) return;
    const children: (object | symbol)[] = [];
    for (const id of refsIn(part.payload)) {
      const child = entryOf(id);
      if (child === undefined) return;
      children.push(child.value);
    }
    this.#remembered.set(entry.value, { node: part, entry, fields, children });
  }
}
