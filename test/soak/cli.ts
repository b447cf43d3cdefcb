/** `npm run soak`: exit code 1 when a ledger is wrong or a run has not ended, 2 when it was asked for wrongly. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Settings, settingsOf, usage } from "./settings.ts";
import { type Report, soak } from "./soak.ts";

const SHOWN = 20;

function readSettings(): Settings {
  try {
    const settings = settingsOf(process.argv.slice(2));
    if (settings !== undefined) return settings;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

function summary({
  ended,
  seconds,
  kills,
  claims,
  takeovers,
  leasesLost,
  unsure,
  why,
  requests,
  repeated,
}: Report): string {
  const each = kills === 0 ? "" : `, one every ${(seconds / kills).toFixed(1)} s`;
  return [
    `${ended} runs ended in ${seconds.toFixed(0)} s (${(ended / seconds).toFixed(1)}/s)`,
    `${kills} workers killed${each}`,
    `${claims} claims, ${takeovers} of them of suspects; ${leasesLost} leases ran out while their workers lived`,
    ...(unsure === 0 ? [] : [`${unsure} starts went unanswered and were made again, the last because of ${why}`]),
    `${requests} requests to the services, ${repeated} of them repeated under the same key`,
  ].join("\n");
}

const settings = readSettings();
console.log(
  `${settings.runs} checkouts on ${settings.store}, ${settings.workers} workers, a kill every ${settings.killEvery} ms or so`,
);
const began = Date.now();
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Those of packages end this process before it has ended what it started.
  process.removeAllListeners(signal);
  process.on(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
}
const report = await soak(settings, {
  folder: dirname(fileURLToPath(import.meta.url)),
  tell: (text) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${text}`),
  signal: interrupted.signal,
});
console.log(summary(report));
for (const fault of report.faults.slice(0, SHOWN)) console.log(`✗ ${fault}`);
if (report.faults.length > SHOWN) console.log(`✗ and ${report.faults.length - SHOWN} more`);
if (report.faults.length === 0) console.log("✓ every ledger is right: nothing lost, nothing done twice under two keys");
process.exit(report.faults.length === 0 ? 0 : 1);
