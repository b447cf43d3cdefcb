/** What a run saves by name: the runtime's own values, durable functions and classes of modules, module bindings, provided hosts. */
import type { References } from "../codec/contract.ts";
import { error as unknownName } from "../codec/messages.ts";
import { ordinaryClassOf, ownPrototypeOf } from "../codec/properties.ts";
import { TDZ } from "./cells.ts";
import { AsyncGeneratorFunctionPrototype, AsyncGeneratorPrototype } from "./generators/async-prototype.ts";
import { resolvePrototype } from "./generators/functions.ts";
import { importFailure } from "./imports.ts";
import { isMadeByModule } from "./made.ts";
import { runError as error } from "./messages.ts";
import { CancelledError, TimeoutError } from "./operations/cancelled.ts";
import { OwnIterator } from "./own-iterator.ts";
import { DurablePromise } from "./promise/durable-promise.ts";
import { classOf } from "./prototypes.ts";
import { constants, knownBindings, NamedValues, refreshBindings } from "./references.ts";
import { type Code, currentCode } from "./registry.ts";
import { closureOf } from "./stamp.ts";

/** Values of the runtime that durable code can hold. */
function makeOwn(): NamedValues {
  const own = new NamedValues();
  own.put("perdure:TDZ", TDZ);
  own.add("perdure:Promise", DurablePromise);
  own.add("perdure:Promise.prototype", DurablePromise.prototype);
  own.add("perdure:Iterator.prototype", OwnIterator.prototype);
  own.put("perdure:AsyncGenerator.prototype", AsyncGeneratorPrototype);
  own.put("perdure:AsyncGeneratorFunction.prototype", AsyncGeneratorFunctionPrototype);
  own.add("perdure:CancelledError", CancelledError);
  own.add("perdure:TimeoutError", TimeoutError);
  return own;
}

let own: NamedValues | undefined;

/** Of engines that provide nothing. */
const nothing = new NamedValues();

/** `code:src/orders.ts#Order`, with `.prototype` for that of a class. */
const CODE = "code:";
const PROTOTYPE = ".prototype";

const nameOfCode = (value: object | symbol, code: Code): string | undefined =>
  code.instance === value ? CODE + code.id : undefined;

function nameOfPrototype(value: object): string | undefined {
  // What functions of the module have there is state of the module, however it came there.
  const owner = classOf(value) ?? (Reflect.getOwnPropertyDescriptor(value, "constructor")?.value as unknown);
  if (typeof owner !== "function" || ownPrototypeOf(owner) !== value) return undefined;
  const of = closureOf(owner)?.code;
  return of !== undefined && of.instance === owner ? CODE + of.id + PROTOTYPE : undefined;
}

function resolveCode(name: string): unknown {
  const instance = currentCode(name)?.instance;
  if (instance !== undefined) return instance;
  const owner = name.endsWith(PROTOTYPE) ? currentCode(name.slice(0, -PROTOTYPE.length))?.instance : undefined;
  if (typeof owner === "function") return owner.prototype as unknown;
  throw error("PD2401", { code: name });
}

export class RunReferences implements References {
  readonly #provided: NamedValues;
  readonly #isProxy: (value: object) => boolean;

  /** @param isProxy whose constructor is not looked at: it would be asked */
  constructor(provided: Readonly<Record<string, unknown>>, isProxy: (value: object) => boolean = () => false) {
    this.#isProxy = isProxy;
    const names = Object.keys(provided);
    this.#provided = names.length === 0 ? nothing : new NamedValues();
    for (const name of names) this.#provided.add(`provide:${name}`, provided[name]);
  }

  nameOf(value: object | symbol): string | undefined {
    own ??= makeOwn();
    const code = closureOf(value)?.code;
    const isData = typeof value === "object" && code === undefined && !this.#isProxy(value);
    const name =
      (code !== undefined ? nameOfCode(value, code) : isData ? nameOfPrototype(value) : undefined) ??
      own.names.get(value) ??
      constants.names.get(value) ??
      this.#provided.names.get(value) ??
      knownBindings().names.get(value);
    if (name !== undefined || typeof value === "symbol") return name;
    // What is not the module's is the run's.
    if (isMadeByModule(value)) return refreshBindings(true).names.get(value);
    if (code !== undefined) return undefined;
    if (typeof value !== "function") return isData ? this.#nameOfOrdinaryPrototype(value) : undefined;
    // An ordinary function can only be saved by name: one that came late is worth a second look.
    const late = refreshBindings(true);
    return late.names.get(value) ?? late.classes.names.get(value) ?? this.#provided.classes.names.get(value);
  }

  /** That of an ordinary class has the name of the class. */
  #nameOfOrdinaryPrototype(value: object): string | undefined {
    const owner = ordinaryClassOf(value);
    if (owner === undefined || closureOf(owner) !== undefined) return undefined;
    const name = this.nameOf(owner);
    return name === undefined ? undefined : name + PROTOTYPE;
  }

  resolve(name: string): unknown {
    own ??= makeOwn();
    if (name.startsWith(CODE)) return resolveCode(name.slice(CODE.length));
    for (const table of [own, constants, this.#provided, refreshBindings()])
      if (table.values.has(name)) return table.values.get(name);
    const prototype = resolvePrototype(name);
    if (prototype !== undefined) return prototype;
    const late = refreshBindings(true);
    for (const table of [late, late.classes, this.#provided.classes])
      if (table.values.has(name)) return table.values.get(name);
    if (name.endsWith(PROTOTYPE)) {
      const owner = this.resolve(name.slice(0, -PROTOTYPE.length));
      if (typeof owner === "function") return owner.prototype as unknown;
    }
    throw unknownName("PD4012", { name }, importFailure(name));
  }
}
