/** The bundle of `fixtures/bad-input`, and what tests of it have in common. */
import { join } from "node:path";
import type { Engine } from "perdure";
import { lineOf, type Product, product, QUICK } from "../product.ts";

export type App = typeof import("../../fixtures/bad-input/app.ts");
export type Calls = readonly string[];

export const badInput = (): Promise<Product<App>> => product<App>("bad-input", "app");

let files = 0;
/** A fresh store file beside the bundle. */
export const storeFile = ({ folder }: Product<App>): string => join(folder, `runs-${++files}.db`);

/** `(programs.ts:12:`, as messages say where something stands. */
export const at = (file: string, text: string): string => `(${lineOf("bad-input", file, text)}:`;

/** An engine at work; `options` are those of `createEngine` beside the store. */
export function working(app: App, path: string, options: Partial<Parameters<App["createEngine"]>[0]> = {}): Engine {
  const engine = app.createEngine({ observe: () => {}, ...options, store: app.sqlite(path) });
  void engine.work(QUICK);
  return engine as Engine;
}
