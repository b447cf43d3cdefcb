/**
 * Takes the bytes of what enters a run from ordinary code: results and errors of steps, arguments of a new run. A body is read from a second branch of
 * its stream, so that the ordinary code that still holds it can read it too.
 */

import { concatenated } from "./blob.ts";
import { type BodyName, bodyName, contentsOf, know } from "./contents.ts";

/** Larger bodies are not read, by default. */
export const BODY_LIMIT = 8 * 1024 * 1024;

/** How deep, and among how many objects, bodies are looked for. */
const MAX_DEPTH = 4;
const MAX_OBJECTS = 1_000;

const tooLarge = (name: BodyName, limit: number) => ({
  unknown: `the ${name === "Blob" || name === "File" ? name : `body of the ${name}`} has more than ${limit} bytes: read it and keep what is needed in one step(async () => …), or raise bodyLimit (createEngine({ fetch: { bodyLimit } }))`,
});

/**
 * Resolves when everything that can be read has been; undefined: there is nothing to read. Rejects with what reading a body rejects with, and throws what
 * looking for bodies throws.
 */
export function capture(value: unknown, limit = BODY_LIMIT): Promise<void> | undefined {
  const found = bodiesIn(value);
  return found.size === 0 ? undefined : readEach(found, limit);
}

async function readEach(bodies: ReadonlyMap<object, BodyName>, limit: number): Promise<void> {
  for (const [body, name] of bodies) await read(body, name, limit);
}

/** The walk is over data: no accessor is run. */
function bodiesIn(value: unknown): Map<object, BodyName> {
  const found = new Map<object, BodyName>();
  const seen = new Set<object>();
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== "object" || one === null || seen.has(one) || seen.size >= MAX_OBJECTS) continue;
      seen.add(one);
      const name = bodyName(one);
      if (name === undefined) childrenOf(one, next);
      else if (name === "FormData") {
        for (const [, entry] of one as unknown as Iterable<[string, unknown]>) next.push(entry);
      } else if (contentsOf(one) === undefined) found.set(one, name);
    }
    level = next;
  }
  return found;
}

function childrenOf(value: object, out: unknown[]): void {
  if (value instanceof Map) out.push(...value.values());
  else if (value instanceof Set) out.push(...value);
  else if (ArrayBuffer.isView(value)) return;
  else
    for (const key of Object.getOwnPropertyNames(value)) {
      if (out.length > MAX_OBJECTS) return;
      const child: unknown = Reflect.getOwnPropertyDescriptor(value, key)?.value;
      if (typeof child === "object" && child !== null) out.push(child);
    }
}

async function read(body: object, name: BodyName, limit: number): Promise<void> {
  if (name === "Blob" || name === "File") {
    const blob = body as Blob;
    know(blob, blob.size > limit ? tooLarge(name, limit) : new Uint8Array(await blob.arrayBuffer()));
    return;
  }
  const from = body as Request | Response;
  if (from.body === null) return know(body, null);
  // What was read cannot be read again, here and after a load.
  if (from.bodyUsed) return know(body, new Uint8Array());
  if (from.body.locked) return know(body, { unknown: `the body of the ${name} is being read by ordinary code` });
  const declared = Number(from.headers.get("content-length") ?? 0);
  const bytes = declared > limit ? undefined : await readAll(from.clone().body!, limit);
  know(body, bytes ?? tooLarge(name, limit));
}

/** Undefined: there is more than `limit`. The other branch still has all of it. */
async function readAll(stream: ReadableStream<Uint8Array>, limit: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatenated(chunks);
    length += value.length;
    if (length > limit) {
      void reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(value);
  }
}
