/** `(Request) → Response` for signed links to tokens: for any host that speaks the fetch API, and for `node:http` by {@link nodeListener}. */
import { errorWithFrames, harmless, once } from "../engine/complaints.ts";
import type { Engine } from "../engine/engine.ts";
import { isPerdureError, type PerdureError } from "../errors.ts";
import type { SecretKey } from "../keys.ts";
import { callback, checkArgument, checkOptions, having, keyList, type Wanted, wholeNumber } from "../options/check.ts";
import { triggerError } from "./messages.ts";
import { readJson } from "./request-body.ts";
import { SigningKeys } from "./signing-keys.ts";
import { tokenOfLink } from "./token-links.ts";

export interface TokenHandlerOptions {
  /** Links signed by any of them are taken. */
  readonly keys: readonly SecretKey[];
  /** Longest body in bytes. Default 64 KiB. */
  readonly maxBody?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** Told what was answered with 503: why the engine could not resume the token. Default: prints it, each error once. */
  readonly observe?: (event: TokenHandlerEvent) => void;
}

export interface TokenHandlerEvent {
  readonly type: "failed";
  readonly error: unknown;
}

const OPTIONS: { readonly [option in keyof TokenHandlerOptions]-?: Wanted } = {
  keys: keyList,
  maxBody: wholeNumber(0),
  now: callback,
  observe: callback,
};

export type Handler = (request: Request) => Promise<Response>;

const STATUS: Readonly<Record<string, number>> = {
  PD2505: 400,
  PD2506: 404,
  PD6002: 403,
  PD6003: 410,
  PD6004: 413,
  PD6005: 400,
  PD6006: 405,
  PD6010: 500,
};

/**
 * A handler that resumes tokens: POST alone, links signed and not expired, a bounded JSON body. It answers only where you mount it.
 *
 * `200 {"outcome":"accepted"}`: this answer is the token's, for ever. `200 {"outcome":"already-resumed"}`: an earlier one won, so a sender
 * that repeats itself is content. `410`: the link has expired, or the run is gone. `403`, `400`, `405`, `413` say what is wrong, with a
 * code; `500`: the body was read before, and is gone. `503`: the store did not answer; the same request may come again. Wakes the run where a worker shares this engine's hints, and
 * else at the next poll.
 *
 * @throws PD6001 when the keys cannot be used; PD2516 and PD2517 for options that cannot be meant.
 * @example
 * const keys = [{ id: "2026-11", secret: process.env.LINK_SECRET! }];
 * createServer(nodeListener(tokenHandler(engine, { keys }))).listen(8080);
 */
export function tokenHandler(engine: Pick<Engine, "resume">, options: TokenHandlerOptions): Handler {
  checkArgument("tokenHandler", "the engine", engine, having("an engine", "resume"));
  checkOptions("tokenHandler", options, OPTIONS);
  const { maxBody = 64 * 1024, now = Date.now } = options;
  const keys = new SigningKeys(options.keys);
  const observe = options.observe ? harmless(options.observe) : complaints();

  async function answer(request: Request): Promise<Response> {
    if (request.method !== "POST") throw triggerError("PD6006", { method: request.method });
    const token = await tokenOfLink(new URL(request.url), keys, now());
    const value = await readJson(request, maxBody);
    const outcome = await engine.resume(token, value);
    return outcome === "gone" ? reply(410, { outcome }) : reply(200, { outcome });
  }

  return async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      if (isPerdureError(error) && STATUS[error.code] !== undefined) return refusal(STATUS[error.code]!, error);
      // What the store said is for whoever runs it, not for whoever asks.
      if (!isHungUp(error)) observe({ type: "failed", error });
      return refusal(503, triggerError("PD6007", { error: "see its log" }), { "retry-after": "1" });
    }
  };
}

/** Whoever asked has gone in the middle of the body. */
const isHungUp = (error: unknown): boolean => {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === "AbortError" || code === "ECONNRESET";
};

/** What is printed where nobody observes. */
function complaints(): (event: TokenHandlerEvent) => void {
  const tell = once();
  return ({ error }) => tell(String(error), `tokenHandler answered with 503: ${errorWithFrames(error)}`);
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

const reply = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  new Response(`${JSON.stringify(body)}\n`, { status, headers: { ...HEADERS, ...headers } });

const refusal = (status: number, { code, text, fix }: PerdureError, headers: Record<string, string> = {}): Response =>
  reply(status, { code, error: text, fix }, status === 405 ? { allow: "POST", ...headers } : headers);
