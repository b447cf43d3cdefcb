/** Copy-out: what an attempt has changed, written to the run's own objects, all or nothing. */
import type { Json, Kind } from "./contract.ts";
import type { Changes } from "./copy.ts";
import type { Entry } from "./entry.ts";
import { Graph } from "./graph.ts";
import { GraphEncoder } from "./graph-encoder.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { isLeaf, sameJson } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";
import type { Numbering } from "./numbering.ts";
import { propertyStep } from "./paths.ts";
import { variablePath } from "./variable-path.ts";

/** Encodes one object under the heap's numbers, without following its children. */
class Shallow extends GraphEncoder {
  readonly #numbering: Numbering;

  constructor({ numbering, names, kinds }: ApplyTarget) {
    super(names, kinds);
    this.#numbering = numbering;
  }

  encode(entry: Entry): Json {
    this.current = entry;
    return entry.kind.encode(entry.value as object, this);
  }

  protected known(value: object | symbol): number | undefined {
    return this.#numbering.find(value)?.id;
  }

  protected add(value: object | symbol): number | undefined {
    return this.#numbering.add(value)?.id;
  }
}

/** One change to make. `part` null: the whole object. */
interface Assignment {
  readonly entry: Entry;
  readonly part: string | null;
  readonly json: Json | undefined;
}

const partsOf = (kind: Kind, payload: Json) => (kind.assign ? kind.parts?.(payload) : undefined);

const isOnePart = ({ rest }: Kind, [first, ...others]: readonly Json[]): boolean =>
  rest !== undefined && others.some((payload) => !sameJson(rest(payload), rest(first!)));

/** Do the parts stand in the copy's order when the new ones are put behind those that the original has? */
function keepsOrder(own: ReadonlyMap<string, Json>, copy: ReadonlyMap<string, Json>): boolean {
  const kept = [...own.keys()].filter((part) => copy.has(part));
  return (
    [...copy.keys()].filter((part) => own.has(part)).every((part, i) => part === kept[i]) && endsWithNew(own, copy)
  );
}

/** Are the parts that only the copy has the last ones of it? */
function endsWithNew(own: ReadonlyMap<string, Json>, copy: ReadonlyMap<string, Json>): boolean {
  const first = [...copy.keys()].findIndex((part) => !own.has(part));
  return first < 0 || [...copy.keys()].slice(first).every((part) => !own.has(part));
}

/**
 * Do two such changes add up to another one than each of them? A count that two steps raise alike, a text that both make longer (a list is: its length is a
 * count). Whoever sets a flag, a name or a member to what it is already loses nothing by it.
 */
function isCounted(before: Json | undefined, after: Json | undefined): boolean {
  if (typeof before === "number") return typeof after === "number";
  if (typeof before === "string") return before !== "" && typeof after === "string" && after.startsWith(before);
  return isBigint(before) && isBigint(after);
}

const isBigint = (json: Json | undefined): boolean => Array.isArray(json) && json[0] === "b";

/** What of one object changed, compared part by part with the snapshot; throws PD4020 where the run has changed it too. */
function assignmentsFor(entry: Entry, before: Json, after: Json, now: Json): Assignment[] {
  const conflict = (step: string) => error("PD4020", { path: variablePath(entry, step) });
  const [then, copy, own] = [before, after, now].map((payload) => partsOf(entry.kind, payload));
  const isOne = !then || !copy || !own || isOnePart(entry.kind, [before, after, now]);
  if (isOne || (entry.kind.ordered && !keepsOrder(own, copy))) {
    if (sameJson(now, after)) return [];
    if (!sameJson(now, before)) throw conflict("");
    return [{ entry, part: null, json: after }];
  }
  const assignments: Assignment[] = [];
  for (const part of new Set([...copy.keys(), ...then.keys()])) {
    const json = copy.get(part);
    const before = then.get(part);
    const mine = own.get(part);
    if (sameJson(json, before) || (sameJson(json, mine) && !isCounted(before, json))) continue;
    if (!sameJson(mine, before)) throw conflict(propertyStep(part));
    assignments.push({ entry, part, json });
  }
  return assignments;
}

/** What apply needs of the heap. */
export interface ApplyTarget {
  readonly numbering: Numbering;
  readonly names: Names;
  readonly kinds: Kinds;
}

/**
 * Applies the changes to the objects that the run still reaches, and decodes the result. Objects of the copy that are new,
 * or whose original is gone, become objects of the run. Checks everything first.
 */
export function applyChanges(changes: Changes, target: ApplyTarget): unknown {
  // Nothing was changed, and there is nothing to be made.
  if (changes.before.size === 0 && changes.result.type === "copied" && isLeaf(changes.result.json))
    return changes.result.json;
  const { numbering, names, kinds } = target;
  const originals = new Map<number, Entry>();
  for (const [id, part] of changes.parts) {
    const entry = numbering.alive(id, part.entry);
    if (entry !== undefined) originals.set(id, entry);
  }
  const shallow = new Shallow(target);
  const assignments: Assignment[] = [];
  for (const [id, part] of changes.before) {
    const entry = originals.get(id);
    if (entry === undefined) continue;
    assignments.push(...assignmentsFor(entry, part.payload, changes.nodes.get(id)!.payload, shallow.encode(entry)));
  }
  const existing = new Map([...originals].map(([id, entry]) => [id, entry.value]));
  const graph = new Graph(changes.nodes, kinds, names, existing);
  const { result } = changes;
  const value =
    result.type === "copied" ? graph.value(result.json) : result.type === "uncopied" ? result.value : undefined;
  for (const { entry, part, json } of assignments) {
    const original = entry.value as object;
    if (part === null) entry.kind.fill(original, json!, graph);
    else entry.kind.assign!(original, part, json, graph);
  }
  graph.finish();
  for (const [id, made] of graph.objects)
    if (id > 0 && !originals.has(id)) numbering.revive(id, made, kinds.byTag(changes.nodes.get(id)!.tag)!);
  return value;
}
