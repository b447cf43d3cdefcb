/**
 * Texts sealed with AES-256-GCM (NIST SP 800-38D) under keys derived with HKDF-SHA-256 (RFC 5869): one for each scope (an incarnation, a
 * run's inbox), so that no key seals more than one run's texts. The place of a text is its associated data, so that it is worth nothing elsewhere.
 *
 * `perdure-sealed:1:<key>:<base64 of nonce, ciphertext and tag>`. Nonces are 96 random bits: under one derived key 2^32 texts may be sealed
 * (SP 800-38D, 8.3), more than a run ever writes.
 */
import { fromBase64, toBase64 } from "../../codec/base64.ts";
import { type SecretKey, secretsOf } from "../../keys.ts";
import { keyError, unreadable } from "./messages.ts";

/** Where a text belongs: whose key seals it, and what else it is bound to. */
export interface Place {
  readonly scope: string;
  /** What it is there: `segment 12 (delta)`, `result` … */
  readonly what: string;
}

const NONCE = 12;
const HEAD = "perdure-sealed:1:";
/** Derived keys kept; deriving one takes some ten microseconds. */
const KEPT = 4096;

type Imported = ReturnType<typeof crypto.subtle.importKey>;
const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export class Cipher {
  readonly #secrets = new Map<string, Imported>();
  readonly #first: string;
  readonly #takesPlain: boolean;
  readonly #derived = new Map<string, Imported>();

  /** Throws PD3901. */
  constructor(keys: readonly SecretKey[], takesPlain: boolean) {
    const secrets = secretsOf(keys, keyError);
    for (const [id, secret] of secrets) {
      this.#secrets.set(id, crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]));
    }
    [this.#first] = secrets.keys() as unknown as [string];
    this.#takesPlain = takesPlain;
  }

  async seal(text: string, place: Place): Promise<string> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const key = await this.#keyOf(this.#first, place.scope)!;
    const sealed = await crypto.subtle.encrypt(parameters(nonce, place), key, encode(text));
    const bytes = new Uint8Array(NONCE + sealed.byteLength);
    bytes.set(nonce);
    bytes.set(new Uint8Array(sealed), NONCE);
    return `${HEAD}${this.#first}:${toBase64(bytes)}`;
  }

  /** Throws PD3902, PD3903 and PD3904. */
  async open(text: string, place: Place): Promise<string> {
    const what = `${place.what} of ${place.scope}`;
    if (!text.startsWith(HEAD)) {
      if (this.#takesPlain) return text;
      throw unreadable("PD3904", { what });
    }
    const end = text.indexOf(":", HEAD.length);
    const id = text.slice(HEAD.length, end);
    const derived = this.#keyOf(id, place.scope);
    if (derived === undefined) throw unreadable("PD3902", { what, key: JSON.stringify(id.slice(0, 64)) });
    try {
      const bytes = fromBase64(text.slice(end + 1)) ?? new Uint8Array();
      const key = await derived;
      const opened = await crypto.subtle.decrypt(parameters(bytes.slice(0, NONCE), place), key, bytes.slice(NONCE));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(opened);
    } catch (cause) {
      throw unreadable("PD3903", { what }, cause);
    }
  }

  #keyOf(id: string, scope: string): Imported | undefined {
    const secret = this.#secrets.get(id);
    if (secret === undefined) return undefined;
    const name = `${id}:${scope}`;
    let key = this.#derived.get(name);
    if (key === undefined) {
      key = secret.then((from) => derive(from, scope));
      this.#derived.set(name, key);
      if (this.#derived.size > KEPT) this.#derived.delete(this.#derived.keys().next().value!);
    }
    return key;
  }
}

const parameters = (iv: Uint8Array<ArrayBuffer>, { scope, what }: Place) => ({
  name: "AES-GCM",
  iv,
  additionalData: encode(`${scope}\n${what}`),
});

const derive = (secret: Awaited<Imported>, scope: string): Imported =>
  crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encode("perdure store 1"), info: encode(scope) },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
