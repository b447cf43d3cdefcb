/** Objects of the platform that are values: URL, DOMException, Headers and FormData, where the realm has them. */
import type { Decoder, Json, Kind } from "../contract.ts";
import { encodeProperties, fillProperties, isJsonObject } from "../properties.ts";
import { exoticKind } from "./exotic.ts";
import { fetchKinds } from "./fetch-values.ts";

/** The class of that name, but only from the value itself: asking the global could load it for nothing. */
function prototypeNamed(value: object, name: string): object | undefined {
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at)) {
    const made: unknown = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof made === "function" && made.name === name)
      return made === Reflect.get(globalThis, name) ? at : undefined;
  }
  return undefined;
}

/** The text of the URL. Its `searchParams` is a part of it and is made again. */
const urlKind = (of: typeof URL): Kind => {
  const { get: href, set: setHref } = Reflect.getOwnPropertyDescriptor(of.prototype, "href")!;
  return exoticKind<URL>({
    tag: "U",
    prototype: of.prototype,
    brand: (value) => prototypeNamed(value, "URL") !== undefined && typeof href!.call(value) === "string",
    fields: (url, out) => out.push(href!.call(url)),
    data: (url) => href!.call(url) as string,
    make(data, decoder: Decoder) {
      if (typeof data !== "string") decoder.corrupt("a URL is no text");
      return new of(data);
    },
    fillData: (url, data) => setHref!.call(url, data as string),
  }) as unknown as Kind;
};

const none = () => false;

/** `{ name, message, own }` */
const domExceptionKind: Kind<DOMException> = {
  tag: "D",
  test: (value): value is DOMException => prototypeNamed(value, "DOMException") !== undefined,
  encode: (exception, encoder) => ({
    name: exception.name,
    message: exception.message,
    own: encodeProperties(exception, none, encoder),
  }),
  create(payload: Json, decoder: Decoder): DOMException {
    if (!isJsonObject(payload)) decoder.corrupt("a DOMException has no known form");
    const { name, message } = payload;
    if (typeof name !== "string" || typeof message !== "string") decoder.corrupt("a DOMException has no known form");
    return new DOMException(message, name);
  },
  fill(exception: DOMException, payload: Json, decoder: Decoder): void {
    if (!isJsonObject(payload)) decoder.corrupt("a DOMException has no known form");
    fillProperties(exception, payload.own, none, decoder);
  },
};

export const platformKinds = (): readonly Kind[] => [
  ...(typeof URL === "function" ? [urlKind(URL)] : []),
  domExceptionKind as unknown as Kind,
  ...fetchKinds(),
];
