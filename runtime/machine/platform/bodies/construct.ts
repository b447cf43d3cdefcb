/** `perdure/platform`: constructors of the platform as durable code has them. In a run what they make can be saved; outside, and inside a step, they are the platform's. */
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { runtimeEntry } from "../../operations/runtime-entry.ts";
import { blobClass, constructBlob, constructFile, fileClass } from "./blob.ts";
import type { BodyName } from "./contents.ts";
import { constructFormData, formDataClass } from "./form-data.ts";
import { constructRequest, requestClass } from "./request.ts";
import { constructResponse, responseClass, responseStatics } from "./response.ts";
import { constructTextDecoder, textDecoderClass } from "./text-decoder.ts";

type ClassName = BodyName | "TextDecoder";
type Statics = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * `make` is called in place of the platform's constructor. Instances have the prototype of the run's own class, whose `constructor` this is; those of the
 * platform are instances too.
 */
function durableClass<C extends Function>(
  name: ClassName,
  own: () => Function,
  make: (...args: never[]) => object,
  statics: Statics = {},
): C {
  const constructor = function (this: unknown, ...args: never[]): object {
    if (new.target === undefined) throw new TypeError(`Class constructor ${name} cannot be invoked without 'new'`);
    const made = make(...args);
    // A class that extends it.
    if (new.target !== constructor) Reflect.setPrototypeOf(made, new.target.prototype as object);
    return made;
  };
  const { prototype } = own() as unknown as { prototype: object };
  Object.defineProperty(constructor, "name", { value: name });
  Object.defineProperty(constructor, "length", { value: (Reflect.get(globalThis, name) as Function).length });
  Object.defineProperty(constructor, "prototype", { value: prototype, writable: false });
  Object.defineProperty(prototype, "constructor", { value: constructor, writable: true, configurable: true });
  Object.defineProperty(constructor, Symbol.hasInstance, {
    value: (value: unknown) => isInstanceNamed(value, name),
    configurable: true,
  });
  for (const [key, fn] of Object.entries(statics))
    Object.defineProperty(constructor, key, {
      value: runtimeEntry(`${name}.${key}`, fn),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return runtimeEntry(name, constructor) as unknown as C;
}

/** Undefined where the platform has no such class. */
const whereKnown = <C extends Function>(name: ClassName, make: () => C): C =>
  typeof Reflect.get(globalThis, name) === "function" ? make() : (undefined as unknown as C);

export const Blob = /* @__PURE__ */ whereKnown("Blob", () =>
  durableClass<typeof globalThis.Blob>("Blob", blobClass, constructBlob),
);
export const File = /* @__PURE__ */ whereKnown("File", () =>
  durableClass<typeof globalThis.File>("File", fileClass, constructFile),
);
export const FormData = /* @__PURE__ */ whereKnown("FormData", () =>
  durableClass<typeof globalThis.FormData>("FormData", formDataClass, constructFormData),
);
export const Request = /* @__PURE__ */ whereKnown("Request", () =>
  durableClass<typeof globalThis.Request>("Request", requestClass, constructRequest),
);
export const Response = /* @__PURE__ */ whereKnown("Response", () =>
  durableClass<typeof globalThis.Response>("Response", responseClass, constructResponse, responseStatics),
);
export const TextDecoder = /* @__PURE__ */ whereKnown("TextDecoder", () =>
  durableClass<typeof globalThis.TextDecoder>("TextDecoder", textDecoderClass, constructTextDecoder),
);
