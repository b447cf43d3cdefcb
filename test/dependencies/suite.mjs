/**
 * Runs a package's own tests against its code as it is, and against its code compiled as durable code:
 *
 *     git clone https://github.com/sindresorhus/p-map && (cd p-map && npm install)
 *     node test/dependencies/suite.mjs p-map [--show]
 *
 * The checkout stays as it is: both copies are made in its folder `.perdure`, from where its dependencies are found. Prints how many tests pass in each, and the names of
 * those that pass only natively; `--show` prints what the runners say. Ends with 1 when there are such.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { formatDiagnostic, transform } from "@perdure/transformer";

// One test at a time: many of them measure time.
const AVA = ["ava", "--tap", "--serial"];
const NODE = [process.execPath, "--import=tsx/esm", "--test", "--test-reporter=tap"];

/** What of a package is compiled, where its tests stand, and how they are run: with TAP, which names every test. */
const suites = {
  "p-limit": { sources: "index.js", tests: "test.js", run: AVA },
  "p-map": { sources: "index.js", tests: "test.js", run: AVA },
  "p-queue": { sources: "source", tests: "test", run: NODE },
  "p-retry": { sources: "index.js", tests: "test.js", run: AVA },
  "p-throttle": { sources: "index.js", tests: "tests", run: AVA },
  "p-timeout": { sources: "index.js", tests: "test.js", run: AVA },
};

/** Left out of the copies. */
const LEFT_OUT = new Set(["node_modules", ".git", ".perdure", "dist"]);

const [checkout, ...flags] = process.argv.slice(2);
if (checkout === undefined) throw new Error("usage: node test/dependencies/suite.mjs <checkout> [--show]");
const root = resolve(checkout);
const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const suite = suites[name];
if (suite === undefined) throw new Error(`no suite of ${name} is known, but of ${Object.keys(suites).join(", ")}`);

/** A file itself, or the files of a folder. */
const filesOf = (folder, path) =>
  /\.[jt]s$/.test(path)
    ? [path]
    : readdirSync(join(folder, path))
        .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith(".d.ts"))
        .map((file) => join(path, file));

function copy(to) {
  const folder = join(root, ".perdure", to);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(root))
    if (!LEFT_OUT.has(entry)) cpSync(join(root, entry), join(folder, entry), { recursive: true });
  return folder;
}

/** The runtime of this repository, which the checkout does not have. */
const withRuntime = (code) =>
  code.replace(
    /(["'])(perdure(?:\/[\w-]+)?)\1/g,
    (_, quote, specifier) => quote + import.meta.resolve(specifier) + quote,
  );

function compile(folder) {
  for (const file of filesOf(folder, suite.sources)) {
    const fileName = join(folder, file);
    const text = readFileSync(fileName, "utf8");
    const { code, diagnostics } = transform(text, { fileName, root: folder, include: true });
    const errors = diagnostics.filter((one) => one.severity === "error");
    if (errors.length > 0)
      throw new Error(errors.map((one) => formatDiagnostic(one, text, { root: folder })).join("\n"));
    writeFileSync(fileName, withRuntime(code ?? text));
  }
}

/** The names of the tests that pass, and of all. */
function run(folder) {
  const [command, ...args] = suite.run;
  const path = [join(root, "node_modules/.bin"), join(root, "../node_modules/.bin"), process.env.PATH].join(delimiter);
  const options = {
    cwd: folder,
    env: { ...process.env, PATH: path, NO_COLOR: "1" },
    maxBuffer: 2 ** 28,
    timeout: 600_000,
  };
  return new Promise((resolve) => {
    execFile(command, [...args, ...filesOf(folder, suite.tests)], options, (_error, stdout, stderr) => {
      if (flags.includes("--show")) process.stdout.write(`${stdout}${stderr}`);
      // Suites and files stand above their tests, and end with a plan.
      const lines = [...stdout.matchAll(/^ *(not ok|ok) \d+ - (.*?)(?: # (\w+).*)?$/gm)];
      const tests = lines.filter(([, , , directive]) => !/^(skip|todo)$/i.test(directive ?? ""));
      resolve({
        all: tests.length,
        passed: new Set(tests.filter(([, ok]) => ok === "ok").map(([, , title]) => title)),
      });
    });
  });
}

const native = await run(copy("native"));
const compiledFolder = copy("compiled");
compile(compiledFolder);
const compiled = await run(compiledFolder);
const lost = [...native.passed].filter((title) => !compiled.passed.has(title));
console.log(
  `${name}: ${native.passed.size} of ${native.all} pass natively, ${compiled.passed.size} of ${compiled.all} compiled`,
);
for (const title of lost) console.log(`  only natively: ${title}`);
process.exitCode = lost.length > 0 || native.passed.size === 0 ? 1 : 0;
