/** Postgres keeps what it indexes in pages of 8 KB, of which one key may take a third. */
import { postgresError } from "./messages.ts";

const MOST = 2_600;

export function checkKey(method: string, argument: string, text: string): void {
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= MOST) return;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MOST) {
    const details = { method, argument, bytes: String(bytes), most: String(MOST) };
    throw postgresError("PD3210", "refused", details);
  }
}
