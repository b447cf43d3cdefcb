/** Headers and FormData: what people build before a `fetch`, and what the errors of clients carry. Where the realm has them. */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";

interface Entries extends Iterable<readonly [name: string, value: unknown]> {
  append(name: string, value: unknown): void;
  delete(name: string): void;
  has(name: string): boolean;
}

/**
 * Exactly of the global class, which is found through the value: to ask for the global could load it for nothing. `has` throws for what has no such list.
 */
function isOf(value: object, name: string): boolean {
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === null) return false;
  const of: unknown = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof of !== "function" || of.name !== name || of !== Reflect.get(globalThis, name)) return false;
  try {
    (prototype as Entries).has.call(value as Entries, "x");
    return true;
  } catch {
    return false;
  }
}

const isText = (json: Json | undefined): json is string => typeof json === "string";

/** `[name, value, name, value …]`, in order, each value of a name on its own. Own properties are the platform's, and are made again. */
const entriesKind = (name: "Headers" | "FormData", tag: string): Kind => ({
  tag,
  test: (value): value is object => isOf(value, name),
  encode(value: object, encoder: Encoder): Json {
    const items: Json[] = [];
    for (const [key, one] of value as Entries) {
      // A file's bytes can only be read asynchronously, so it is refused, under its name.
      items.push(key, typeof one === "string" ? one : encoder.value(one, `.get(${JSON.stringify(key)})`));
    }
    return items;
  },
  create: () => Reflect.construct(Reflect.get(globalThis, name) as new () => object, []),
  fill(value: object, payload: Json, decoder: Decoder): void {
    if (!Array.isArray(payload) || payload.length % 2 !== 0 || !payload.every(isText))
      decoder.corrupt(`a ${name} has no known form`);
    const entries = value as Entries;
    for (const key of new Set(Array.from(entries, ([one]) => one))) entries.delete(key);
    try {
      for (let i = 0; i < payload.length; i += 2) entries.append(payload[i] as string, payload[i + 1]);
    } catch (why) {
      decoder.corrupt(`a ${name} cannot be made: ${String(why)}`);
    }
  },
});

export const fetchKinds = (): readonly Kind[] => [entriesKind("Headers", "H"), entriesKind("FormData", "F")];
