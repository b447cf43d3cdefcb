/** Blob and File as durable code has them: objects of the platform whose bytes are known. */
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { currentRun } from "../../current-run.ts";
import { type Bytes, bytesOf, know, once } from "./contents.ts";
import { Platform } from "./platform-classes.ts";

const encoder = once(() => new TextEncoder());

/** `native` ends lines as the platform does (File API, 3.1.1). */
function withLineEndings(text: string, endings: unknown): string {
  if (endings !== "native") return text;
  const host = globalThis as { process?: { platform?: string } };
  return text.replace(/\r\n|\r|\n/g, host.process?.platform === "win32" ? "\r\n" : "\n");
}

export const concatenated = (chunks: readonly Uint8Array[]): Bytes => {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
};

/** A copy of what a buffer or a view on one holds. */
export const copyOf = (source: ArrayBuffer | ArrayBufferView): Bytes =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();

const isBuffer = (value: unknown): value is ArrayBuffer => value instanceof ArrayBuffer;

/** The bytes of all parts; undefined when one of them is a Blob whose bytes nobody has read. */
function bytesOfParts(parts: readonly unknown[], endings: unknown): Bytes | undefined {
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    const chunk =
      isBuffer(part) || ArrayBuffer.isView(part)
        ? copyOf(part)
        : isInstanceNamed(part, "Blob")
          ? bytesOf(part as Blob)
          : encoder().encode(withLineEndings(String(part), endings));
    if (chunk === undefined) return undefined;
    chunks.push(chunk);
  }
  return concatenated(chunks);
}

/** Of the platform, when the bytes are not known or no run is there. */
interface Sliceable {
  slice(start?: number, end?: number, type?: string): Blob;
}

/** A part of a Blob, with its bytes: the platform's own has forgotten where it comes from. */
function sliced(of: Sliceable & Blob, native: Sliceable["slice"], args: readonly unknown[]): Blob {
  const blob = Reflect.apply(native, of, args) as Blob;
  const bytes = bytesOf(of);
  if (bytes === undefined) return blob;
  const start = relative(args[0], 0, bytes.length);
  return makeBlob(bytes.slice(start, start + blob.size), blob.type);
}

function relative(position: unknown, otherwise: number, size: number): number {
  if (position === undefined) return otherwise;
  const at = Math.trunc(Number(position)) || 0;
  return at < 0 ? Math.max(size + at, 0) : Math.min(at, size);
}

/** Made from bytes, which are known from then on. */
export const blobClass = once(
  () =>
    class Blob extends Platform.Blob {
      constructor(bytes: Bytes, type: string) {
        super([bytes], { type });
        know(this, bytes);
      }
      override slice(...args: [number?, number?, string?]): globalThis.Blob {
        return sliced(this, Platform.Blob.prototype.slice, args);
      }
    },
);

export const fileClass = once(
  () =>
    class File extends Platform.File {
      constructor(bytes: Bytes, name: string, type: string, lastModified: number) {
        super([bytes], name, { type, lastModified });
        know(this, bytes);
      }
      override slice(...args: [number?, number?, string?]): globalThis.Blob {
        return sliced(this, Platform.Blob.prototype.slice, args);
      }
    },
);

export const makeBlob = (bytes: Bytes, type: string): Blob => new (blobClass())(bytes, type);

export const makeFile = (bytes: Bytes, name: string, type: string, lastModified: number): File =>
  new (fileClass())(bytes, name, type, lastModified);

/** Outside a run it is the program's that is made. */
const platformOr = <N extends "Blob" | "File">(name: N): (typeof globalThis)[N] =>
  currentRun() === undefined ? globalThis[name] : (Platform[name] as (typeof globalThis)[N]);

/** `new Blob(parts, options)`; the platform checks and converts what it is given. */
export function constructBlob(...args: ConstructorParameters<typeof Blob>): Blob {
  const [given, options] = args;
  const parts = typeof given === "object" ? [...given] : given;
  const blob = new (platformOr("Blob"))(parts as typeof given & {}, options);
  const bytes = currentRun() && bytesOfParts(parts ?? [], options?.endings);
  return bytes === undefined ? blob : makeBlob(bytes, blob.type);
}

export function constructFile(...args: ConstructorParameters<typeof File>): File {
  const [given, name, options] = args;
  const parts = typeof given === "object" ? [...given] : given;
  // Without its arguments, so that the platform tells how many there must be.
  const file = args.length < 2 ? new (platformOr("File"))(...args) : new (platformOr("File"))(parts!, name, options);
  const bytes = currentRun() && bytesOfParts(parts ?? [], options?.endings);
  return bytes === undefined ? file : makeFile(bytes, file.name, file.type, file.lastModified);
}
