/** `perdure/triggers`: what wakes runs from outside over HTTP. */

export type { SecretKey } from "../keys.ts";
export { type Listener, nodeListener } from "./node-listener.ts";
export { type Handler, type TokenHandlerEvent, type TokenHandlerOptions, tokenHandler } from "./token-handler.ts";
export { type TokenLinks, type TokenLinksOptions, tokenLinks } from "./token-links.ts";
