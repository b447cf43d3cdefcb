/**
 * URL and URLSearchParams (URL Standard, 6). The parameters of a URL are one object with it: what changes one changes the other, and nothing tells of
 * parameters whose they are. So parameters are always made as a part of some URL, and the URL that turns out to be theirs takes that one's place.
 */
import type { Decoder, Json, Kind } from "../contract.ts";
import { platformClass } from "../platform-class.ts";
import { exoticKind, getterOf } from "./exotic.ts";
import { prototypeNamed } from "./global-class.ts";

/** Any URL with parameters. */
const NOWHERE = "a:";

/** Objects of these classes say only in private names of the platform what they are. Throwing for all others is slow. */
const asked = (brand: ((this: unknown) => unknown) | undefined, value: object): boolean => {
  try {
    return brand !== undefined && typeof brand.call(value) === "string";
  } catch {
    return false;
  }
};
const [hrefOf, paramsText] =
  typeof URL === "function" && typeof URLSearchParams === "function"
    ? [getterOf(URL.prototype, "href"), URLSearchParams.prototype.toString as (this: unknown) => unknown]
    : [];

/** Is what looks like an empty object a URL, or parameters, that lost the prototype? */
export const isBareUrl = (value: object): boolean =>
  Reflect.ownKeys(value).length === 0 && (asked(hrefOf, value) || asked(paramsText, value));

export function urlKinds(): readonly Kind[] {
  const URL = platformClass("URL") as typeof globalThis.URL | undefined;
  const URLSearchParams = platformClass("URLSearchParams") as typeof globalThis.URLSearchParams | undefined;
  if (URL === undefined || URLSearchParams === undefined) return [];
  const { get: href, set: setHref } = Reflect.getOwnPropertyDescriptor(URL.prototype, "href")!;
  const searchParams = getterOf(URL.prototype, "searchParams") as (this: unknown) => URLSearchParams;
  const { toString, append, delete: remove } = URLSearchParams.prototype;
  const textOf = (params: URLSearchParams): string => toString.call(params);
  /** The URL that parameters were decoded as a part of. */
  const owners = new WeakMap<URLSearchParams, URL>();

  /** `[href, parameters]`. */
  const urlKind = exoticKind<URL>({
    tag: "U",
    prototype: URL.prototype,
    brand: (value) => prototypeNamed(value, "URL") !== undefined && typeof href!.call(value) === "string",
    fields: (url) => [href!.call(url), searchParams.call(url)],
    data: (url, encoder) => [href!.call(url) as string, encoder.value(searchParams.call(url), ".searchParams")],
    make(data, decoder: Decoder) {
      const [text, json] = Array.isArray(data) ? (data as readonly Json[]) : [];
      const params = json === undefined ? undefined : decoder.value(json);
      const url = params instanceof URLSearchParams ? owners.get(params) : undefined;
      if (url === undefined || typeof text !== "string") return decoder.corrupt("a URL has no known form");
      try {
        setHref!.call(url, text);
      } catch {
        decoder.corrupt("a URL is not valid here");
      }
      return url;
    },
    fillData: (url, data) => setHref!.call(url, (data as readonly Json[])[0] as string),
  });

  /** The text of the parameters. */
  const paramsKind = exoticKind<URLSearchParams>({
    tag: "Q",
    prototype: URLSearchParams.prototype,
    brand: (value) => prototypeNamed(value, "URLSearchParams") !== undefined && typeof textOf(value) === "string",
    fields: (params) => [textOf(params)],
    data: textOf,
    make() {
      const url = new URL(NOWHERE);
      const params = searchParams.call(url);
      owners.set(params, url);
      return params;
    },
    fillData(params, data, decoder: Decoder) {
      if (typeof data !== "string") return decoder.corrupt("parameters are no text");
      // Writing them would write the URL anew, whose own text (`?a=%20b`) need not be that of its parameters (`a=+b`).
      if (textOf(params) === data) return;
      for (const name of new Set(params.keys())) remove.call(params, name);
      for (const [name, value] of new URLSearchParams(data)) append.call(params, name, value);
    },
  });
  return [urlKind, paramsKind] as unknown as readonly Kind[];
}
