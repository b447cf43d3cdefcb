/** What all walks over a graph share: how a child becomes a value, and how a refusal names it. */
import type { Encoder, Given, Json, PathStep } from "./contract.ts";
import { Entry } from "./entry.ts";
import { whyNotHeld } from "./instance-refusals.ts";
import { refreshGlobals } from "./intrinsics.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { encodeLeaf, HOLE, HOLE_JSON, isLeaf } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";
import { propertyStep } from "./paths.ts";
import { variablePath } from "./variable-path.ts";

/** Of the text of a step; `part` where a property of what it gave has been taken out. */
const keepData = ({ step, part }: Given): string => {
  const name = /^[\w$.]+(?=\()/.exec(step)?.[0];
  const call = name === undefined || /\)\s*[.[]/.test(step) ? step : `${name}(…)`;
  if (part !== undefined) {
    const what = /^\d+$/.test(part) ? `item ${part} of what \`${call}\` gave` : `\`${part}\`, which \`${call}\` gave`;
    return `keep only the data that you need of ${what}, before the next await`;
  }
  return `keep only the data that you need of what \`${call}\` gives, in the statement that awaits it: const { … } = await ${call}`;
};

type Step = PathStep | number | symbol;

export abstract class GraphEncoder implements Encoder {
  /** Whose children are being encoded, or were when the walk was refused: an object, or a root by its name. */
  current: Entry | string = "";
  readonly #names: Names;
  readonly #kinds: Kinds;

  constructor(names: Names, kinds: Kinds) {
    this.#names = names;
    this.#kinds = kinds;
  }

  /** The number of an object that this walk knows already, which is now reached. */
  protected abstract known(value: object | symbol): number | undefined;
  /** Numbers an object met for the first time; undefined when no kind takes it. */
  protected abstract add(value: object | symbol): number | undefined;

  value(child: unknown, step: PathStep): Json {
    return this.#encode(child, step, false);
  }

  own(child: object, step: PathStep): Json {
    const number = this.known(child) ?? this.add(child);
    return number === undefined ? this.#lastChance(child, step, false) : [number];
  }

  property(child: unknown, key: string | number | symbol): Json {
    return this.#encode(child, key, true);
  }

  constant(text: string): Json {
    return text;
  }

  isDurable(fn: object): boolean {
    return this.#kinds.isDurable(fn);
  }

  refuse(why: string, mend = "keep what it was made from, and make it again where it is used"): never {
    throw error("PD4001", { path: variablePath(this.current, ""), why, mend });
  }

  /** The step is made into text only when a message needs it. */
  #encode(child: unknown, step: Step, isKey: boolean): Json {
    if (isLeaf(child)) return encodeLeaf(child);
    if (child === HOLE) return HOLE_JSON;
    const value = child as object | symbol;
    const known = this.known(value);
    if (known !== undefined) return [known];
    const reference = this.#reference(value);
    if (reference !== undefined) return reference;
    const added = this.add(value);
    return added === undefined ? this.#lastChance(value as object, step, isKey) : [added];
  }

  /** For an object that has a number: refuses what it has become. */
  protected refuseStrange(value: object): void {
    const reason = this.#kinds.whyNoMore(value);
    if (reason === undefined) return;
    const [why, mend] = reason;
    throw error("PD4001", { path: variablePath(this.current, ""), why, mend });
  }

  #reference(child: object | symbol): Json | undefined {
    const key = typeof child === "symbol" ? Symbol.keyFor(child) : undefined;
    if (key !== undefined) return ["y", key];
    const name = this.#names.nameOf(child);
    return name === undefined ? undefined : ["r", name];
  }

  /** A global that was defined since, or a refusal. */
  #lastChance(child: object, step: Step, isKey: boolean): Json {
    refreshGlobals();
    const reference = this.#reference(child);
    if (reference !== undefined) return reference;
    // Names of bindings have their module before a colon; people write what is after it.
    const pathOf = (of: object) => this.#names.nameOf(of)?.replace(/^[^"[]*:/, "");
    const held = typeof child === "function" ? whyNotHeld(this.#holders(), pathOf) : undefined;
    const [why, mend, isFirst = false] = held ?? this.#kinds.whyNot(child, pathOf);
    const path = variablePath(this.current, isKey ? propertyStep(step) : String(step));
    throw error("PD4001", { path, why, mend: this.#mendOfResult(child, mend, isFirst) });
  }

  /** The objects that lead to what is being encoded, up to one of durable code: a frame, a closure, an instance. */
  #holders(): object[] {
    const holders: object[] = [];
    for (let at = this.current; at instanceof Entry; at = at.via) {
      if (typeof at.value !== "object" || !this.#kinds.isOfLanguage(at.kind)) break;
      holders.push(at.value);
    }
    return holders;
  }

  /** Of what a step gave, and could not be copied: as a rule nobody wants to save a client's own objects, but the data in its answer. */
  #mendOfResult(child: object, mend: string, isFirst: boolean): string {
    const given = this.#kinds.givenBy(child);
    const isWhole = given !== undefined && given.part === undefined;
    // Of the whole, if that is kept, rather than of a part of it.
    let holder = given;
    for (let at = this.current; !isWhole && at instanceof Entry; at = at.via)
      if (typeof at.value === "object") holder = this.#kinds.givenBy(at.value) ?? holder;
    if (holder === undefined) return mend;
    const data = keepData(holder);
    return isFirst ? `${mend}; or ${data}` : isWhole ? `${data}; or ${mend}` : data;
  }
}
