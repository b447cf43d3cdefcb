/** Values as one short line, for people. Runs no user code: no getter, no `toString`, no proxy trap but those of reading descriptors. */
const MAX_TEXT = 60;
const MAX_ITEMS = 5;

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text);

export function preview(value: unknown, depth = 1): string {
  switch (typeof value) {
    case "string":
      return cut(JSON.stringify(value));
    case "bigint":
      return cut(`${value}n`);
    case "function":
      return `[function ${nameOf(value) ?? "(anonymous)"}]`;
    case "object":
      return value === null ? "null" : previewObject(value, depth);
    default:
      return String(value);
  }
}

const nameOf = (fn: Function): string | undefined => {
  const name = Reflect.getOwnPropertyDescriptor(fn, "name")?.value as unknown;
  return typeof name === "string" && name !== "" ? name : undefined;
};

function classOf(value: object): string | undefined {
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  const constructor = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
  return typeof constructor === "function" ? nameOf(constructor) : undefined;
}

function previewObject(value: object, depth: number): string {
  const name = classOf(value);
  if (value instanceof Error) {
    const message = Reflect.getOwnPropertyDescriptor(value, "message")?.value as unknown;
    return cut(`${name ?? "Error"}: ${String(message ?? "")}`);
  }
  if (value instanceof Map || value instanceof Set) return `${name ?? "Map"}(${value.size})`;
  if (value instanceof Date) return `Date ${Number.isNaN(+value) ? "(invalid)" : value.toISOString()}`;
  if (Array.isArray(value))
    return depth === 0 ? `Array(${value.length})` : list(value, value.length, (i) => i, "[", "]", depth);
  if (depth === 0) return name ?? "{…}";
  const keys = Object.keys(value);
  const text = list(value, keys.length, (i) => keys[i]!, "{ ", " }", depth);
  return name === undefined ? text : `${name} ${text}`;
}

function list(
  owner: object,
  length: number,
  keyOf: (i: number) => string | number,
  open: string,
  close: string,
  depth: number,
): string {
  const parts: string[] = [];
  for (let i = 0; i < Math.min(length, MAX_ITEMS); i++) {
    const key = keyOf(i);
    const property = Reflect.getOwnPropertyDescriptor(owner, key);
    const text =
      property === undefined ? "(empty)" : "value" in property ? preview(property.value, depth - 1) : "(getter)";
    parts.push(typeof key === "number" ? text : `${key}: ${text}`);
  }
  if (length > MAX_ITEMS) parts.push("…");
  return parts.length === 0 ? (open + close).replace(/\s+/, "") : open + parts.join(", ") + close;
}

/** A thrown value in one line. */
export function textOf(reason: unknown): string {
  try {
    if (reason instanceof Error) return `${reason.name}: ${reason.message}`;
    return typeof reason === "object" || typeof reason === "function" ? preview(reason) : String(reason);
  } catch {
    return "(a value without text)";
  }
}
