/** A realm of its own for one test: the host that test262 asks for (INTERPRETING.md), the harness, and the modules that the test imports. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { types } from "node:util";
import vm from "node:vm";
import { GLOBAL } from "./compile.ts";

export interface RealmOptions {
  readonly test262: string;
  readonly prelude: string | null;
  readonly print: (line: string) => void;
  /** Compiles modules. */
  readonly transform: (code: string, fileName: string) => string;
}

const shared = new Map<string, vm.Script>();

/** What realms have from Node 24 on, and every supported Node has a part of: the symbols, and the error with its properties (ECMA-262 2026, 20.5.8). */
const disposal = `
for (const name of ["dispose", "asyncDispose"]) if (!Symbol[name]) Object.defineProperty(Symbol, name, { value: Symbol("Symbol." + name) });
if (typeof SuppressedError === "undefined") {
  const hidden = (value) => ({ value, writable: true, enumerable: false, configurable: true });
  class SuppressedError extends Error {
    constructor(error, suppressed, message) {
      super(...(message === undefined ? [] : [message]));
      Object.defineProperties(this, { error: hidden(error), suppressed: hidden(suppressed) });
    }
  }
  Object.defineProperty(SuppressedError.prototype, "name", hidden("SuppressedError"));
  Object.defineProperty(SuppressedError.prototype, "message", hidden(""));
  Object.defineProperty(globalThis, "SuppressedError", hidden(SuppressedError));
}
`;

export class TestRealm {
  readonly context = vm.createContext({});
  readonly global: any;
  readonly #options: RealmOptions;
  readonly #modules = new Map<string, vm.Module>();

  constructor(options: RealmOptions) {
    this.#options = options;
    this.global = vm.runInContext("this", this.context);
    const define = (name: string, value: unknown): void =>
      void Object.defineProperty(this.global, name, { value, writable: true, configurable: true, enumerable: false });
    define("print", (line: unknown) => options.print(String(line)));
    define("setTimeout", (callback: () => void, ms?: number) => void setTimeout(callback, ms));
    define("console", { log() {}, error() {}, warn() {} });
    define("$262", {
      global: this.global,
      createRealm: () => new TestRealm(options).global.$262,
      evalScript: (code: string) => this.run(code, "evalScript"),
      detachArrayBuffer: (buffer: ArrayBuffer) => void structuredClone(buffer, { transfer: [buffer] }),
      gc: () => globalThis.gc?.(),
    });
    this.runShared(disposal, "disposal");
    if (options.prelude === null) return;
    this.runShared(options.prelude, "prelude");
    this.global[GLOBAL].surroundings.isProxy = types.isProxy;
  }

  run(code: string, filename: string, timeout?: number): unknown {
    const script = new vm.Script(code, {
      filename,
      importModuleDynamically: ((specifier: string, from: { identifier?: string }) =>
        this.#importDynamically(specifier, from.identifier ?? filename)) as never,
    });
    return script.runInContext(this.context, timeout === undefined ? {} : { timeout });
  }

  /** The same text in many realms: it is parsed once. */
  runShared(code: string, filename: string): void {
    let script = shared.get(code);
    if (script === undefined) shared.set(code, (script = new vm.Script(code, { filename })));
    script.runInContext(this.context);
  }

  /** Evaluates a test that is a module. `phase` of what it throws: `parse`, `resolution` or `runtime`. */
  async runModule(code: string, path: string, reached: (phase: string) => void): Promise<void> {
    const module = this.#make(path, code);
    reached("resolution");
    await module.link((specifier, from) => this.#load(specifier, from.identifier));
    reached("runtime");
    await module.evaluate();
  }

  #make(path: string, code: string): vm.Module {
    const module = new vm.SourceTextModule(code, {
      context: this.context,
      identifier: path,
      importModuleDynamically: ((specifier: string) => this.#importDynamically(specifier, path)) as never,
      initializeImportMeta: (meta) => void (meta.url = path),
    });
    this.#modules.set(path, module);
    return module;
  }

  #load(specifier: string, from: string): vm.Module {
    const path = resolve(dirname(from), specifier);
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(path, "utf8");
    if (!path.endsWith(".json")) return this.#make(path, this.#options.transform(text, path));
    const value = this.run(`(${JSON.stringify(JSON.parse(text))})`, path);
    const context = this.context;
    const module: vm.SyntheticModule = new vm.SyntheticModule(["default"], () => module.setExport("default", value), {
      context,
      identifier: path,
    });
    this.#modules.set(path, module);
    return module;
  }

  async #importDynamically(specifier: string, from: string): Promise<vm.Module> {
    let module: vm.Module;
    try {
      module = this.#load(String(specifier), from);
    } catch (error) {
      throw this.#asRealmError(error);
    }
    if (module.status === "unlinked") await module.link((wanted, by) => this.#load(wanted, by.identifier));
    if (module.status === "linked") await module.evaluate();
    return module;
  }

  /** Errors of this file's own realm would be of no class that the test knows. */
  #asRealmError(error: unknown): unknown {
    const { name, message, code } = error as { name?: string; message?: string; code?: string };
    if (name !== "SyntaxError" && code === undefined) return error;
    const make = this.run("(name, message) => new globalThis[name](message)", "host") as (
      name: string,
      message: string,
    ) => unknown;
    return make(name === "SyntaxError" ? "SyntaxError" : "TypeError", String(message));
  }
}

export const harnessFile = (test262: string, name: string): string =>
  readFileSync(join(test262, "harness", name), "utf8");
