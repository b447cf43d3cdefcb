/** Secrets in a list that can be rotated: the first is used from now on, all are known. */

export interface SecretKey {
  /** Stands beside what the key made, so that it can be told which key that was: letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 random bytes or more; of text, its UTF-8. */
  readonly secret: string | Uint8Array;
}

/** Fewer could be searched for. RFC 2104, section 3, asks for no fewer than the hash has; AES-256 has as many. */
const SHORTEST_SECRET = 32;
const ID = /^[\w-]{1,64}$/;

/** The secrets by id, in the order given: there is at least one. `refuse` makes the error that says why a list cannot be used. */
export function secretsOf(
  keys: readonly SecretKey[],
  refuse: (why: string) => Error,
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const secrets = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { id, secret } of keys) {
    if (typeof id !== "string" || !ID.test(id)) throw refuse(`${JSON.stringify(id)} is no id of a key`);
    if (secrets.has(id)) throw refuse(`two keys have the id ${id}`);
    const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : Uint8Array.from(secret ?? []);
    if (bytes.length < SHORTEST_SECRET) {
      throw refuse(`the secret of ${id} has ${bytes.length} bytes, fewer than ${SHORTEST_SECRET}`);
    }
    secrets.set(id, bytes);
  }
  if (secrets.size === 0) throw refuse("there is none");
  return secrets;
}
