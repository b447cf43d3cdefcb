/** The mappings of a source map (ECMA-426, 2024) with one source and no names, written as they are found: in the order of the generated text. */

const DIGITS = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "latin1");
const SEMICOLON = 0x3b;
const COMMA = 0x2c;
/** The digit of the number 0: there is one source. */
const ZERO = 0x41;

/** A segment has four numbers of at most seven digits each, and a comma. */
const LONGEST = 29;

/** Lines and columns count from 0. */
export class Mappings {
  private bytes = Buffer.allocUnsafe(1 << 13);
  private length = 0;
  private line = 0;
  /** How long the text was when the last line with a segment ended: the lines after that need not be written. */
  private used = 0;
  private column = 0;
  private sourceLine = 0;
  private sourceColumn = 0;
  private isFirst = true;

  /** Adds a segment, unless it says what the one before it on its line says already. */
  add(line: number, column: number, sourceLine: number, sourceColumn: number): void {
    this.reserve(line - this.line + LONGEST);
    for (; this.line < line; this.line++) {
      this.bytes[this.length++] = SEMICOLON;
      this.column = 0;
      this.isFirst = true;
    }
    const { bytes } = this;
    let at = this.length;
    if (!this.isFirst) {
      if (sourceLine === this.sourceLine && sourceColumn === this.sourceColumn) return;
      bytes[at++] = COMMA;
    }
    at = put(bytes, at, column - this.column);
    bytes[at++] = ZERO;
    at = put(bytes, at, sourceLine - this.sourceLine);
    at = put(bytes, at, sourceColumn - this.sourceColumn);
    this.column = column;
    this.sourceLine = sourceLine;
    this.sourceColumn = sourceColumn;
    this.isFirst = false;
    this.length = at;
    this.used = at;
  }

  toString(): string {
    return this.bytes.toString("latin1", 0, this.used);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe((this.length + count) * 2);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** Base 64 VLQ: the sign in the lowest bit, five bits a digit, the lowest first. Answers where the next number goes. */
function put(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  while (rest > 31) {
    bytes[at++] = DIGITS[(rest & 31) | 32]!;
    rest >>>= 5;
  }
  bytes[at++] = DIGITS[rest]!;
  return at;
}
