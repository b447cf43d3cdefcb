/**
 * What the bodies of Blobs, Files, Requests and Responses hold. The platform reads them asynchronously, and a save cannot wait: so their bytes are taken
 * when they enter a run (`capture.ts`), or when durable code makes them.
 */
import { isInstanceNamed, isPrototypeNamed } from "../../../codec/platform-class.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes of a body; null where there is none; why they are not known. */
export type Contents = Bytes | null | { readonly unknown: string };

const known = new WeakMap<object, Contents>();

export const contentsOf = (value: object): Contents | undefined => known.get(value);

export const know = (value: object, contents: Contents): void => void known.set(value, contents);

export const isUnknown = (contents: Contents | undefined): contents is { readonly unknown: string } =>
  contents !== undefined && contents !== null && "unknown" in contents;

/** Bytes that are known. */
export function bytesOf(value: object): Bytes | undefined {
  const contents = known.get(value);
  return contents === undefined || contents === null || isUnknown(contents) ? undefined : contents;
}

/** Classes of the platform whose instances hold bytes. */
export type BodyName = "Blob" | "File" | "FormData" | "Request" | "Response";

const NAMES: ReadonlySet<unknown> = new Set<BodyName>(["Blob", "File", "FormData", "Request", "Response"]);

/** Which of the global classes it is of, told without asking for the global, which could load it for nothing. */
export function bodyName(value: unknown): BodyName | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  let name: unknown;
  for (let at = Reflect.getPrototypeOf(value); at !== null && name === undefined; at = Reflect.getPrototypeOf(at))
    name = Reflect.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
  if (!NAMES.has(name)) return undefined;
  return isInstanceNamed(value, name as BodyName) ? (name as BodyName) : undefined;
}

/** Has it the prototype that the platform gives, or that of the run's own form? Instances of classes that extend it hold more. */
export const isPlain = (value: object, name: BodyName, own: Function): boolean => {
  const prototype = Reflect.getPrototypeOf(value);
  return prototype === own.prototype || (prototype !== null && isPrototypeNamed(prototype, name));
};

/** Makes something when it is first asked for. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
