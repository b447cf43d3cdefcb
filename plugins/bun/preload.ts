/**
 * `bun --preload @perdure/plugins/bun/preload app.ts`, or `preload` in bunfig.toml: compiles durable modules as Bun loads them, with the default options. For others, put
 * `plugin(perdure({ … }))` into a file of your own, and name that.
 */
import { type PerdurePlugin, perdure } from "./index.ts";

(globalThis as unknown as { readonly Bun: { plugin(one: PerdurePlugin): void } }).Bun.plugin(perdure());
