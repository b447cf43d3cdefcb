/** Headers: what people build before a `fetch`, and what responses and the errors of clients carry. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { isExactly } from "./global-class.ts";

const isText = (json: Json): json is string => typeof json === "string";

/** Of the class, and not its prototype, which has no list. */
function hasList(value: object): boolean {
  try {
    Headers.prototype.has.call(value as Headers, "x");
    return true;
  } catch {
    return false;
  }
}

/** `[name, value, name, value …]`, in order, each value of a name on its own. Own properties are the platform's, and are made again. */
export const headersKind: Kind = {
  tag: "H",
  test: (value): value is object => isExactly(value, "Headers") && hasList(value),
  encode: (value: object, _encoder: Encoder): Json => [...(value as Headers)].flat(),
  create: () => new Headers(),
  fill(value: object, payload: Json, decoder: Decoder): void {
    if (!Array.isArray(payload) || payload.length % 2 !== 0 || !payload.every(isText))
      decoder.corrupt("Headers have no known form");
    const headers = value as Headers;
    try {
      for (const [name] of [...headers]) headers.delete(name);
      for (let i = 0; i < payload.length; i += 2) headers.append(payload[i] as string, payload[i + 1] as string);
    } catch (why) {
      decoder.corrupt(`Headers cannot be made: ${String(why)}`);
    }
  },
};
