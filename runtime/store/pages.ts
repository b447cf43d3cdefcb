/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD3001: `A store checks what it is given before it writes anything: ids, keys and texts are well-formed Unicode without U+0000, a
run occurs once in a group of commits, a compaction does not go beyond the saved position. Nothing was written.`,
  PD3002: "The call had no effect. Calls that were under way when `close()` was called were finished first.",
} as const satisfies MessagePages;
