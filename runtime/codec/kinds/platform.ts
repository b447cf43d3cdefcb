/** Objects of the platform that are values and need no run: URL with its parameters, DOMException, Headers, TextEncoder, Intl; where the realm has them. */
import type { Decoder, Json, Kind } from "../contract.ts";
import { isJsonObject } from "../json.ts";
import { encodeProperties, fillProperties } from "../properties.ts";
import { isExactly, prototypeNamed } from "./global-class.ts";
import { headersKind } from "./headers.ts";
import { intlKinds } from "./intl.ts";
import { urlKinds } from "./url.ts";

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

/** It has no state. */
const textEncoderKind: Kind = {
  tag: "TE",
  test: (value): value is object => isExactly(value, "TextEncoder"),
  encode: () => null,
  create: () => new TextEncoder(),
  fill: () => {},
};

export const platformKinds = (): readonly Kind[] => [
  ...urlKinds(),
  domExceptionKind as unknown as Kind,
  headersKind,
  textEncoderKind,
  ...intlKinds(),
];
