/** ArrayBuffer and the views on it. Views that share a buffer share it after loading too. */
import { fromBase64, toBase64 } from "../base64.ts";
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { exoticKind, getterOf } from "./exotic.ts";

const bufferLength = getterOf(ArrayBuffer.prototype, "byteLength") as (this: unknown) => number;

/** `resizable` and `detached` are newer than the oldest supported platform. */
const optionalGetter = (key: string) => Reflect.getOwnPropertyDescriptor(ArrayBuffer.prototype, key)?.get;
const isResizable = optionalGetter("resizable");
const maxByteLength = optionalGetter("maxByteLength");

/** The oldest supported platform does not tell whether a buffer is detached; a view on one cannot be made. */
function bytesOf(buffer: ArrayBufferLike, encoder: Encoder): Uint8Array {
  try {
    return new Uint8Array(buffer);
  } catch {
    return encoder.refuse("it is a detached buffer: its contents were transferred away");
  }
}

/** Undefined for shared memory, and whatever else is no ArrayBuffer. */
function lengthOf(value: unknown): number | undefined {
  try {
    return bufferLength.call(value);
  } catch {
    return undefined;
  }
}
const isBuffer = (value: unknown): value is ArrayBuffer => lengthOf(value) !== undefined;

type Resizable = new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
const resizeBuffer = Reflect.get(ArrayBuffer.prototype, "resize") as (this: ArrayBuffer, to: number) => void;

function decodeBytes(json: Json | undefined, decoder: Decoder): Uint8Array<ArrayBuffer> {
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  return bytes ?? decoder.corrupt("a buffer is no Base64");
}

/** `"base64"`; `["base64", max]` for a resizable buffer. */
const bufferKind = exoticKind<ArrayBuffer>({
  tag: "B",
  prototype: ArrayBuffer.prototype,
  brand: (value) => bufferLength.call(value) !== undefined,
  data(buffer, encoder) {
    const bytes = toBase64(bytesOf(buffer, encoder));
    return isResizable?.call(buffer) ? [bytes, maxByteLength!.call(buffer) as number] : bytes;
  },
  make(data, decoder: Decoder) {
    if (!Array.isArray(data)) return decodeBytes(data, decoder).buffer;
    const [text, max] = data as readonly Json[];
    const bytes = decodeBytes(text, decoder);
    if (typeof max !== "number" || !(max >= bytes.length)) decoder.corrupt("the size of a buffer is damaged");
    const buffer = new (ArrayBuffer as Resizable)(bytes.length, { maxByteLength: max });
    new Uint8Array(buffer).set(bytes);
    return buffer;
  },
  fillData(buffer, data, decoder: Decoder) {
    const bytes = decodeBytes(Array.isArray(data) ? data[0] : data, decoder);
    if (bytes.length !== bufferLength.call(buffer)) resizeBuffer.call(buffer, bytes.length);
    new Uint8Array(buffer).set(bytes);
  },
});

const typedArrayPrototype = Reflect.getPrototypeOf(Uint8Array.prototype)!;
const typedArrayName = getterOf(typedArrayPrototype, Symbol.toStringTag) as (this: unknown) => string | undefined;
const viewGetters = (prototype: object) => ({
  buffer: getterOf(prototype, "buffer") as (this: unknown) => ArrayBufferLike,
  byteOffset: getterOf(prototype, "byteOffset") as (this: unknown) => number,
  byteLength: getterOf(prototype, "byteLength") as (this: unknown) => number,
});
const typedArray = viewGetters(typedArrayPrototype);
const dataView = viewGetters(DataView.prototype);
const typedValues = Reflect.get(typedArrayPrototype, "values") as (this: View) => unknown;

type View = ArrayBufferView<ArrayBufferLike>;
type ViewClass = {
  new (buffer: ArrayBufferLike, byteOffset: number, length?: number): View;
  readonly prototype: View;
  readonly BYTES_PER_ELEMENT?: number;
};

const viewClasses: ReadonlyMap<string, ViewClass> = new Map(
  ["DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"]
    .concat("BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array")
    .flatMap((name) => {
      const of = Reflect.get(globalThis, name) as ViewClass | undefined;
      return of ? [[name, of] as const] : [];
    }),
);

interface Place {
  readonly offset: number;
  /** In bytes; null when it follows the length of the buffer. */
  readonly size: number | null;
}

/** Runs `look` while a resizable buffer has other lengths; then it is as it was. */
function whileResized<T>(buffer: ArrayBuffer, look: (resize: (to: number) => void) => T): T {
  const bytes = new Uint8Array(buffer).slice();
  try {
    return look((length) => resizeBuffer.call(buffer, length));
  } finally {
    resizeBuffer.call(buffer, bytes.length);
    new Uint8Array(buffer).set(bytes);
  }
}

/** A typed array out of bounds has no iterator, a DataView no length. */
const isOutOfBounds = (view: View, get: ReturnType<typeof viewGetters>): boolean => {
  try {
    void (get === typedArray ? typedValues : get.byteLength).call(view);
    return false;
  } catch {
    return true;
  }
};

/**
 * Where a view on a resizable buffer lies, be it out of bounds or not (ECMA-262 10.4.5.9). Its getters tell that only in bounds, and never whether the
 * length was given: so they are asked at the greatest length of the buffer, where all views are in bounds, and one element below it.
 */
function placeInResizable(view: View, get: ReturnType<typeof viewGetters>, buffer: ArrayBuffer, max: number): Place {
  const bytes = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
  return whileResized(buffer, (resize) => {
    resize(max);
    const offset = get.byteOffset.call(view);
    const size = get.byteLength.call(view);
    // No room for an element: such a view is empty for ever.
    if (max - offset < bytes) return { offset, size };
    resize(max - bytes);
    const isFixed = isOutOfBounds(view, get) || get.byteLength.call(view) === size;
    return { offset, size: isFixed ? size : null };
  });
}

/**
 * Node keeps small Buffers in pools: buffers of this size, in which others have their bytes too. A view on part of one
 * is saved with its own bytes alone, beside a stand-in for the pool, so that views that overlap still do.
 */
const poolSize = (): number => {
  const of = Reflect.getOwnPropertyDescriptor(globalThis, "Buffer");
  const buffer: unknown = of?.value ?? of?.get?.call(globalThis);
  return typeof buffer === "function" ? ((buffer as { poolSize?: number }).poolSize ?? 0) : 0;
};

class Pool {
  readonly buffer: ArrayBuffer;
  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
  }
}

/** A pool has one stand-in. It holds nothing that a heap changes, so heaps may share it. */
export function bufferKinds(): readonly Kind[] {
  const pools = new WeakMap<ArrayBufferLike, Pool>();
  const poolOf = (buffer: ArrayBufferLike): Pool => {
    let pool = pools.get(buffer);
    if (!pool) pools.set(buffer, (pool = new Pool(buffer as ArrayBuffer)));
    return pool;
  };

  const poolKind: Kind<Pool> = {
    tag: "Bp",
    test: (value): value is Pool => value instanceof Pool,
    fields: (pool) => [pool.buffer.byteLength],
    encode: (pool) => pool.buffer.byteLength,
    create(payload, decoder: Decoder) {
      if (payload !== poolSize()) decoder.corrupt("the size of a pool is damaged");
      return poolOf(new ArrayBuffer(payload as number));
    },
    fill: () => {},
  };

  const kinds = [...viewClasses].map(([name, of]) => {
    const get = name === "DataView" ? dataView : typedArray;
    return exoticKind<View>({
      tag: `V${name}`,
      prototype: of.prototype,
      keys: name === "DataView" ? [] : "indices",
      brand: (value) =>
        // Not its length: a view that is out of bounds has none.
        name === "DataView" ? dataView.buffer.call(value) !== undefined : typedArrayName.call(value) === name,
      data: (view, encoder) => encodeView(view, get, encoder),
      make: (data, decoder) => decodeView(of, data, decoder),
      fillData(view, data, decoder: Decoder) {
        const bytes = Array.isArray(data) && data[3] !== undefined ? decodeBytes(data[3], decoder) : undefined;
        if (bytes) new Uint8Array(get.buffer.call(view), get.byteOffset.call(view), bytes.length).set(bytes);
      },
    });
  });

  /** `[buffer, offset, length]`, length null when it tracks the buffer's; `[pool, offset, length, bytes]`. */
  function encodeView(view: View, get: typeof typedArray, encoder: Encoder): Json {
    const buffer = get.buffer.call(view);
    bytesOf(buffer, encoder);
    const bytesEach = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1;
    if (isBuffer(buffer) && isResizable?.call(buffer)) {
      const max = maxByteLength!.call(buffer) as number;
      const { offset, size } = placeInResizable(view, get, buffer, max);
      return [encoder.value(buffer, ".buffer"), offset, size === null ? null : size / bytesEach];
    }
    const offset = get.byteOffset.call(view);
    const size = get.byteLength.call(view);
    const length = size / bytesEach;
    const whole = lengthOf(buffer);
    if (whole !== undefined && size < whole && whole === poolSize()) {
      const pool = encoder.value(poolOf(buffer), ".buffer");
      return [pool, offset, length, toBase64(new Uint8Array(buffer, offset, size))];
    }
    return [encoder.value(buffer, ".buffer"), offset, length];
  }

  function decodeView(of: ViewClass, data: Json, decoder: Decoder): View {
    const [holder, offset, length] = Array.isArray(data) ? (data as readonly Json[]) : [];
    const owner = holder === undefined ? undefined : decoder.value(holder);
    const buffer = owner instanceof Pool ? owner.buffer : owner;
    if (!isBuffer(buffer) || typeof offset !== "number") decoder.corrupt("a view has no buffer");
    if (length !== null && typeof length !== "number") decoder.corrupt("a view has no length");
    const bytesEach = of.BYTES_PER_ELEMENT ?? 1;
    const size = (length ?? 0) * bytesEach;
    const make = () => (length === null ? new of(buffer, offset) : new of(buffer, offset, length));
    const fits = (within: number) => offset >= 0 && size >= 0 && offset + size <= within;
    const now = bufferLength.call(buffer);
    // V8 before 12 wants a whole number of elements of a buffer whose length a view follows, too.
    if (fits(now) && (length !== null || now % bytesEach === 0)) return make();
    const max = isResizable?.call(buffer) ? (maxByteLength!.call(buffer) as number) : -1;
    if (!fits(max)) decoder.corrupt("a view is out of bounds");
    return whileResized(buffer, (resize) => {
      resize(max - (max % bytesEach));
      return make();
    });
  }

  return [poolKind, bufferKind, ...kinds] as unknown as readonly Kind[];
}
