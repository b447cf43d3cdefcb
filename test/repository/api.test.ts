/** `docs/api.md`: what a declaration names, its reader can import. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ts } from "@ts-morph/common";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

const page = readFileSync(join(root, "docs/api.md"), "utf8");
const declarations = [...page.matchAll(/```ts\n((?:function|const \w+:|class|interface|type) [\s\S]*?)```/g)].map(
  ([, it]) => it!,
);

/** Names of types in a declaration, but for those that it declares itself. */
function typesIn(text: string): Set<string> {
  const source = ts.createSourceFile("declaration.d.ts", `export declare ${text}`, ts.ScriptTarget.Latest, true);
  const named = new Set<string>();
  const own = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) named.add(node.typeName.text);
    if (ts.isTypeParameterDeclaration(node)) own.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set([...named].filter((name) => !own.has(name)));
}

const namesIn = (text: string, pattern: RegExp): Set<string> =>
  new Set([...text.matchAll(pattern)].map(([, name]) => name!));
const exported = namesIn(page, /^### `(\w+)`/gm);
const ofStores = namesIn(
  readFileSync(join(root, "runtime/store/store.ts"), "utf8"),
  /^export (?:type|interface) (\w+)/gm,
);

/** Of other packages; what nobody but the package makes (`Kind` of a codec, `FileTypes`); and of the language's library. */
const KNOWN = new Set([
  ...["DynamoDBClient", "DynamoDBClientConfig", "IncomingMessage", "Plugin", "SQSClient", "ServerResponse"],
  ...["FileTypes", "Kind"],
  ...["Exclude", "Iterable", "NoInfer", "Omit", "Partial", "Pick", "PromiseLike", "Readonly", "Record", "Awaited"],
]);

test("what a declaration names can be imported", () => {
  expect(declarations.length).toBeGreaterThan(100);
  const known = (name: string) => exported.has(name) || ofStores.has(name) || KNOWN.has(name) || name in globalThis;
  const unknown = declarations.flatMap((text) => [...typesIn(text)].filter((name) => !known(name)));
  expect([...new Set(unknown)].sort()).toEqual([]);
});
