/**
 * Functions of the runtime that live in a run's heap: resolving functions, combinators' element functions. They are codes like the user's, so
 * that they are saved as code and captured values and not as opaque closures. A change of what one captures changes its version.
 */
import { ABI_VERSION } from "../abi/index.ts";
import { type FunctionCode, type ModuleInfo, register } from "./registry.ts";
import { stamp } from "./stamp.ts";

/** The module name of the runtime's own codes. */
export const RUNTIME = "perdure";

const runtimeModule: ModuleInfo = {
  name: RUNTIME,
  meta: { abi: ABI_VERSION, file: "perdure", fingerprints: {}, sites: [] },
};

/**
 * Registers a maker and gives it back, stamping what it makes. The functions are anonymous arrows: like those of ECMA-262 they have an empty
 * name and are no constructors.
 */
export function runtimeFunction<C extends unknown[], F extends Function>(
  path: string,
  version: number,
  make: (...captured: C) => F,
): (...captured: C) => F {
  const id = `perdure#${path}`;
  const fingerprint = String(version);
  const code: FunctionCode = {
    kind: "function",
    id,
    fingerprint,
    digest: `${id}@${fingerprint}`,
    module: runtimeModule,
    name: path,
    at: [0, 0],
    make,
  };
  register(code);
  return (...captured) => stamp(Reflect.apply(make, undefined, captured), code, captured);
}

/** A method of the runtime's own prototypes: it is durable, and saved by name. */
export function runtimeMethod<F extends Function>(path: string, fn: F): F {
  const id = `perdure#${path}`;
  const code: FunctionCode = {
    ...{ kind: "function", id, fingerprint: "1", digest: `${id}@1`, module: runtimeModule, name: fn.name, at: [0, 0] },
    make: () => fn,
    instance: fn,
  };
  register(code);
  return stamp(fn, code, []);
}
