/** Source places as text. */
import type { Position } from "../abi/index.ts";
import type { SourcePlace } from "./contract.ts";
import type { Code } from "./registry.ts";

/** `src/orders.ts:12:5`, as people click it. */
export const printPlace = ({ file, position }: SourcePlace): string => `${file}:${position[0]}:${position[1]}`;

/** `checkout (src/orders.ts:12:5)`: a function and where it stands, or where it begins. The runtime's own functions stand nowhere. */
export const printCode = ({ name, module, at }: Code, position: Position = at): string =>
  position[0] === 0
    ? name
    : `${name || "a function"} (${printPlace({ function: name, file: module.meta.file, position })})`;
