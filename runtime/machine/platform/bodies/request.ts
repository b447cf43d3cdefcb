/** The Request of a run (Fetch Standard, 5.4): one of the platform, whose body is in memory and whose signal is one of the run. */
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { currentRun } from "../../current-run.ts";
import { AbortSignal } from "../abort-globals.ts";
import { DurableAbortSignal } from "../abort-signal.ts";
import { bodyOf } from "./body.ts";
import { type Contents, contentsOf, isUnknown, know, once } from "./contents.ts";
import { Platform, type RequestClass, type RequestInfo } from "./platform-classes.ts";

/** What a Request says of itself, and can be made of. */
const FIELDS = ["cache", "credentials", "integrity", "keepalive", "method", "mode"].concat(
  "redirect",
  "referrer",
  "referrerPolicy",
) as (keyof Request & keyof RequestInit)[];

export type RequestHead = { readonly url: string } & { readonly [field: string]: string | boolean };

export const headOf = (request: Request): RequestHead =>
  Object.fromEntries([["url", request.url], ...FIELDS.map((field) => [field, request[field]])]) as RequestHead;

/** `navigate` is of the platform's own requests; where a field is not known (older platforms), it is not given. */
const initOf = ({ url: _, ...head }: RequestHead): RequestInit =>
  Object.fromEntries(
    Object.entries(head).filter(([key, value]) => value !== undefined && !(key === "mode" && value === "navigate")),
  );

type Signal = DurableAbortSignal | globalThis.AbortSignal;

interface State {
  readonly head: RequestHead;
  readonly headers: Headers | undefined;
  readonly contents: Contents;
  /** The signal that was given. */
  readonly follows: Signal | undefined;
  /** The request's own, which aborts with it: made when it is asked for. */
  signal: Signal | undefined;
}

export interface RequestParts {
  readonly head: RequestHead;
  readonly headers: Headers;
  readonly contents: Contents;
  readonly follows?: Signal | undefined;
  readonly signal?: Signal | undefined;
  /** The headers are an object of the heap. */
  readonly owned?: boolean;
  readonly stream?: unknown;
}

const isPlatforms = (signal: Signal | undefined): signal is globalThis.AbortSignal =>
  signal !== undefined && !DurableAbortSignal.is(signal);

const states = new WeakMap<object, State>();
const stateOf = (request: object): State => states.get(request)!;

export const requestClass = once(
  () =>
    // The platform's constructor asks for some of it, before there is any state.
    class Request extends (Platform.Request as unknown as RequestClass) {
      constructor({ head, headers, contents, follows, signal, owned = false, stream = null }: RequestParts) {
        const body = isUnknown(contents) ? stream : contents;
        const given = signal ?? follows;
        super(head.url, {
          ...initOf(head),
          headers,
          ...(body === null ? {} : { body, duplex: "half" }),
          // In a step the run's signal has become one of the platform.
          ...(isPlatforms(given) ? { signal: given } : {}),
        } as RequestInit);
        states.set(this, { head, contents, follows, signal, headers: owned ? headers : undefined });
        know(this, contents);
      }

      override get headers(): Headers {
        return states.get(this)?.headers ?? super.headers;
      }

      override get signal(): globalThis.AbortSignal {
        const state = states.get(this);
        if (state === undefined || isPlatforms(state.signal)) return super.signal;
        if (state.signal !== undefined) return state.signal as unknown as globalThis.AbortSignal;
        if (currentRun() === undefined) return super.signal;
        const followed = state.follows as globalThis.AbortSignal | undefined;
        const signal = AbortSignal.any(followed === undefined ? [] : [followed]);
        state.signal = signal;
        return signal;
      }

      override clone(): Request {
        const copy = super.clone();
        const { head, contents } = stateOf(this);
        const follows = currentRun() === undefined ? undefined : this.signal;
        return new Request({ head, headers: new Headers(this.headers), contents, follows, stream: copy.body });
      }
      override async blob(): Promise<Blob> {
        return new Platform.Blob([await super.arrayBuffer()], { type: this.headers.get("content-type") ?? "" });
      }
      override async formData(): Promise<FormData> {
        const { headers } = this;
        return await new Platform.Response(await super.arrayBuffer(), { headers }).formData();
      }
    },
);

export const makeRequest = (parts: RequestParts): Request => new (requestClass())(parts) as unknown as Request;

/** The signals of a Request of a run; of no other. */
export const signalsOf = (request: object): Pick<State, "follows" | "signal"> =>
  states.get(request) ?? { follows: undefined, signal: undefined };

/** `new Request(input, init)`. */
export function constructRequest(input: RequestInfo | URL, init: RequestInit = {}): Request {
  const run = currentRun();
  if (run === undefined) return new globalThis.Request(input, init);
  const from = isInstanceNamed(input, "Request") ? (input as Request) : undefined;
  const given = init.body === undefined || init.body === null ? undefined : bodyOf(run, init.body);
  const { signal, ...rest } = init;
  const known = given === undefined || isUnknown(given.contents) ? {} : { body: given.contents };
  // Checks everything, and takes the body out of the request that it is made from.
  const own = signal === undefined || signal === null || DurableAbortSignal.is(signal) ? {} : { signal };
  const contents = given?.contents ?? (from ? (contentsOf(from) ?? OF_ORDINARY_CODE) : null);
  const made = new Platform.Request(input, { ...rest, ...known, ...own });
  const headers = new Headers(made.headers);
  if (given && given.type !== null && !headers.has("content-type")) headers.set("content-type", given.type);
  const follows = signal === null ? undefined : (signal ?? (from && signalsOf(from).follows) ?? from?.signal);
  return makeRequest({
    head: headOf(made),
    headers,
    contents: made.body === null ? null : contents,
    follows: follows as Signal | undefined,
    stream: made.body,
  });
}

const OF_ORDINARY_CODE = { unknown: "it was made from a Request of ordinary code, whose body was not read" };
