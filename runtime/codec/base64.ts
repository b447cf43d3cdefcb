/** Base64 (RFC 4648 section 4) without help from the platform: the core runs in bare realms too. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const VALUES = new Uint8Array(128).fill(255);
CODES.forEach((code, value) => {
  VALUES[code] = value;
});
const PAD = 61; // "="
/** Bytes turned into text at once: a multiple of 3, few enough for the arguments of one call. */
const CHUNK = 3 * 4096;

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  const codes = new Uint8Array((CHUNK / 3) * 4);
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const end = Math.min(start + CHUNK, bytes.length);
    let length = 0;
    for (let i = start; i < end; i += 3) {
      const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      codes[length++] = CODES[group >> 18]!;
      codes[length++] = CODES[(group >> 12) & 63]!;
      codes[length++] = i + 1 < end ? CODES[(group >> 6) & 63]! : PAD;
      codes[length++] = i + 2 < end ? CODES[group & 63]! : PAD;
    }
    text += String.fromCharCode.apply(null, codes.subarray(0, length) as unknown as number[]);
  }
  return text;
}

/** Undefined when the text is no Base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUES[code]! : 255;
    if (value === 255) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[length++] = (bits >> count) & 255;
    }
  }
  return bytes;
}
