/** What stands in a payload. */
import type { Json } from "./contract.ts";

export type JsonObject = { readonly [key: string]: Json };

/** Neither an array nor null. */
export const isJsonObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);
