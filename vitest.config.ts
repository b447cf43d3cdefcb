import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * What takes longer: every host, every TypeScript, packed packages, processes that are killed, stores with servers under faults. `npm run test:long`.
 */
const long = [
  ...["command", "examples", "hosts", "packages"].map((folder) => `test/${folder}/**/*.test.ts`),
  "test/dependencies/hosts.test.ts",
  "test/dynamodb/{faults,killed-workers,preemption-whole}.test.ts",
  "test/engine/preemption-whole.test.ts",
  "test/platform/kill.test.ts",
  "test/real/kill.test.ts",
  "test/simulation/dynamodb.test.ts",
  "test/soak/soak.test.ts",
  "test/store/sealed.test.ts",
  "test/store/postgres/{differential,faults,killed-workers}.test.ts",
  "test/transactions/killed.test.ts",
];

export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === "long"
      ? { include: long }
      : {
          include: ["test/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...long],
          // Vitest leaves one processor free, which of two is half of the machine. The long suites start processes of their own.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        }),
    globalSetup: "scripts/compile-patterns.mjs",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    reporters: ["default", "./test/closing-line.ts"],
    // The packages are tested as they are shipped: built, and loaded once by Node itself.
    server: { deps: { external: [/\/dist\//] } },
  },
}));
