/**
 * %AsyncGeneratorPrototype% and %AsyncGeneratorFunction.prototype% of durable code (ECMA-262 27.6.1, 27.4.3). The platform's own methods look for a brand that
 * only the platform's generators have, so there are others in their place, with the same shape.
 */
import { currentRun, NativePromise } from "../current-run.ts";
import { DurablePromise } from "../promise/durable-promise.ts";
import { rejectPromise } from "../promise/settle.ts";
import { makePromiseFrom } from "../promise/state.ts";
import { runtimeMethod } from "../runtime-code.ts";
import { asyncDriverOf } from "./async-generator.ts";
import type { Resumption } from "./suspended.ts";

function request(generator: unknown, type: Resumption["type"], value: unknown): Promise<unknown> {
  const driver = asyncDriverOf(generator);
  if (driver !== undefined) return driver.request({ type, value });
  // AsyncGeneratorValidate, 27.6.3.3: the error comes as a rejection.
  const refused = new TypeError(`AsyncGenerator.prototype.${type} called on a value that is no async generator`);
  const run = currentRun();
  if (run === undefined) return NativePromise.reject(refused);
  const promise = makePromiseFrom(run, DurablePromise);
  rejectPromise(promise, refused);
  return promise;
}

// Methods of an object literal are no constructors, and have the names and lengths that ECMA-262 gives.
const methods = {
  next(this: unknown, value: unknown): Promise<unknown> {
    return request(this, "next", value);
  },
  return(this: unknown, value: unknown): Promise<unknown> {
    return request(this, "return", value);
  },
  throw(this: unknown, value: unknown): Promise<unknown> {
    return request(this, "throw", value);
  },
};

const ofPlatform = Reflect.getPrototypeOf(async function* () {})! as {
  readonly constructor: Function;
  prototype: object;
};

const readonly = (value: unknown): PropertyDescriptor => ({ value, configurable: true });

export const AsyncGeneratorPrototype = Object.create(Reflect.getPrototypeOf(ofPlatform.prototype)) as object;
export const AsyncGeneratorFunctionPrototype = Object.create(Function.prototype) as object;

Object.defineProperty(AsyncGeneratorPrototype, "constructor", readonly(AsyncGeneratorFunctionPrototype));
for (const [name, method] of Object.entries(methods))
  Object.defineProperty(AsyncGeneratorPrototype, name, {
    ...readonly(runtimeMethod(`AsyncGenerator/${name}`, method)),
    writable: true,
  });
Object.defineProperty(AsyncGeneratorPrototype, Symbol.toStringTag, readonly("AsyncGenerator"));

Object.defineProperty(AsyncGeneratorFunctionPrototype, "constructor", readonly(ofPlatform.constructor));
Object.defineProperty(AsyncGeneratorFunctionPrototype, "prototype", readonly(AsyncGeneratorPrototype));
Object.defineProperty(AsyncGeneratorFunctionPrototype, Symbol.toStringTag, readonly("AsyncGeneratorFunction"));
