/** Coded errors of the triggers: PD6xxx. */
import { coded, type MessageTable } from "../errors.ts";

export const messages = {
  PD6001: {
    slug: "signing-key-not-usable",
    text: "the signing keys cannot be used: %why%",
    fix: 'give at least one key as { id: "2026-11", secret }, each id once, with 32 or more random bytes as secret (`openssl rand -hex 32`)',
  },
  PD6002: {
    slug: "link-signature-does-not-match",
    text: "the link is not signed by a known key",
    fix: "use the link exactly as it was handed out; if a key was taken out of `keys`, links that it signed are void",
  },
  PD6003: {
    slug: "link-has-expired",
    text: "the link expired at %when%",
    fix: "ask for a new link: the token itself is as open as before",
  },
  PD6004: {
    slug: "request-body-too-large",
    text: "the body of the request is larger than %limit% bytes",
    fix: "send less, or raise `maxBody` where the handler is made",
  },
  PD6005: {
    slug: "request-body-not-json",
    text: "the body of the request is not JSON: %why%",
    fix: "send plain JSON in UTF-8, or no body at all for null",
  },
  PD6006: {
    slug: "request-not-post",
    text: "a %method% request resumes nothing",
    fix: "send a POST; a link in a mail should lead to a page with a button that does",
  },
  PD6007: {
    slug: "store-not-available",
    text: "the store did not take the answer: %error%",
    fix: "send the same request again after a moment: it is idempotent",
  },
  PD6008: {
    slug: "message-not-json",
    text: "a message of the queue is not JSON (%why%): it begins with %start%",
    fix: "send JSON; messages of another form need a `parse` of your own",
  },
  PD6009: {
    slug: "sqs-client-not-installed",
    text: "the SQS consumer needs @aws-sdk/client-sqs, which is not installed: %why%",
    fix: "npm install @aws-sdk/client-sqs",
  },
  PD6010: {
    slug: "request-body-read-before",
    text: "the body of the request has been read before this handler, and nobody has kept it",
    fix: "mount the handler before what reads the bodies of requests, or let that leave what it has read in `request.body`",
  },
} as const satisfies MessageTable;

export const triggerError = coded(messages);
