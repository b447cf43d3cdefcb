/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD6001: `Links to tokens are signed with HMAC-SHA-256 (RFC 2104). A short secret can be guessed from one link, and a key without a name of its own
cannot be rotated. The first key of the list signs; every key of the list verifies. To rotate, put the new key first, and take the old one
out when the last link that it signed has expired.`,
  PD6002:
    "The signature of a link covers the id of its token and the instant at which it expires. It was changed, cut or guessed, or its key is no longer in the list.",
  PD6003:
    'A link ends before its token does. Sign a longer one with `links.to(token.id, { expires: "90 days" })`, or send a new one.',
  PD6004: "What resumes a token becomes part of the run's saved state, so its size is bounded before it is read.",
  PD6005: "A token takes plain JSON and nothing else. A request without a body resumes it with null.",
  PD6006: `Mail scanners, chat previews and browsers that load ahead follow links with GET, so that no human ever approved anything. The handler answers
POST alone. Let the link in the mail lead to a page of yours, and let its button send the POST.`,
  PD6007:
    "Whether the token was resumed is not known. The first answer wins, and repeating the request with the same body changes nothing.",
  PD6008: `Such a message can never be handled, so a consumer with a \`deadLetterUrl\` moves it there at once; without one it comes back until the queue's own
redrive policy takes it away.`,
  PD6009: "The runtime has no dependencies. The consumer uses the commands of the SDK whose client you give it.",
  PD6010: `The body of a request can be read once. Parsers of frameworks read it before any handler, and leave what they made of it in \`request.body\`, from where
\`nodeListener\` takes it. Here there was nothing, and a token is not resumed with nothing in the place of an answer.

    app.use("/resume", nodeListener(tokenHandler(engine, { keys })));     // before what reads bodies
    app.use(logBodies);`,
} as const satisfies MessagePages;
