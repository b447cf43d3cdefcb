/** What all walks over a graph share: how a child becomes a value, and how a refusal names it. */
import type { Encoder, Json, PathStep } from "./contract.ts";
import { Entry } from "./entry.ts";
import { refreshGlobals } from "./intrinsics.ts";
import type { Kinds } from "./kinds/kinds.ts";
import { encodeLeaf, HOLE, HOLE_JSON, isLeaf } from "./leaves.ts";
import { error } from "./messages.ts";
import type { Names } from "./names.ts";
import { propertyStep } from "./paths.ts";
import { variablePath } from "./variable-path.ts";

/** Of the text of a step. */
const keepData = (step: string): string => {
  const name = /^[\w$.]+(?=\()/.exec(step)?.[0];
  const call = name === undefined || /\)\s*[.[]/.test(step) ? step : `${name}(…)`;
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
    const [why, mend] = this.#kinds.whyNot(child, (of) => this.#names.nameOf(of)?.replace(/^[^"[]*:/, ""));
    const path = variablePath(this.current, isKey ? propertyStep(step) : String(step));
    throw error("PD4001", { path, why, mend: this.#mendOfResult(child, mend) });
  }

  /** Of what a step gave, and could not be copied: nobody wants to save a client's own objects, but the data in its answer. */
  #mendOfResult(child: object, mend: string): string {
    let given = this.#kinds.givenBy(child);
    if (given !== undefined) return `${keepData(given)}; or ${mend}`;
    for (let at = this.current; at instanceof Entry && given === undefined; at = at.via)
      if (typeof at.value === "object") given = this.#kinds.givenBy(at.value);
    return given === undefined ? mend : keepData(given);
  }
}
