/** Call sites: where each stands, and its text on one line for messages. */
import type { ts } from "@ts-morph/common";
import type { ModuleContext } from "../3-lower/context.ts";
import { positionAt } from "./machine.ts";

const LIMIT = 60;

export function shortened(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT - 1)}…`;
}

/** The table as source text. */
export const siteTable = ({ sites, sourceFile }: ModuleContext): string =>
  `[${sites.map(({ node }) => `[${positionAt(sourceFile, node.getStart()).join(", ")}, ${JSON.stringify(shortened(node))}]`).join(", ")}]`;
