/**
 * TextDecoder as durable code has it (Encoding Standard, 7.2). A decoder may be in the middle of a stream, and does not tell: this one keeps the bytes of a character that
 * is not complete yet, for the encodings that people stream.
 */

import { fromBase64, toBase64 } from "../../../codec/base64.ts";
import type { Decoder, Json, Kind } from "../../../codec/contract.ts";
import { isJsonObject } from "../../../codec/json.ts";
import { currentRun } from "../../current-run.ts";
import { concatenated, copyOf } from "./blob.ts";
import { type Bytes, once } from "./contents.ts";

interface State {
  /** Of the stream under way: whether it has given text, and what it has not given yet. */
  started: boolean;
  pending: Bytes;
}

const states = new WeakMap<object, State>();

const NONE = new Uint8Array();

export const textDecoderClass = once(
  () =>
    class TextDecoder extends globalThis.TextDecoder {
      constructor(label: string, options: TextDecoderOptions) {
        super(label, options);
        states.set(this, { started: false, pending: NONE });
      }
      override decode(input?: Input, options?: { stream?: boolean }): string {
        const text = super.decode(input, options);
        const { started, pending } = states.get(this)!;
        const bytes = options?.stream === true && input ? concatenated([pending, copyOf(input as ArrayBuffer)]) : NONE;
        states.set(this, {
          started: options?.stream === true && (started || text !== ""),
          pending: options?.stream === true ? (input ? incomplete(this.encoding, bytes) : pending) : NONE,
        });
        return text;
      }
    },
);

type TextDecoderOptions = { readonly fatal?: boolean; readonly ignoreBOM?: boolean };
type Input = Parameters<InstanceType<typeof globalThis.TextDecoder>["decode"]>[0];
type Decoding = InstanceType<typeof globalThis.TextDecoder>;

/** The bytes at the end that are the beginning of a character. */
function incomplete(encoding: string, bytes: Bytes): Bytes {
  return bytes.slice(bytes.length - (encoding === "utf-8" ? incompleteUtf8(bytes) : incompleteUtf16(bytes, encoding)));
}

/** Table 3-7 of the Unicode Standard: the second byte of some leads has a narrower range. */
const SECOND: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

function incompleteUtf8(bytes: Bytes): number {
  for (let length = Math.min(3, bytes.length); length > 0; length--) {
    const [lead, ...rest] = bytes.subarray(bytes.length - length) as unknown as [number, ...number[]];
    const wanted =
      lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    const [low, high] = SECOND[lead] ?? [0x80, 0xbf];
    const valid = rest.every((byte, i) => (i === 0 ? byte >= low && byte <= high : byte >= 0x80 && byte <= 0xbf));
    if (wanted > length && valid) return length;
  }
  return 0;
}

function incompleteUtf16(bytes: Bytes, encoding: string): number {
  const odd = bytes.length % 2;
  const high = bytes[bytes.length - odd - (encoding === "utf-16le" ? 1 : 2)] ?? 0;
  return odd + (bytes.length - odd >= 2 && high >= 0xd8 && high < 0xdc ? 2 : 0);
}

const STREAMED: ReadonlySet<string> = new Set(["utf-8", "utf-16le", "utf-16be"]);

/** `{ encoding, fatal, ignoreBOM, started, pending }` */
export const textDecoderKind: Kind<Decoding> = {
  tag: "TD",
  test: (value): value is Decoding =>
    states.has(value) && Reflect.getPrototypeOf(value) === textDecoderClass().prototype,
  encode(decoder, encoder) {
    const { encoding, fatal, ignoreBOM } = decoder;
    const { started, pending } = states.get(decoder)!;
    if (!STREAMED.has(encoding) && (started || pending.length > 0))
      encoder.refuse(`it is in the middle of a stream in ${encoding}, and what it has not given yet cannot be read`);
    return { encoding, fatal, ignoreBOM, started, pending: toBase64(pending) };
  },
  create(payload: Json, decoder: Decoder) {
    const { encoding, fatal, ignoreBOM, started, pending } = isJsonObject(payload) ? payload : decoder.corrupt(UNKNOWN);
    const bytes = typeof pending === "string" ? fromBase64(pending) : undefined;
    if (typeof encoding !== "string" || bytes === undefined) return decoder.corrupt(UNKNOWN);
    try {
      const made = new (textDecoderClass())(encoding, { fatal: fatal === true, ignoreBOM: ignoreBOM === true });
      // Any character: a byte order mark is one no more.
      if (started === true)
        made.decode(encoding === "utf-8" ? LETTER : encoding === "utf-16le" ? LETTER_LE : LETTER_BE, STREAM);
      if (bytes.length > 0) made.decode(bytes, STREAM);
      return made;
    } catch {
      return decoder.corrupt(UNKNOWN);
    }
  },
  fill: () => {},
};

const UNKNOWN = "a TextDecoder has no known form";
const STREAM = { stream: true } as const;
const LETTER = Uint8Array.of(0x61);
const LETTER_LE = Uint8Array.of(0x61, 0);
const LETTER_BE = Uint8Array.of(0, 0x61);

/** `new TextDecoder(label, options)`. */
export function constructTextDecoder(...args: ConstructorParameters<typeof TextDecoder>): Decoding {
  const decoder = new globalThis.TextDecoder(...args);
  if (currentRun() === undefined) return decoder;
  const { encoding, fatal, ignoreBOM } = decoder;
  return new (textDecoderClass())(encoding, { fatal, ignoreBOM });
}
