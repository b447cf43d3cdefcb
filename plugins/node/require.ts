/**
 * `require` of durable files. Hooks do not reach it in Node 20, and tools that make CommonJS of TypeScript (tsx) read the file in a handler of
 * their own; so the handlers of source files' extensions are asked after ours.
 */
import Module from "node:module";
import type { Loader } from "./loader.ts";

type Handler = (module: NodeModule & { _compile(code: string, fileName: string): void }, fileName: string) => void;

/** @param loader compiles in this thread */
export function requireDurable(loader: Loader): void {
  const handlers = (Module as unknown as { _extensions: Record<string, Handler | undefined> })._extensions;
  for (const extension of [".js", ".cjs", ".ts", ".cts", ".mts", ".jsx", ".tsx"]) {
    const before = handlers[extension];
    const handler: Handler = (module, fileName) => {
      const unheard = (): void => before?.(Object.assign(Object.create(module), { _compile() {} }), fileName);
      const code = loader.compile(fileName, "commonjs", unheard);
      if (code !== null) module._compile(code, fileName);
      else if (before) before(module, fileName);
      else module._compile(loader.strip(fileName, "commonjs"), fileName);
    };
    if (before === undefined && !/^\.c?ts$/.test(extension)) continue;
    Object.defineProperty(handlers, extension, {
      value: handler,
      configurable: true,
      writable: true,
      // What is listed here is tried for names without an extension; that stays as it was.
      enumerable: Object.prototype.propertyIsEnumerable.call(handlers, extension),
    });
  }
}
