/** HMAC-SHA-256 keys in a list that can be rotated (RFC 2104): the first signs, all verify. Web Crypto, so that it runs in any host. */
import { triggerError } from "./messages.ts";

export interface SigningKey {
  /** Stands in each signature, so that it can be told which key made it: letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 random bytes or more; of text, its UTF-8. */
  readonly secret: string | Uint8Array;
}

/** Fewer could be searched for, given one signed text (RFC 2104, section 3: no shorter than the hash). */
const SHORTEST_SECRET = 32;
const ID = /^[\w-]{1,64}$/;
const HMAC = { name: "HMAC", hash: "SHA-256" };

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

type Imported = ReturnType<typeof crypto.subtle.importKey>;

export interface Signature {
  readonly key: string;
  /** Base64url, 43 characters. */
  readonly text: string;
}

export class SigningKeys {
  readonly #keys = new Map<string, Imported>();
  readonly #first: string;

  /** Throws PD6001. */
  constructor(keys: readonly SigningKey[]) {
    const [first] = keys;
    if (first === undefined) throw triggerError("PD6001", { why: "there is none" });
    for (const { id, secret } of keys) {
      const bytes = typeof secret === "string" ? bytesOf(secret) : Uint8Array.from(secret ?? []);
      if (typeof id !== "string" || !ID.test(id))
        throw triggerError("PD6001", { why: `${JSON.stringify(id)} is no id of a key` });
      if (this.#keys.has(id)) throw triggerError("PD6001", { why: `two keys have the id ${id}` });
      if (bytes.length < SHORTEST_SECRET) {
        throw triggerError("PD6001", {
          why: `the secret of ${id} has ${bytes.length} bytes, fewer than ${SHORTEST_SECRET}`,
        });
      }
      const imported = crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign", "verify"]);
      this.#keys.set(id, imported);
    }
    this.#first = first.id;
  }

  async sign(text: string): Promise<Signature> {
    const key = await this.#keys.get(this.#first)!;
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytesOf(text)));
    return { key: this.#first, text: base64url(bytes) };
  }

  /** Compares in constant time, as Web Crypto's `verify` does. */
  async verify(text: string, signature: Signature): Promise<boolean> {
    const key = await this.#keys.get(signature.key);
    const bytes = fromBase64url(signature.text);
    return key !== undefined && bytes !== undefined && crypto.subtle.verify("HMAC", key, bytes, bytesOf(text));
  }
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]{43}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
}
