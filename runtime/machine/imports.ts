/**
 * Namespaces that `import()` has loaded, saved by name: the expression that loaded them with its operands, `import:src/orders.ts#total/step1@9f2c…(["./tax.ts"])`.
 * What loads a run that refers to one evaluates that expression first, since a module can only be loaded asynchronously.
 */
import { isNamespace } from "../codec/kinds/plain.ts";
import type { PerdureError } from "../errors.ts";
import { addImported, isImported } from "./references.ts";
import { findCode } from "./registry.ts";
import { closureOf } from "./stamp.ts";

const PREFIX = "import:";

/** Why a module could not be loaded, by name: told by the error that misses it. */
const failures = new Map<string, unknown>();
/** Expressions that are written as `import()`: what a bundler makes of a namespace may be another object than a namespace. */
const importers = new WeakSet<object>();

export const markImporter = (code: object): void => void importers.add(code);

/** What `code` has yielded, if that is a module, gets its name. Only strings, as operands, say by themselves what was loaded. */
export function nameImported(code: object, operands: readonly unknown[], value: unknown): void {
  if (typeof value !== "object" || value === null || !(isNamespace(value) || importers.has(code))) return;
  const of = closureOf(code)?.code;
  if (of === undefined || !operands.every((it) => typeof it === "string" || it === undefined)) return;
  addImported(`${PREFIX}${of.digest}(${JSON.stringify(operands.map((it) => it ?? null))})`, value);
}

/**
 * What a load that failed with `missing` has to wait for: a module that is imported now. Undefined: nothing would help. `tried` is of one load, and keeps
 * it from asking for the same again and again.
 */
export function importMissing(missing: PerdureError, tried: Set<string>): Promise<void> | undefined {
  const [, module, id, fingerprint, json] = partsOf(missing.code === "PD4012" ? missing.details.name : undefined);
  if (module === undefined || tried.has(module) || isImported(module)) return undefined;
  tried.add(module);
  const code = findCode(id!, fingerprint!);
  if (code?.kind !== "function") return undefined;
  const load = code.make() as (...operands: readonly (string | undefined)[]) => Promise<unknown>;
  const operands = (JSON.parse(json!) as readonly (string | null)[]).map((it) => it ?? undefined);
  return Promise.resolve()
    .then(() => load(...operands))
    .then(
      (namespace) => {
        failures.delete(module);
        addImported(module, namespace as object);
      },
      (error: unknown) => void failures.set(module, error),
    );
}

/** Why the module of a name is not here, when it was tried. */
export const importFailure = (name: string): unknown => failures.get(partsOf(name)[1] ?? "");

/** Name of the module, id and fingerprint of the expression, its operands: of `import:id@fingerprint([…])`, and of `…::export`. */
const partsOf = (name = ""): readonly (string | undefined)[] =>
  /^(import:(.+?)@([0-9a-f]+)\((\[.*\])\))(?:::.*)?$/s.exec(name) ?? [];
