/** A fetch-style handler as a listener of `node:http`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { callback, checkArgument } from "../options/check.ts";
import { triggerError } from "./messages.ts";
import type { Handler } from "./token-handler.ts";

export type Listener = (message: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves a handler with `node:http` or `node:https`, also as middleware of a framework that hands on Node's own objects. The
 * body is handed on as it arrives, so that the handler's limit bounds what is read. Behind a framework's parser (`express.json()`, NestJS) the handler
 * gets what that left in `request.body`: text and bytes as they are, anything else as JSON. When it left nothing, reading the body throws PD6010.
 *
 * @example createServer(nodeListener(tokenHandler(engine, { keys }))).listen(8080)
 */
export function nodeListener(handler: Handler): Listener {
  checkArgument("nodeListener", "the handler", handler, callback);
  return (message, response) => {
    void serve(handler, message, response).catch(() => {
      // The request could not even be read, or the connection is gone.
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  };
}

async function serve(handler: Handler, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await handler(requestOf(message));
  const body = new Uint8Array(await answer.arrayBuffer());
  // What was not read of the body is not wanted: the connection ends with the answer.
  const rest: Record<string, string> = message.complete ? {} : { connection: "close" };
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...rest, "content-length": body.length });
  response.end(body);
  if (!message.complete) message.resume();
}

function requestOf(message: IncomingMessage): Request {
  const { method = "GET", headersDistinct } = message;
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  // The host is not used: a link's signature does not cover where it leads.
  const url = new URL(message.url ?? "/", "http://localhost");
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers,
    ...(hasBody && { body: message.readableDidRead ? bodyReadBefore(message) : bodyOf(message), duplex: "half" }),
  } as RequestInit);
}

/** What a parser kept of a body that can be read only once. */
function bodyReadBefore({ body }: IncomingMessage & { readonly body?: unknown }): unknown {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (body !== undefined) return JSON.stringify(body);
  return new ReadableStream({ pull: (controller) => controller.error(triggerError("PD6010")) });
}

function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
