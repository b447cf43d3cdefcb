/** `$.module(…)`: what a compiled module tells the runtime of its codes, and what its generated code calls with a site's index. */
import {
  ABI_VERSION,
  type CodeMeta,
  type Frame,
  type MachineMeta,
  type ModuleMeta,
  type StepFunction,
} from "../abi/index.ts";
import { registerMembers } from "./class-members.ts";
import { announceCopy } from "./copies.ts";
import { currentRun } from "./current-run.ts";
import { watched } from "./decorators.ts";
import { enter, type Slots } from "./driver.ts";
import { type GeneratorKind, giveParent } from "./function-parents.ts";
import { dressed, enterGenerator } from "./generators/functions.ts";
import { error } from "./messages.ts";
import { Calls } from "./operations/calls.ts";
import { isOutside } from "./outside.ts";
import { markPrivateMethods, type PrivateMethods, registerPrivateMethods } from "./private-methods.ts";
import { type ModulePrivates, ofModules, type Privates, registerPrivates, type StaticPrivates } from "./privates.ts";
import { naturalPrototypeOf } from "./prototypes.ts";
import { addConstructor, addDeclared, addExports, addReferences, constants } from "./references.ts";
import {
  type ClassCode,
  type Code,
  type FunctionCode,
  findCode,
  listModule,
  type MachineCode,
  type MethodCode,
  type ModuleInfo,
  register,
  registerInClass,
  table,
} from "./registry.ts";
import { reviving } from "./reviving.ts";
import { closureOf, stamp } from "./stamp.ts";

/** A spread would ask the iterator of arrays, which user code may have replaced. */
const { apply } = Reflect;

/** What `$m.machine` gives back. */
export interface Machine {
  /**
   * A call: runs to the first suspension and gives the promise, or the generator object. `slots` becomes the frame; `fn` is the generator function
   * itself, where it is not the one of its module or class.
   */
  enter(slots: Slots, fn?: Function): Promise<unknown>;
  /** The closure over the captured values. */
  make(...captured: unknown[]): Function;
}

export class ModuleScope extends Calls {
  /** Classes nested in functions, by path: the one whose static block ran last. */
  readonly #nested = new Map<string, Function>();

  /** Imports and module-level variables, whose values are saved by name. */
  refs(getters: Readonly<Record<string, () => unknown>>): void {
    addReferences(this.info.name, getters);
  }

  /** Namespaces of the project's own modules that this one imports from: the functions and classes that they export are saved by name. */
  exports(getters: Readonly<Record<string, () => unknown>>): void {
    addExports(getters);
  }

  /** A sync function lifted to module level: gives its maker, whose functions are stamped. */
  code<C extends unknown[], F extends Function>(
    path: string,
    meta: CodeMeta,
    make: (...captured: C) => F,
  ): (...captured: C) => F {
    const makeNamed = (...captured: C) => named(apply(make, undefined, captured), meta.name);
    const code: FunctionCode = { kind: "function", ...this.#base(path, meta), make: makeNamed };
    enlist(code);
    return (...captured) => stamp(named(apply(make, undefined, captured), meta.name), code, captured, isOutside());
  }

  /** A step's expression, lifted to a function of its operands: saved by code id and version, for each attempt. */
  expression<F extends Function>(path: string, meta: CodeMeta, fn: F, callees?: FunctionCode["callees"]): F {
    const code: FunctionCode = {
      ...{ kind: "function", ...this.#base(path, meta), make: () => fn },
      ...(callees && { callees }),
    };
    register(code);
    return stamp(fn, code, []);
  }

  /** An async function or a generator. `make` makes its closures, when it is not a module-level declaration or a method. */
  machine(path: string, meta: MachineMeta, step: StepFunction, make?: (...captured: any[]) => Function): Machine {
    const { generator } = meta;
    const code: MachineCode = {
      kind: "machine",
      ...this.#base(path, meta),
      step,
      handlers: table(meta.handlers),
      live: table(meta.live),
      points: table(meta.points),
      names: table(meta.names),
      leaves: table(meta.leaves),
      ...(generator && { generator }),
      ...(make && {
        make: (...captured) => {
          const fn = named(apply(make, undefined, captured) as Function, meta.name);
          if (generator !== undefined) return dressed(fn, generator);
          giveParent(fn, undefined);
          return fn;
        },
      }),
    };
    enlist(code);
    return {
      enter:
        generator === undefined
          ? (slots) => enter(code, slots)
          : (slots, fn) => enterGenerator(code, generator, slots as Frame, fn) as Promise<unknown>,
      make: (...captured) => stamp(apply(code.make!, undefined, captured) as Function, code, captured, isOutside()),
    };
  }

  /**
   * Marks a function or class of the module level: it is saved by name, and entered as current. A function without a machine or code of its own
   * (a sync declaration) gets its code here.
   */
  define<F extends Function>(fn: F, path: string): F {
    let code = this.#own(path);
    if (code === undefined) {
      code = { kind: "function", ...this.#base(path, { name: ownName(fn, path), at: [0, 0] }), make: () => fn };
      register(code);
    }
    code.instance = fn;
    if (code.kind === "machine") {
      if (code.generator !== undefined) dressed(fn, code.generator, code.id);
      else {
        giveParent(fn, undefined);
        // A declaration has one, which no async function has; it can be assigned only. Without an object there, `extends` and `instanceof` throw, as they are to.
        if (Object.hasOwn(fn, "prototype")) fn.prototype = undefined;
      }
    }
    if (code.kind === "function" && naturalPrototypeOf(fn) !== undefined) addConstructor(`code:${code.id}`, fn);
    addDeclared(`${this.info.name}:${path}`, fn);
    return stamp(fn, code, []);
  }

  /**
   * Called in a class's static block for each generator method: gives it what generator functions have. `path`: of a class of the module; the method of a
   * nested one has a prototype of its own, and is handed on by its calls.
   */
  generator(home: object, key: PropertyKey, kind: GeneratorKind, path: string | null): unknown {
    const { value } = Reflect.getOwnPropertyDescriptor(home, key) ?? {};
    if (typeof value !== "function") return undefined;
    if (path === null) return dressed(value, kind);
    const code = this.#own(path);
    if (code?.kind === "machine") code.instance = value;
    return dressed(value, kind, `${this.info.name}#${path}`);
  }

  /** Called in a class's static block for each async method: gives it what async functions inherit from. */
  async(home: object, key: PropertyKey): void {
    const { value } = Reflect.getOwnPropertyDescriptor(home, key) ?? {};
    if (typeof value === "function") giveParent(value, undefined);
  }

  /**
   * Called first in a class's static block: marks the class, and registers the accessors of its private names. `length`: what it has as its own, where guards
   * of its parameters have lowered that.
   */
  class(
    constructor: Function,
    path: string,
    privates?: Privates | null,
    statics?: StaticPrivates | ModulePrivates | null,
    methods?: PrivateMethods | null,
    length?: number,
  ): void {
    // A static method of that name has replaced it.
    if (length !== undefined && typeof Reflect.getOwnPropertyDescriptor(constructor, "length")?.value === "number")
      Object.defineProperty(constructor, "length", { value: length });
    // Classes that an earlier class of this path has made inside itself are not around what this one registers.
    for (const inner of this.#nested.keys())
      if (inner.startsWith(path) && /[./]/.test(inner.charAt(path.length))) this.#nested.delete(inner);
    let code = this.#own(path);
    if (code?.kind !== "class") {
      code = {
        kind: "class",
        ...this.#base(path, { name: ownName(constructor, path), at: [0, 0] }),
      } satisfies ClassCode;
      register(code);
    }
    // A nested class is stamped with what it captured by its maker, once it is complete.
    if (code.make === undefined) {
      code.instance = constructor;
      stamp(constructor, code, []);
      addDeclared(`${this.info.name}:${path}`, constructor, statics && "named" in statics ? statics.named : undefined);
    } else {
      this.#nested.set(path, constructor);
    }
    registerPrivates(constructor, privates, statics && "set" in statics ? statics : undefined);
    // A class that a run gets back is added by who makes it again.
    if (privates && !reviving()) ((code.make && currentRun()?.namingClasses) ?? ofModules).add(constructor);
    stampMethods(constructor, code);
    if (!methods) return;
    registerPrivateMethods(constructor, methods);
    markPrivateMethods(constructor);
  }

  /** `@logged` on a durable class or one of its members: throws PD2005, when the module is loaded, if it changes what it stands on. */
  decorator(site: number, decorator: unknown): unknown {
    // What is no function is told by whoever calls it.
    if (typeof decorator !== "function") return decorator;
    const { file, sites } = this.info.meta;
    const [line, column, text] = sites[site]!;
    return watched(decorator, (member) => {
      const what = member === "" ? "the class" : `"${member}"`;
      throw error("PD2005", { decorator: text, place: `${file}:${line}:${column}`, what });
    });
  }

  /** The template object of a tagged template whose call is split by a suspension: one per site (ECMA-262 13.2.8.4), saved by name. */
  template(name: string, strings: TemplateStringsArray): TemplateStringsArray {
    constants.put(`${this.info.name}#${name}`, strings);
    constants.put(`${this.info.name}#${name}.raw`, strings.raw);
    return strings;
  }

  /** A class nested in a function: its maker takes the captured cells, then the heritage and the computed keys. */
  classCode<C extends unknown[], F extends Function>(
    path: string,
    meta: CodeMeta,
    make: (...captured: C) => F,
  ): (...captured: C) => F {
    const code: ClassCode = { kind: "class", ...this.#base(path, meta), make };
    // Also found by its path alone, by its own static block.
    register(code);
    if (code.owner !== undefined) registerInClass(code.owner, code);
    return (...captured) => {
      const made = stamp(apply(make, undefined, captured), code, captured, isOutside());
      markPrivateMethods(made);
      return made;
    };
  }

  #base(path: string, meta: CodeMeta) {
    const { name, meta: module } = this.info;
    const fingerprint = module.fingerprints[path];
    if (fingerprint === undefined) throw error("PD2003", { file: module.file, code: path });
    const id = `${name}#${path}`;
    const owner = this.#classAround(path);
    return {
      ...{ id, fingerprint, digest: `${id}@${fingerprint}`, module: this.info, name: meta.name, at: meta.at },
      ...(meta.captures && { captures: meta.captures }),
      ...(owner && { owner }),
    };
  }

  /** This module's own code of that path, whatever other versions are linked. */
  #own(path: string): Code | undefined {
    const code = findCode(`${this.info.name}#${path}`, this.info.meta.fingerprints[path] ?? "");
    return code?.module === this.info ? code : undefined;
  }

  /**
   * The nested class in whose static block a code of this path is being registered: one that uses private names or `super` stands there, and each class
   * made by the same maker has names of its own.
   */
  #classAround(path: string): Function | undefined {
    if (this.#nested.size === 0) return undefined;
    for (let end = path.length - 1; end > 0; end--) {
      const found = path[end] === "." || path[end] === "/" ? this.#nested.get(path.slice(0, end)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Into the registry, or into its class. */
const enlist = (code: Code): void => (code.owner === undefined ? register(code) : registerInClass(code.owner, code));

/** Methods and accessors are there before the static block runs. They are durable, and are saved as their class and key. */
function stampMethods(owner: Function, of: ClassCode): void {
  stampMembers(owner, owner, of);
  stampMembers(owner, owner.prototype as object, of);
}

const PARTS = ["value", "get", "set"] as const;

function stampMembers(owner: Function, home: object, of: ClassCode): void {
  const { id, fingerprint, digest, module, at } = of;
  const members = Reflect.ownKeys(home).filter((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(home, key)!;
    // A computed key may make a method of that name.
    if (home === owner ? key === "prototype" : key === "constructor" && descriptor.value === owner) return false;
    const fresh = PARTS.filter((part) => {
      const fn: unknown = descriptor[part];
      if (typeof fn !== "function" || closureOf(fn) !== undefined) return false;
      const name = `${of.name}.${String(key)}`;
      const onClass = home === owner;
      const kind = "method";
      const code: MethodCode = { kind, id, fingerprint, digest, module, at, name, home: owner, onClass, key, part };
      stamp(fn, code, []);
      return true;
    });
    return fresh.length > 0;
  });
  registerMembers(owner, home, members);
}

/** A class may have put a method or an accessor in the place of its name: no getter is run. */
function ownName(fn: Function, path: string): string {
  const value: unknown = Reflect.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof value === "string" ? value : /[^./]*$/.exec(path)![0];
}

/** The name that the source's function has, where lifting lost it. Names of classes' statics and the user's own stay. */
function named<F extends Function>(fn: F, name: string): F {
  const own = Object.getOwnPropertyDescriptor(fn, "name");
  if (own?.configurable && own.value !== name && "value" in own)
    Object.defineProperty(fn, "name", { ...own, value: name });
  return fn;
}

/** Registers a compiled module. Throws PD2002 when it was compiled for another ABI. */
export function module(name: string, meta: ModuleMeta): ModuleScope {
  if (meta.abi !== ABI_VERSION)
    throw error("PD2002", { file: meta.file, found: String(meta.abi), expected: String(ABI_VERSION) });
  const info: ModuleInfo = {
    name,
    meta: { ...meta, fingerprints: table(meta.fingerprints), layouts: table(meta.layouts) },
  };
  listModule(info);
  announceCopy();
  return new ModuleScope(info);
}
