/** Names in saved data are the same wherever a file was compiled: paths of Windows, and lines that end as Git checks them out there. */
import { posix, win32 } from "node:path";
import { durableFiles } from "@perdure/plugins/internal/core/files";
import { transform } from "@perdure/transformer";
import { moduleName } from "@perdure/transformer/internal/module-name";
import { expect, test } from "vitest";

test.each([
  ["C:\\shop", "C:\\shop\\src\\orders.ts", "/shop", "/shop/src/orders.ts"],
  // As Vite writes them, and as a shell with another drive letter.
  ["C:\\shop", "C:/shop/src/orders.ts", "/shop", "/shop/src/orders.ts"],
  ["c:\\shop", "C:\\shop\\src\\orders.ts", "/shop", "/shop/src/orders.ts"],
  ["C:\\shop\\", "C:\\shop\\a b\\orders.ts", "/shop/", "/shop/a b/orders.ts"],
  ["D:\\mono\\apps\\shop", "D:\\mono\\packages\\x\\y.ts", "/mono/apps/shop", "/mono/packages/x/y.ts"],
  [
    "D:\\mono\\apps\\shop",
    "D:\\mono\\node_modules\\p-queue\\dist\\index.js",
    "/mono/apps/shop",
    "/mono/node_modules/p-queue/dist/index.js",
  ],
])("%s with %s has the name that it has elsewhere", (root, file, otherRoot, otherFile) => {
  const name = moduleName(root, file, win32);
  expect(name).toBe(moduleName(otherRoot, otherFile, posix));
  expect(name).not.toMatch(/[\\:]/);
});

test.each(["C:\\shop", "c:\\shop", "C:/shop/"])("globs of a root %s find its files", (root) => {
  const files = durableFiles(["src/workflows/**", "node_modules/p-queue/**"], root);
  for (const path of [
    "C:\\shop\\src\\workflows\\a.ts",
    "C:/shop/src/workflows/deep/a.ts",
    "c:/shop/src/workflows/a.ts",
  ])
    expect(files.included(path), path).toBe(true);
  expect(files.included("C:\\shop\\node_modules\\p-queue\\dist\\index.js")).toBe(true);
  expect(files.candidate("C:\\shop\\node_modules\\other\\index.js")).toBe(false);
  expect(files.included("D:\\shop\\src\\workflows\\a.ts")).toBe(false);
});

test("how lines end makes no difference to fingerprints, nor to the names of template strings", () => {
  const text = `"use durable";
import { sleep } from "perdure";
declare function tag(strings: TemplateStringsArray, ...values: unknown[]): string;
/* one
   two */
export async function letter(name: string) {
  const text = \`Dear \${name},
the end\`;
  const kept = tag\`first
second \${text}\`;
  await sleep(1);
  const later = () => {
    return kept + "\\
continued";
  };
  return later();
}
`;
  const of = (source: string) => {
    const { code, manifest } = transform(source, { fileName: "/shop/src/letter.ts", root: "/shop" });
    return [manifest?.codes, code?.match(/\$m\.template\("(\w+)"/)?.[1]];
  };
  const plain = of(text);
  expect(plain[0]).toHaveLength(2);
  expect(plain[1]).toBeDefined();
  const codes = (list: unknown) => JSON.parse(JSON.stringify(list, ["id", "fingerprint"]));
  for (const ends of ["\r\n", "\r"]) {
    const [found, name] = of(text.replaceAll("\n", ends));
    expect([codes(found), name]).toEqual([codes(plain[0]), plain[1]]);
  }
});
