/** Bodies that durable code gives to a Request or a Response (Fetch Standard, "extract a body"). */
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { hex } from "../../operations/hex.ts";
import type { Run } from "../../run.ts";
import { copyOf } from "./blob.ts";
import { type Bytes, bytesOf, type Contents } from "./contents.ts";
import { multipart } from "./form-data.ts";

export interface Body {
  /** Unknown: the platform gets the body as it was given, and a save is refused. */
  readonly contents: Contents;
  /** Content type, where the headers say none. */
  readonly type: string | null;
}

const unknown = (why: string): Body => ({ contents: { unknown: why }, type: null });

/** Random bytes in the boundary between the parts of a form. */
const BOUNDARY = 8;

export function bodyOf(run: Run, body: unknown): Body {
  if (body === null || body === undefined) return { contents: null, type: null };
  if (typeof body !== "object" && typeof body !== "function") return text(String(body), "text/plain;charset=UTF-8");
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { contents: copyOf(body), type: null };
  if (body instanceof URLSearchParams) return text(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  if (isForm(body)) {
    const boundary = `----formdata-${hex(run.host.random(BOUNDARY))}`;
    const bytes = multipart(body, boundary);
    return bytes === undefined
      ? unknown("it holds a form with a file whose bytes were not read")
      : { contents: bytes, type: `multipart/form-data; boundary=${boundary}` };
  }
  if (isBlob(body)) {
    const bytes = bytesOf(body);
    return bytes === undefined
      ? unknown("its body is a Blob of ordinary code, whose bytes were not read")
      : { contents: bytes, type: body.type || null };
  }
  if (body instanceof globalThis.ReadableStream || Symbol.asyncIterator in body)
    return unknown("its body is a stream, which can be read once and only in this process");
  return text(String(body), "text/plain;charset=UTF-8");
}

const isForm = (body: object): body is FormData => isInstanceNamed(body, "FormData");
const isBlob = (body: object): body is Blob => isInstanceNamed(body, "Blob");

const text = (text: string, type: string): Body => ({
  contents: new TextEncoder().encode(text) as Bytes,
  type,
});
