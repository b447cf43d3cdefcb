import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "scripts/compile-patterns.mjs",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    reporters: ["default", "./test/closing-line.ts"],
    // The packages are tested as they are shipped: built, and loaded once by Node itself.
    server: { deps: { external: [/\/dist\//] } },
  },
});
