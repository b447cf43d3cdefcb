/** How Blob, File, FormData, Request and Response are saved. Symbols among their own properties are the platform's. */
import { fromBase64, toBase64 } from "../../../codec/base64.ts";
import type { Decoder, Encoder, Json, Kind } from "../../../codec/contract.ts";
import { isJsonObject } from "../../../codec/json.ts";
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { encodeProperties, fillProperties } from "../../../codec/properties.ts";
import { DurableAbortSignal } from "../abort-signal.ts";
import { blobClass, fileClass, makeBlob, makeFile } from "./blob.ts";
import { type BodyName, type Bytes, bodyName, type Contents, contentsOf, isPlain, isUnknown } from "./contents.ts";
import { formDataClass } from "./form-data.ts";
import { makeRequest, type RequestHead, requestClass, headOf as requestHeadOf, signalsOf } from "./request.ts";
import { headOf, makeResponse, type ResponseHead, responseClass, useUp } from "./response.ts";
import { textDecoderKind } from "./text-decoder.ts";

type JsonObject = { readonly [key: string]: Json };

const bySymbol = (key: string | symbol) => typeof key === "symbol";

/** Own properties that a program has put there, where there are any. */
const ownOf = (value: object, encoder: Encoder): { own?: Json } => {
  const own = encodeProperties(value, bySymbol, encoder);
  return own.length === 0 ? {} : { own };
};
const fillOwn = (value: object, { own }: JsonObject, decoder: Decoder): void =>
  fillProperties(value, own, bySymbol, decoder);

const objectIn = (payload: Json, name: BodyName, decoder: Decoder): JsonObject =>
  isJsonObject(payload) ? payload : decoder.corrupt(`a ${name} has no known form`);

const textIn = (json: Json | undefined, name: BodyName, decoder: Decoder): string =>
  typeof json === "string" ? json : decoder.corrupt(`a ${name} has no known form`);

function bytesIn(json: Json | undefined, name: BodyName, decoder: Decoder): Bytes {
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  return bytes ?? decoder.corrupt(`the bytes of a ${name} are no base64`);
}

const contentsIn = (json: Json | undefined, name: BodyName, decoder: Decoder): Bytes | null =>
  json === null ? null : bytesIn(json, name, decoder);

function encodeContents(contents: Contents | undefined, encoder: Encoder): Json {
  if (isUnknown(contents)) return encoder.refuse(contents.unknown);
  return contents === null || contents === undefined ? null : toBase64(contents);
}

const fails = (name: BodyName, why: unknown, decoder: Decoder): never =>
  decoder.corrupt(`a ${name} cannot be made: ${String(why)}`);

/** `{ type, bytes }`, and `{ name, lastModified }` of a File. */
const blobKind: Kind<Blob> = {
  tag: "Blob",
  test(value): value is Blob {
    if (contentsOf(value) === undefined) return false;
    const name = bodyName(value);
    return (
      (name === "Blob" && isPlain(value, name, blobClass())) || (name === "File" && isPlain(value, name, fileClass()))
    );
  },
  encode(value, encoder) {
    const { type } = value;
    const file: { [key: string]: Json } = isInstanceNamed(value, "File")
      ? { name: (value as File).name, lastModified: (value as File).lastModified }
      : {};
    return { type, ...file, bytes: encodeContents(contentsOf(value), encoder), ...ownOf(value, encoder) };
  },
  create(payload, decoder) {
    const { type, name, lastModified, bytes } = objectIn(payload, "Blob", decoder);
    const contents = bytesIn(bytes, "Blob", decoder);
    if (name === undefined) return makeBlob(contents, textIn(type, "Blob", decoder));
    return makeFile(contents, textIn(name, "File", decoder), textIn(type, "File", decoder), Number(lastModified));
  },
  fill: (value, payload, decoder) => fillOwn(value, payload as JsonObject, decoder),
};

/** `{ entries: [name, value, name, value …] }` */
const formDataKind: Kind<FormData> = {
  tag: "F",
  test: (value): value is FormData => bodyName(value) === "FormData" && isPlain(value, "FormData", formDataClass()),
  encode(value, encoder) {
    const entries: Json[] = [];
    for (const [name, one] of value as unknown as Iterable<[string, unknown]>)
      entries.push(name, encoder.value(one, `.get(${JSON.stringify(name)})`));
    return { entries, ...ownOf(value, encoder) };
  },
  create: () => new (formDataClass())(),
  fill(value, payload, decoder) {
    const shape = objectIn(payload, "FormData", decoder);
    const { entries } = shape;
    if (!Array.isArray(entries) || entries.length % 2 !== 0) return fails("FormData", "it has no entries", decoder);
    for (const name of new Set(value.keys())) value.delete(name);
    try {
      for (let i = 0; i < entries.length; i += 2) {
        const one = decoder.value(entries[i + 1] as Json);
        value.append(textIn(entries[i] as Json, "FormData", decoder), one as Blob);
      }
    } catch (why) {
      fails("FormData", why, decoder);
    }
    fillOwn(value, shape, decoder);
  },
};

/** Of a Response or Request: is its body known, or known not to be? */
const isTaken = (value: object, name: BodyName, own: () => Function): boolean =>
  contentsOf(value) !== undefined && bodyName(value) === name && isPlain(value, name, own());

/** `{ status, statusText, url, redirected, type, headers, body, used }`, the body in base64. */
const responseKind: Kind<Response> = {
  tag: "response",
  test: (value): value is Response => isTaken(value, "Response", responseClass),

  fields(response) {
    const { status, statusText, url, redirected, type, headers, bodyUsed } = response;
    if (Reflect.ownKeys(response).some((key) => !bySymbol(key)) || isUnknown(contentsOf(response))) return undefined;
    return [status, statusText, url, redirected, type, headers, bodyUsed];
  },
  encode(response, encoder): Json {
    return {
      ...headOf(response),
      headers: encoder.value(response.headers, ".headers"),
      body: encodeContents(contentsOf(response), encoder),
      used: response.bodyUsed,
      ...ownOf(response, encoder),
    };
  },
  create(payload, decoder) {
    const shape = objectIn(payload, "Response", decoder);
    const body = contentsIn(shape.body, "Response", decoder);
    try {
      return makeResponse(shape as unknown as ResponseHead, headersIn(shape, "Response", decoder), body);
    } catch (why) {
      return fails("Response", why, decoder);
    }
  },
  fill(response, payload, decoder) {
    const shape = payload as JsonObject;
    if (shape.used === true) useUp(response);
    fillOwn(response, shape, decoder);
  },
};

function headersIn({ headers: json }: JsonObject, name: BodyName, decoder: Decoder): Headers {
  const headers = json === undefined ? undefined : decoder.complete(json);
  return isInstanceNamed(headers, "Headers") ? (headers as Headers) : decoder.corrupt(`a ${name} has no headers`);
}

/** `{ url, method …, headers, body, used, follows, signal }` */
const requestKind: Kind<Request> = {
  tag: "request",
  test: (value): value is Request => isTaken(value, "Request", requestClass),

  fields(request) {
    if (Reflect.ownKeys(request).some((key) => !bySymbol(key)) || isUnknown(contentsOf(request))) return undefined;
    const { follows, signal } = signalsOf(request);
    return [...Object.values(requestHeadOf(request)), request.headers, request.bodyUsed, follows, signal];
  },
  encode(request, encoder): Json {
    const { follows, signal } = signalsOf(request);
    return {
      ...requestHeadOf(request),
      headers: encoder.value(request.headers, ".headers"),
      body: encodeContents(contentsOf(request), encoder),
      used: request.bodyUsed,
      follows: encoder.value(follows, ".signal"),
      signal: encoder.value(signal, ".signal"),
      ...ownOf(request, encoder),
    };
  },
  create(payload, decoder) {
    const { headers: _, body, used: __, follows, signal, own: ___, ...head } = objectIn(payload, "Request", decoder);
    const signalIn = (json: Json | undefined) => {
      const value = json === undefined ? undefined : decoder.value(json);
      const known = value === undefined || DurableAbortSignal.is(value) || value instanceof globalThis.AbortSignal;
      return known ? value : decoder.corrupt("the signal of a Request is none");
    };
    try {
      return makeRequest({
        head: head as unknown as RequestHead,
        headers: headersIn(payload as JsonObject, "Request", decoder),
        owned: true,
        contents: contentsIn(body, "Request", decoder),
        follows: signalIn(follows),
        signal: signalIn(signal),
      });
    } catch (why) {
      return fails("Request", why, decoder);
    }
  },
  fill(request, payload, decoder) {
    const shape = payload as JsonObject;
    if (shape.used === true) useUp(request);
    fillOwn(request, shape, decoder);
  },
};

export const bodyKinds = [
  blobKind,
  formDataKind,
  responseKind,
  requestKind,
  textDecoderKind,
] as unknown as readonly Kind[];
