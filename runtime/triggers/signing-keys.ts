/** HMAC-SHA-256 (RFC 2104) with keys that rotate: the first signs, all verify. Web Crypto, so that it runs in any host. */
import { type SecretKey, secretsOf } from "../keys.ts";
import { triggerError } from "./messages.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" };

type Imported = ReturnType<typeof crypto.subtle.importKey>;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export interface Signature {
  readonly key: string;
  /** Base64url, 43 characters. */
  readonly text: string;
}

export class SigningKeys {
  readonly #keys = new Map<string, Imported>();
  readonly #first: string;

  /** Throws PD6001. */
  constructor(keys: readonly SecretKey[]) {
    const secrets = secretsOf(keys, (why) => triggerError("PD6001", { why }));
    for (const [id, secret] of secrets) {
      this.#keys.set(id, crypto.subtle.importKey("raw", secret, HMAC, false, ["sign", "verify"]));
    }
    [this.#first] = secrets.keys() as unknown as [string];
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
