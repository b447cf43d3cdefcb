// `npm run check:fresh -- [20.20.2 22 24] [--only demo|test]`: what a newcomer does. For each version of Node, clones the last
// commit into an empty folder, with an empty home directory, and runs the README's two commands there.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } });
const versions = positionals.length > 0 ? positionals : [process.versions.node, "22", "24"];
const commands = { demo: "npm ci && npm run demo", test: "npm ci && npm test" };

/** The folder that holds the `node` of a version; its binaries are ordinary packages. */
function nodeFolder(version, folder) {
  if (version === process.versions.node) return dirname(process.execPath);
  mkdirSync(folder, { recursive: true });
  const name = `node-${process.platform}-${process.arch}`;
  execFileSync("npm", ["install", "--no-save", "--prefix", folder, `${name}@${version}`], { stdio: "ignore" });
  return join(folder, "node_modules", name, "bin");
}

let failures = 0;
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), `perdure-fresh-${version}-`));
  // Run by root, the tests' Postgres is another user, who has to get in.
  chmodSync(folder, 0o755);
  const bin = nodeFolder(version, join(folder, "node"));
  for (const [name, command] of Object.entries(commands)) {
    if (values.only && values.only !== name) continue;
    const clone = join(folder, name);
    const home = join(folder, `${name}-home`);
    mkdirSync(home);
    execFileSync("git", ["clone", "--quiet", root, clone]);
    const { PATH, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE } = process.env;
    const env = {
      PATH: `${bin}:${PATH}`,
      HOME: home,
      ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
      ...(SSL_CERT_FILE && { SSL_CERT_FILE }),
    };
    const began = Date.now();
    try {
      execFileSync("bash", ["-c", `node --version && ${command}`], {
        cwd: clone,
        env,
        stdio: ["ignore", "inherit", "inherit"],
      });
      console.log(`✓ Node ${version}: ${command} (${Math.round((Date.now() - began) / 1000)} s)`);
    } catch {
      failures++;
      console.log(`✗ Node ${version}: ${command}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
