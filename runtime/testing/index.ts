/** For tests of programs and of stores. */

export { sendVolatile as sendMessage } from "../machine/operations/receive.ts";
export { resumeVolatile as resumeToken } from "../machine/operations/token.ts";
export { type LossyStore, loseAnswers } from "./conformance/lost-answers.ts";
export { type Unreliability, unreliable } from "./conformance/unreliable.ts";
export { type StoreConformance, storeConformance } from "./store-conformance.ts";
