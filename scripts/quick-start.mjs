/**
 * `npm run check:quick-start`: follows docs/quick-start.md as a stranger does, in an empty folder, with the packages as they are published. Blocks that begin with a comment that
 * names a file are that file; `sh` blocks are run; a `text` block after one holds lines that it prints, in this order. The packages are installed from tarballs, since they
 * may not be published yet; everything else comes from the registry.
 *
 *   --keep   leaves the folder there, and says where
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packPackages } from "./packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "perdure-quick-start-"));
const tarballs = packPackages(join(folder, "packages"));
const document = readFileSync(join(root, "docs/quick-start.md"), "utf8");

/** Instead of a published package, its tarball, and that of the package that it depends on. */
const specifiers = {
  perdure: [tarballs.get("perdure")],
  "@perdure/plugins": [tarballs.get("@perdure/plugins"), tarballs.get("@perdure/transformer")],
};
const installed = (line) =>
  line.startsWith("npm install ")
    ? line
        .split(" ")
        .flatMap((word) => specifiers[word] ?? [word])
        .join(" ")
    : line;

let cwd = join(folder, "empty");
mkdirSync(cwd);
let output = "";

function run(text) {
  console.log(text.replace(/^/gm, "$ "));
  const script = `${text.split("\n").map(installed).join("\n")}\npwd >&3`;
  const place = join(folder, "pwd");
  try {
    output = execFileSync("bash", ["-ec", `exec 3>"${place}"\n${script}`], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", CI: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (failure) {
    throw new Error(`it failed:\n${failure.stdout}\n${failure.stderr}`);
  }
  cwd = readFileSync(place, "utf8").trim();
}

function expectLines(text) {
  let from = 0;
  for (const line of text.split("\n")) {
    const at = output.indexOf(line, from);
    if (at < 0) throw new Error(`it should have printed ${JSON.stringify(line)}, and printed:\n${output}`);
    from = at + line.length;
  }
  // What the worker says is said in full.
  const said = /^(charging|shipping|done)/;
  const lines = output.split("\n").filter((line) => said.test(line));
  if (said.test(text) && lines.join("\n") !== text)
    throw new Error(`it printed more than the page says:\n${lines.join("\n")}`);
  console.log(text.replace(/^/gm, "  "));
}

try {
  const began = Date.now();
  let files = 0;
  let commands = 0;
  for (const [, language, text] of document.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)) {
    const file = /^\/\/ (\S+\.\w+)\n/.exec(text)?.[1];
    if (language === "sh") {
      run(text);
      commands++;
    } else if (language === "text") expectLines(text);
    else if (file) {
      mkdirSync(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), `${text.slice(text.indexOf("\n") + 1)}\n`);
      files++;
    } else throw new Error(`what is this block?\n${text}`);
  }
  if (files < 5 || commands < 5) throw new Error("the page has lost its blocks");
  console.log(`✓ the quick start works (${Math.round((Date.now() - began) / 1000)} s)`);
} finally {
  if (process.argv.includes("--keep")) console.log(folder);
  else rmSync(folder, { recursive: true, force: true });
}
