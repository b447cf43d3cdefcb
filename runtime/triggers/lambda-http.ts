/** HTTP as Lambdas get it: events of function URLs and HTTP APIs (payload format 2.0), of REST APIs (1.0) and of load balancers. */

/** Payload format 2.0. */
interface HttpEvent {
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly domainName?: string; readonly http: { readonly method: string } };
}

type Single = Readonly<Record<string, string | undefined>> | null;
type Multiple = Readonly<Record<string, readonly string[] | undefined>> | null;

/** Payload format 1.0, and that of load balancers, which give either single values or multiple ones. */
interface RestEvent {
  readonly httpMethod: string;
  readonly path?: string;
  readonly headers?: Single;
  readonly multiValueHeaders?: Multiple;
  readonly queryStringParameters?: Single;
  readonly multiValueQueryStringParameters?: Multiple;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: { readonly domainName?: string; readonly elb?: unknown } | null;
}

/** The request of an event; undefined: it is none of HTTP. */
export function requestOf(event: unknown): Request | undefined {
  const one = event as Partial<HttpEvent & RestEvent> | null | undefined;
  if (typeof one?.requestContext?.http?.method === "string") return ofHttp(one as HttpEvent);
  return typeof one?.httpMethod === "string" ? ofRest(one as RestEvent) : undefined;
}

function ofHttp({ rawPath = "/", rawQueryString = "", requestContext, ...event }: HttpEvent): Request {
  const headers = new Headers(event.headers);
  return made(requestContext.http.method, requestContext.domainName, rawPath, rawQueryString, headers, event);
}

function ofRest({ httpMethod, path = "/", requestContext, ...event }: RestEvent): Request {
  const query = pairs(event.multiValueQueryStringParameters, event.queryStringParameters);
  // A load balancer hands names and values on as they stood in the address, an API has decoded them.
  const text =
    requestContext?.elb === undefined
      ? new URLSearchParams(query).toString()
      : query.map((pair) => pair.join("=")).join("&");
  const headers = new Headers(pairs(event.multiValueHeaders, event.headers));
  return made(httpMethod, requestContext?.domainName, path, text, headers, event);
}

const pairs = (multiple: Multiple | undefined, single: Single | undefined): [name: string, value: string][] =>
  Object.entries(multiple ?? single ?? {}).flatMap(([name, values]) =>
    (typeof values === "string" ? [values] : (values ?? [])).map((value: string): [string, string] => [name, value]),
  );

function made(
  method: string,
  host: string | undefined,
  path: string,
  query: string,
  headers: Headers,
  { body, isBase64Encoded }: Pick<RestEvent, "body" | "isBase64Encoded">,
): Request {
  const bytes = body && isBase64Encoded ? Uint8Array.from(atob(body), (one) => one.charCodeAt(0)) : body;
  return new Request(`https://${host ?? "lambda"}${path}${query === "" ? "" : `?${query}`}`, {
    method,
    headers,
    ...(method !== "GET" && method !== "HEAD" && { body: bytes ?? null }),
  });
}

/** The answer in the form that all of them take. */
export const eventAnswer = async (response: Response): Promise<object> => ({
  statusCode: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
});
