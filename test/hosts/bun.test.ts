/** Bun, where `TEST_BUN` names its binary: as it loads files, and `Bun.build`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { execute, passes, printing } from "./app.ts";

const bun = process.env.TEST_BUN ?? "";

const build = `import { perdure } from "@perdure/plugins/bun";
await Bun.build({
  entrypoints: [process.argv[2]], outdir: "out", target: "bun", packages: "external", plugins: [perdure()],
});
`;

describe.runIf(bun !== "")("bun", () => {
  passes("bun --preload", {
    failsWhenRun: true,
    ownLines: true,
    open: async (folder, entry) =>
      printing(folder, bun, "--preload", "@perdure/plugins/bun/preload", join(folder, `src/${entry}.ts`)),
  });

  passes("Bun.build", {
    ownLines: true,
    async open(folder, entry) {
      writeFileSync(join(folder, "build.mjs"), build);
      const { all, failed } = await execute(folder, bun, ["build.mjs", `src/${entry}.ts`]);
      if (failed) throw new Error(all);
      return printing(folder, bun, join(folder, `out/${entry}.js`));
    },
  });
});
