/** What may enter a run from outside: plain JSON, and nothing that JSON would change silently. */
import type { Json } from "../codec/contract.ts";
import { engineError } from "./messages.ts";

const MAX_DEPTH = 200;

/** Returns a copy that shares nothing with `value`; throws PD2505 with the path of what is not plain JSON. */
export const plainJson = (value: unknown): Json => copy(value, "value", 0);

function copy(value: unknown, path: string, depth: number): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : refuse(path, String(value));
  if (typeof value !== "object") return refuse(path, value === undefined ? "undefined" : `a ${typeof value}`);
  if (depth > MAX_DEPTH) return refuse(path, "nested too deeply, or part of a cycle");
  if (Array.isArray(value)) {
    return Array.from(value, (item, index) => copy(index in value ? item : undefined, `${path}[${index}]`, depth + 1));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse(path, `an instance of ${(prototype as { constructor?: Function }).constructor?.name || "a class"}`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) return refuse(path, "an object with symbols as keys");
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    // Defined, not assigned: an own `__proto__` stays data.
    Object.defineProperty(result, key, {
      value: copy(item, `${path}.${key}`, depth + 1),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return result;
}

function refuse(path: string, what: string): never {
  throw engineError("PD2505", { path, what });
}
