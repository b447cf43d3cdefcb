/** Source places as text. */
import type { SourcePlace } from "./contract.ts";

/** `src/orders.ts:12:5`, as people click it. */
export const printPlace = ({ file, position }: SourcePlace): string => `${file}:${position[0]}:${position[1]}`;
