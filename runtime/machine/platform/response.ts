/**
 * The `Response` that `fetch` yields: a value of the run once its body has been read. It stays a Response of the platform; what is saved is its
 * head and the bytes of its body.
 */
import { fromBase64, toBase64 } from "../../codec/base64.ts";
import type { Decoder, Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/properties.ts";

/** Larger bodies are not read: such a response enters as it is, and must be used up before the next save. */
export const MAX_BODY = 8 * 1024 * 1024;

/** What a Response was made of. Null: it has no body. */
interface Contents {
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** Responses that can be saved. */
const contents = new WeakMap<Response, Contents>();

const isResponse = (value: unknown): value is Response =>
  typeof globalThis.Response === "function" && value instanceof globalThis.Response;

/** The same response with its body in memory; every other value, and one whose body is used, locked or too large, is itself. */
export async function buffered(value: unknown): Promise<unknown> {
  if (!isResponse(value) || value.bodyUsed || value.status < 200) return value;
  const declared = Number(value.headers.get("content-length") ?? 0);
  if (declared > MAX_BODY) return value;
  const body = value.body === null ? null : await readAll(value.clone());
  return body === undefined ? value : make(headOf(value), body);
}

/** Undefined: there is more than {@link MAX_BODY}. The other branch of the clone still has all of it. */
async function readAll(response: Response): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MAX_BODY) {
      void reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Of the request that was answered in the end; only `fetch` can set these. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
}

const headOf = ({ status, statusText, headers, url, redirected, type }: Response): Head => ({
  status,
  statusText,
  headers: [...headers],
  url,
  redirected,
  type,
});

function make({ status, statusText, headers, ...rest }: Head, body: Uint8Array<ArrayBuffer> | null): Response {
  const response = new globalThis.Response(body, {
    status,
    statusText,
    headers: headers.map(([name, value]) => [name, value]),
  });
  // The constructor adds a content type where there was none.
  if (!headers.some(([name]) => name === "content-type")) response.headers.delete("content-type");
  for (const [key, value] of Object.entries(rest)) Object.defineProperty(response, key, { value, configurable: true });
  contents.set(response, { body });
  return response;
}

/** What a used body is: nobody can read it again. */
function use(response: Response): void {
  if (!response.bodyUsed) void response.arrayBuffer().catch(() => {});
}

/** `{ status, statusText, headers, url, redirected, type, body, used }`, the body in base64. */
export const responseKind: Kind<Response> = {
  tag: "response",
  test: (value): value is Response => contents.has(value as Response),

  encode(response): Json {
    const { body } = contents.get(response)!;
    const head = { ...headOf(response), body: body === null ? null : toBase64(body), used: response.bodyUsed };
    return head as unknown as Json;
  },

  create(payload: Json, decoder: Decoder): Response {
    if (!isJsonObject(payload) || !Array.isArray(payload.headers))
      return decoder.corrupt("a Response has no known form");
    const { body } = payload;
    if (body !== null && typeof body !== "string") return decoder.corrupt("a Response has no known form");
    const bytes = body === null ? null : fromBase64(body);
    if (bytes === undefined) return decoder.corrupt("the body of a Response is no base64");
    try {
      return make(payload as unknown as Head, bytes);
    } catch (thrown) {
      return decoder.corrupt(`a Response cannot be made: ${String(thrown)}`);
    }
  },

  fill(response: Response, payload: Json): void {
    if (isJsonObject(payload) && payload.used === true) use(response);
  },
};
