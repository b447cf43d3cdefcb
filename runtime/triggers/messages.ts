/** Coded errors of the triggers: PD6xxx. */
import { coded, type MessageTable } from "../errors.ts";

export const messages = {
  PD6001: {
    slug: "signing-key-not-usable",
    text: "the signing keys cannot be used: %why%",
    fix: 'give at least one key as { id: "2026-11", secret }, each id once, with 32 or more random bytes as secret (`openssl rand -hex 32`)',
    page: `Links to tokens are signed with HMAC-SHA-256 (RFC 2104). A short secret can be guessed from one link, and a key without a name of its own
cannot be rotated. The first key of the list signs; every key of the list verifies. To rotate, put the new key first, and take the old one
out when the last link that it signed has expired.`,
  },
  PD6002: {
    slug: "link-signature-does-not-match",
    text: "the link is not signed by a known key",
    fix: "use the link exactly as it was handed out; if a key was taken out of `keys`, links that it signed are void",
    page: "The signature of a link covers the id of its token and the instant at which it expires. It was changed, cut or guessed, or its key is no longer in the list.",
  },
  PD6003: {
    slug: "link-has-expired",
    text: "the link expired at %when%",
    fix: "ask for a new link: the token itself is as open as before",
    page: 'A link ends before its token does. Sign a longer one with `links.to(token.id, { expires: "90 days" })`, or send a new one.',
  },
  PD6004: {
    slug: "request-body-too-large",
    text: "the body of the request is larger than %limit% bytes",
    fix: "send less, or raise `maxBody` where the handler is made",
    page: "What resumes a token becomes part of the run's saved state, so its size is bounded before it is read.",
  },
  PD6005: {
    slug: "request-body-not-json",
    text: "the body of the request is not JSON: %why%",
    fix: "send plain JSON in UTF-8, or no body at all for null",
    page: "A token takes plain JSON and nothing else. A request without a body resumes it with null.",
  },
  PD6006: {
    slug: "request-not-post",
    text: "a %method% request resumes nothing",
    fix: "send a POST; a link in a mail should lead to a page with a button that does",
    page: `Mail scanners, chat previews and browsers that load ahead follow links with GET, so that no human ever approved anything. The handler answers
POST alone. Let the link in the mail lead to a page of yours, and let its button send the POST.`,
  },
  PD6007: {
    slug: "store-not-available",
    text: "the store did not take the answer: %error%",
    fix: "send the same request again after a moment: it is idempotent",
    page: "Whether the token was resumed is not known. The first answer wins, and repeating the request with the same body changes nothing.",
  },
  PD6008: {
    slug: "message-not-json",
    text: "a message of the queue is not JSON (%why%): it begins with %start%",
    fix: "send JSON; messages of another form need a `parse` of your own",
    page: `Such a message can never be handled, so a consumer with a \`deadLetterUrl\` moves it there at once; without one it comes back until the queue's own
redrive policy takes it away.`,
  },
  PD6009: {
    slug: "sqs-client-not-installed",
    text: "the SQS consumer needs @aws-sdk/client-sqs, which is not installed: %why%",
    fix: "npm install @aws-sdk/client-sqs",
    page: "The runtime has no dependencies. The consumer uses the commands of the SDK whose client you give it.",
  },
} as const satisfies MessageTable;

export const triggerError = coded(messages);
