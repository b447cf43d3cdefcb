/**
 * The Response of a run (Fetch Standard, 5.5): one of the platform, whose body is in memory. Its head is kept apart, because only `fetch` can set all of it, and
 * because its headers are an object of their own in the heap.
 */
import { currentRun } from "../../current-run.ts";
import type { Run } from "../../run.ts";
import { bodyOf } from "./body.ts";
import { type Bytes, type Contents, contentsOf, isUnknown, know, once } from "./contents.ts";
import { type BodyInit, Platform, type ResponseClass } from "./platform-classes.ts";

export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Of the request that was answered in the end. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
}

interface State {
  readonly head: ResponseHead;
  /** Undefined: those of the platform's part. */
  readonly headers?: Headers | undefined;
  readonly contents: Contents;
}

/** What the platform's part is made with: it takes no status below 200. */
const initOf = ({ status, statusText }: ResponseHead, headers: Headers): ResponseInit => ({
  status: status < 200 ? 200 : status,
  statusText,
  headers,
});

const states = new WeakMap<object, State>();
const stateOf = (response: object): State => states.get(response)!;

export const responseClass = once(
  () =>
    // The platform's constructor asks for some of it, before there is any state.
    class Response extends (Platform.Response as unknown as ResponseClass) {
      /** `stream`: the body, where its bytes are not known. */
      constructor(head: ResponseHead, headers: Headers, contents: Contents, owned: boolean, stream?: unknown) {
        super(isUnknown(contents) ? stream : contents, initOf(head, headers));
        states.set(this, { head, contents, headers: owned ? headers : undefined });
        know(this, contents);
      }

      override get headers(): Headers {
        return states.get(this)?.headers ?? super.headers;
      }
      override get status(): number {
        return states.get(this)?.head.status ?? super.status;
      }
      override get statusText(): string {
        return states.get(this)?.head.statusText ?? super.statusText;
      }
      override get ok(): boolean {
        return this.status >= 200 && this.status < 300;
      }
      override get url(): string {
        return states.get(this)?.head.url ?? super.url;
      }
      override get redirected(): boolean {
        return states.get(this)?.head.redirected ?? super.redirected;
      }
      override get type(): string {
        return states.get(this)?.head.type ?? super.type;
      }

      override clone(): Response {
        // The platform's own checks that the body has not been used.
        const copy = super.clone();
        const { head, contents } = stateOf(this);
        return new Response(head, new Headers(this.headers), contents, false, copy.body);
      }
      // Both look at the content type, which may have been changed since the platform's part was made.
      override async blob(): Promise<Blob> {
        return new Platform.Blob([await super.arrayBuffer()], { type: this.headers.get("content-type") ?? "" });
      }
      override async formData(): Promise<FormData> {
        const { headers } = this;
        return await new Platform.Response(await super.arrayBuffer(), { headers }).formData();
      }
    },
);

export const makeResponse = (head: ResponseHead, headers: Headers, bytes: Bytes | null): Response =>
  construct(head, headers, bytes, true);

const construct = (...args: ConstructorParameters<ReturnType<typeof responseClass>>): Response =>
  new (responseClass())(...args) as unknown as Response;

export const headOf = ({ status, statusText, url, redirected, type }: Response): ResponseHead => ({
  status,
  statusText,
  url,
  redirected,
  type,
});

/** `new Response(body, init)`. */
export function constructResponse(body?: BodyInit | null, init?: ResponseInit): Response {
  const run = currentRun();
  if (run === undefined) return new globalThis.Response(body, init);
  const { contents, type } = bodyOf(run, body);
  // Checks everything; a body that only the platform can read goes there, and its type with it.
  const made = new Platform.Response(isUnknown(contents) ? body : contents, init);
  const headers = new Headers(made.headers);
  if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
  return construct(headOf(made), headers, contents, false, made.body);
}

/** One that the platform made in the turn, with bytes that are known. */
const adopted = (run: Run | undefined, response: Response, body: Contents): Response =>
  run === undefined ? response : construct(headOf(response), new Headers(response.headers), body, false, response.body);

/** Outside a run it is the program's that is asked. */
const made = () => (currentRun() === undefined ? globalThis.Response : Platform.Response);

export const responseStatics = {
  error: (): Response => adopted(currentRun(), made().error(), null),
  redirect: (url: string | URL, status?: 301 | 302 | 303 | 307 | 308): Response =>
    adopted(currentRun(), made().redirect(url, status ?? 302), null),
  json(data: unknown, init?: ResponseInit): Response {
    const run = currentRun();
    const response = made().json(data, init);
    return run === undefined ? response : adopted(run, response, bodyOf(run, JSON.stringify(data)).contents);
  },
};

/** A body that was read is used up: nobody can read it again. */
export function useUp(body: Request | Response): void {
  if (!body.bodyUsed && contentsOf(body) !== null) void body.arrayBuffer().catch(() => {});
}
