/**
 * Fingerprints: a hash of a function's own text, with the functions inside it, comments and white space left out. Two
 * builds with the same fingerprint run the same code at the same labels, whatever happened around it.
 */
import { createHash } from "node:crypto";
import type { ts } from "@ts-morph/common";
import { TS } from "../1-parse/typescript.ts";

/** 16 hexadecimal digits: enough for the versions of one function. */
export function fingerprint(node: ts.Node, sourceFile: ts.SourceFile): string {
  const hash = createHash("sha256");
  const visit = (at: ts.Node): void => {
    const children = at.getChildren(sourceFile);
    if (children.length === 0) {
      const text = at.getText(sourceFile);
      if (text !== "") hash.update(text).update("\0");
      return;
    }
    for (const child of children) if (!TS.isJSDoc(child)) visit(child);
  };
  visit(node);
  return hash.digest("hex").slice(0, 16);
}
