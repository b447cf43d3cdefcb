/** Property paths as people write them: `order.items[3]`, `Array.prototype[Symbol.iterator]`. */

const asciiIdentifier = /^[A-Za-z_$][\w$]*$/;
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

// The Unicode classes take milliseconds to compile: only names that need them pay.
export const isIdentifier = (name: string): boolean =>
  asciiIdentifier.test(name) || (/[^\0-\x7f]/.test(name) && identifier.test(name));

/** The path of a property. Undefined for a symbol that nothing but its identity tells apart. */
export function propertyPath(owner: string, key: string | symbol): string | undefined {
  if (typeof key === "string") return `${owner}${propertyStep(key)}`;
  const { description } = key;
  return description?.startsWith("Symbol.") ? `${owner}[${description}]` : undefined;
}

/** One step of a variable path: `.order`, `[3]`, `["first name"]`, `[Symbol(tag)]`. */
export function propertyStep(key: string | number | symbol): string {
  if (typeof key === "number") return `[${key}]`;
  if (typeof key === "symbol")
    return key.description?.startsWith("Symbol.") ? `[${key.description}]` : `[${String(key)}]`;
  if (isIdentifier(key)) return `.${key}`;
  return /^(0|[1-9]\d*)$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}
