/** Columns of many rows, as the store sends them: texts in the server's binary form, numbers as its literal. */

const decoder = new TextDecoder();

/** `text[]`: after a header of 20 bytes a length and as many bytes for each, or a length of -1. */
export function textsIn(value: unknown): (string | null)[] {
  const bytes = value as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: (string | null)[] = [];
  for (let at = 20; at < bytes.length; ) {
    const length = view.getInt32(at);
    at += 4;
    texts.push(length < 0 ? null : decoder.decode(bytes.subarray(at, at + length)));
    at += Math.max(0, length);
  }
  return texts;
}

export function numbersIn(value: unknown): (number | null)[] {
  const inside = (value as string).slice(1, -1);
  return inside === "" ? [] : inside.split(",").map((one) => (one === "NULL" ? null : Number(one)));
}
